/**
 * Counts lines into pixels.
 *
 * A field is a piece of a picture, column by column. Each pixel has the number of lines through it and the sums of their
 * colours, so that a line is taken out as exactly as it was put in, and brushing costs only the lines that change.
 * Number and sums share two float64, exact for up to 262,144 lines through a pixel: two additions instead of four.
 */

import type { Rgb } from "./palette";

const RED = 2 ** 20;
const BLUE = 2 ** 26;
/** Colours are counted in 64 tones. */
const TONE = 255 / 63;
const QUARTERS = 4;
const SAMPLED = 3;
const BY_RED = 1 / RED;
const BY_BLUE = 1 / BLUE;

export interface Field {
  columns: number;
  rows: number;
  /** Number of lines + sum of red × 2²⁰. */
  first: Float64Array;
  /** Sum of green + sum of blue × 2²⁶. */
  second: Float64Array;
}

export function makeField(columns: number, rows: number): Field {
  const size = columns * rows;
  return { columns, rows, first: new Float64Array(size), second: new Float64Array(size) };
}

/** What one line adds to the pixels that it goes through. */
export function inkOf(colour: Rgb): readonly [number, number] {
  const [red, green, blue] = colour.map((part) => Math.round(part / TONE)) as [number, number, number];
  return [1 + red * RED, green + blue * BLUE];
}

/**
 * Adds a line from the field's left side to its right side. It covers in each column all rows that it crosses there, and
 * in quarters those that it touches. Rows outside of the field are cut off. `first` and `second` are its ink; negative
 * ones take the line out. All counts of a field are four times the number of lines.
 */
export function addLine(field: Field, from: number, to: number, first: number, second: number): void {
  const { columns, rows } = field;
  const slope = ((to - from) / columns) * QUARTERS;
  const most = rows * QUARTERS;
  const flat = Math.max(0, 1 - Math.abs(slope) / QUARTERS / 2) * (QUARTERS / 2);
  let start = from * QUARTERS;
  for (let column = 0; column < columns * rows; column += rows) {
    const end = start + slope;
    const top = Math.max(0, Math.round(Math.min(start, end) - flat));
    const bottom = Math.min(most, Math.max(Math.round(Math.max(start, end) + flat), top + 1));
    for (let quarter = top; quarter < bottom; ) {
      const next = Math.min(bottom, (quarter | 3) + 1);
      const pixel = column + (quarter >> 2);
      field.first[pixel] = (field.first[pixel] as number) + (next - quarter) * first;
      field.second[pixel] = (field.second[pixel] as number) + (next - quarter) * second;
      quarter = next;
    }
    start = end;
  }
}

/**
 * Adds a smooth line: in each column it is shared by the two rows that it lies between, in quarters. For lines that are
 * less steep than the field's pixels.
 */
export function addSmoothLine(field: Field, from: number, to: number, first: number, second: number): void {
  const { columns, rows } = field;
  const slope = (to - from) / columns;
  let place = Math.max(0, (from - 0.5) * QUARTERS);
  for (let start = 0; start < columns * rows; start += rows) {
    const row = (place >> 2) + start;
    const lower = place & 3;
    const upper = QUARTERS - lower;
    field.first[row] = (field.first[row] as number) + upper * first;
    field.second[row] = (field.second[row] as number) + upper * second;
    if (lower > 0) {
      field.first[row + 1] = (field.first[row + 1] as number) + lower * first;
      field.second[row + 1] = (field.second[row + 1] as number) + lower * second;
    }
    place += slope * QUARTERS;
  }
}

/** What is counted in a pixel on the mean, of those in which anything is. Every few columns tell. */
export function measureField({ first, rows, columns }: Field): number {
  let [sum, pixels] = [0, 0];
  for (let column = 0; column < columns; column += SAMPLED) {
    for (let pixel = column * rows; pixel < (column + 1) * rows; pixel++) {
      const one = first[pixel] as number;
      if (one < 1) continue;
      sum += one - Math.floor(one * BY_RED) * RED;
      pixels += 1;
    }
  }
  return sum / Math.max(1, pixels);
}

/** How opaque a pixel is by what is counted in it, from 0 to 255. One line shows; what `dense` and more has is opaque. */
export function toneTable(dense: number, weakest: number): Uint8Array {
  const tones = new Uint8Array(Math.ceil(dense) + 1);
  const tone = (count: number) => 255 * Math.min(1, weakest + (1 - weakest) * Math.sqrt(count / dense));
  for (let count = 0; count < tones.length; count++) {
    tones[count] = Math.round(count < QUARTERS ? (tone(QUARTERS) * count) / QUARTERS : tone(count));
  }
  return tones;
}

/** Writes a field over an image from column `left` on, in the mean colour of each pixel's lines. */
export function developField(field: Field, image: ImageData, left: number, tones: Uint8Array): void {
  const pixels = new Uint32Array(image.data.buffer);
  const { columns, rows, first, second } = field;
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) {
      const one = first[column * rows + row] as number;
      const pixel = row * image.width + left + column;
      pixels[pixel] = one < 1 ? 0 : meanColour(one, second[column * rows + row] as number, tones);
    }
  }
}

/** Little-endian RGBA, as all browsers' machines have it. */
function meanColour(one: number, two: number, tones: Uint8Array): number {
  const red = Math.floor(one * BY_RED);
  const count = one - red * RED;
  const blue = Math.floor(two * BY_BLUE);
  const green = two - blue * BLUE;
  const tone = TONE / count;
  const colour = ((blue * tone) << 16) | ((green * tone) << 8) | (red * tone);
  return (((tones[count] ?? 255) << 24) | colour) >>> 0;
}
