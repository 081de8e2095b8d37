/**
 * Paints lines of very many points, column by column of the screen's pixels.
 *
 * In each column a line covers what it passes there, from its highest to its lowest place, with soft ends. A canvas
 * strokes each of its segments instead, which takes ten times as long and looks the same.
 */

import type { Rgb } from "../palette";
import type { Plane } from "../plane";
import type { Points } from "./points";

export class Ink {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and opacity of each pixel, row by row. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  private readonly pixels: Uint32Array;
  /** In each column the highest and the lowest place of a line. */
  private readonly high: Float32Array;
  private readonly low: Float32Array;

  /** A sheet for a part of a picture; `scale` is how many of the screen's pixels one of the picture's has. */
  constructor(
    private readonly place: Plane,
    private readonly scale: number,
  ) {
    this.width = Math.max(1, Math.round((place.right - place.left) * scale));
    this.height = Math.max(1, Math.round((place.bottom - place.top) * scale));
    this.data = new Uint8ClampedArray(this.width * this.height * 4);
    this.pixels = new Uint32Array(this.data.buffer);
    this.high = new Float32Array(this.width);
    this.low = new Float32Array(this.width);
  }

  add(points: Points, thickness: number, colour: Rgb, opacity: number): void {
    this.high.fill(Number.POSITIVE_INFINITY);
    this.low.fill(Number.NEGATIVE_INFINITY);
    this.trace(points);
    this.cover((thickness * this.scale) / 2, colour, opacity);
  }

  paint(context: CanvasRenderingContext2D): void {
    const sheet = document.createElement("canvas");
    [sheet.width, sheet.height] = [this.width, this.height];
    sheet.getContext("2d")?.putImageData(new ImageData(this.data, this.width), 0, 0);
    const { left, right, top, bottom } = this.place;
    context.drawImage(sheet, left, top, right - left, bottom - top);
  }

  /** Walks along the line; a place that is no number leaves a gap. */
  private trace({ x, y }: Points): void {
    const { left, top } = this.place;
    let [fromX, fromY] = [Number.NaN, Number.NaN];
    for (let index = 0; index < x.length; index++) {
      const toX = ((x[index] as number) - left) * this.scale;
      const toY = ((y[index] as number) - top) * this.scale;
      if (Number.isNaN(fromY)) this.reach(Math.floor(toX), toY);
      else if (!Number.isNaN(toY)) this.pass(fromX, fromY, toX, toY);
      fromX = toX;
      fromY = toY;
    }
  }

  private pass(fromX: number, fromY: number, toX: number, toY: number): void {
    const [first, last] = [Math.floor(fromX), Math.floor(toX)];
    this.reach(first, fromY);
    this.reach(last, toY);
    const slope = (toY - fromY) / (toX - fromX);
    const end = Math.min(last, this.high.length);
    for (let column = Math.max(first + 1, 0); column <= end; column++) {
      const edge = fromY + (column - fromX) * slope;
      this.reach(column - 1, edge);
      this.reach(column, edge);
    }
  }

  private reach(column: number, y: number): void {
    if (y < (this.high[column] as number)) this.high[column] = y;
    if (y > (this.low[column] as number)) this.low[column] = y;
  }

  private cover(half: number, colour: Rgb, opacity: number): void {
    const { width, height, pixels } = this;
    const solid = solidOf(colour);
    for (let column = 0; column < width; column++) {
      const top = Math.max(0, (this.high[column] as number) - half);
      const bottom = Math.min(height, (this.low[column] as number) + half);
      for (let row = Math.floor(top); row < bottom; row++) {
        const part = opacity * (Math.min(row + 1, bottom) - Math.max(row, top));
        if (part === 1) pixels[row * width + column] = solid;
        else this.blend(row * width + column, colour, part);
      }
    }
  }

  /** Lays a colour over a pixel. */
  private blend(pixel: number, [red, green, blue]: Rgb, opacity: number): void {
    const { data } = this;
    const at = pixel * 4;
    const below = ((data[at + 3] as number) / 255) * (1 - opacity);
    const whole = opacity + below;
    const part = opacity / whole;
    data[at] = (data[at] as number) * (1 - part) + red * part;
    data[at + 1] = (data[at + 1] as number) * (1 - part) + green * part;
    data[at + 2] = (data[at + 2] as number) * (1 - part) + blue * part;
    data[at + 3] = whole * 255;
  }
}

/** A colour as a pixel of an image. */
const solidOf = (colour: Rgb): number => new Uint32Array(Uint8Array.of(...colour, 255).buffer)[0] as number;
