/**
 * Many lines, counted into pixels.
 *
 * Up to `MANY` runs each line goes into the pixels of every gap between two axes. Beyond, runs are first counted by the
 * pair of places that they have on both sides of a gap, and each pair is drawn once: what a gap costs then has a bound
 * that does not depend on the number of runs. Either way only the runs that a brush lets in or out are counted anew,
 * and only the pairs that they change are drawn.
 */

import { countRuns, type RunMask } from "../frame";
import type { Rgb } from "../palette";
import { addLine, addSmoothLine, developField, type Field, inkOf, makeField, measureField, toneTable } from "../raster";
import type { Bundle } from "./lines";

const MANY = 5000;
/** Places that pairs are counted by; a denser grid takes more time and shows the same. */
const BINS = 128;
/** Pixels of the picture for each column of a field of pairs. */
const COARSE = 2;
/** The fewest columns between two axes: with less, steep lines would fall into pieces. */
const FINE = BINS / 2;
const WEAKEST = 0.1;

interface Gap {
  left: number;
  columns: number;
  field: Field;
  from: Float32Array;
  to: Float32Array;
  /** Of pairs: how many runs each has more than are drawn, and their colours, as in a field. */
  pairs: Field | null;
}

/** What one line of each colour adds to the pixels that it goes through. */
interface Inks {
  first: Float64Array;
  second: Float64Array;
}

export class Film {
  private gaps: Gap[] = [];
  private inks: Inks = { first: new Float64Array(0), second: new Float64Array(0) };
  /** Which runs are in the fields now. */
  private inside: RunMask = new Uint8Array(0);
  private image: ImageData | null = null;
  private sheet: HTMLCanvasElement | null = null;

  constructor(private readonly bundle: Bundle) {}

  /** Paints runs in their colours. */
  paint(context: CanvasRenderingContext2D, runs: RunMask | null): void {
    this.prepare(context.getTransform().a);
    this.expose(runs ?? allRuns(this.bundle));
    this.place(context, this.develop());
  }

  /** Paints all runs that are shown in one colour. */
  paintAll(context: CanvasRenderingContext2D, colour: Rgb): void {
    this.paint(context, this.bundle.shown);
    const { a, d, e, f } = context.getTransform();
    context.save();
    context.globalCompositeOperation = "source-in";
    context.fillStyle = `rgb(${colour.join(",")})`;
    context.fillRect(-e, -f, context.canvas.width / a, context.canvas.height / d);
    context.restore();
  }

  private prepare(pixels: number): void {
    if (this.gaps.length > 0) return;
    this.inside = new Uint8Array(this.bundle.total);
    this.inks = inksOf(this.bundle.colouring.table);
    this.gaps = makeGaps(this.bundle, pixels);
  }

  /** Adds the runs that came and takes out those that went; starts anew where that is less. */
  private expose(runs: RunMask): void {
    let changed = changedRuns(this.inside, runs);
    if (changed.length > countRuns(runs, runs.length)) {
      this.clear();
      changed = changedRuns(this.inside, runs);
    }
    for (const gap of this.gaps) this.exposeGap(gap, changed, runs);
    this.inside = runs.slice();
  }

  private clear(): void {
    this.inside.fill(0);
    for (const { field, pairs } of this.gaps) {
      for (const cleared of [field, pairs]) {
        cleared?.first.fill(0);
        cleared?.second.fill(0);
      }
    }
  }

  private exposeGap({ field, pairs, from, to }: Gap, changed: Int32Array, runs: RunMask): void {
    const { first, second } = this.inks;
    const { codes } = this.bundle.colouring;
    const add = pairs === null ? addLine : addPair;
    const target = pairs ?? field;
    for (let index = 0; index < changed.length; index++) {
      const run = changed[index] as number;
      const code = codes[run] as number;
      const change = runs[run] === 1 ? 1 : -1;
      const ink = change * (first[code] as number);
      add(target, from[run] as number, to[run] as number, ink, change * (second[code] as number));
    }
    if (pairs !== null) drawPairs(pairs, field);
  }

  private develop(): ImageData {
    const columns = this.gaps.reduce((sum, gap) => sum + gap.columns, 0);
    this.image ??= new ImageData(Math.max(1, columns), this.gaps[0]?.field.rows ?? 1);
    for (const { field, left } of this.gaps) developField(field, this.image, left, tonesOf(field));
    return this.image;
  }

  /** A coarse image is stretched smoothly, as its counts are means over several pixels. */
  private place(context: CanvasRenderingContext2D, image: ImageData): void {
    const { axes, top, height } = this.bundle.layout;
    const [left, right] = [axes[0]?.x ?? 0, axes.at(-1)?.x ?? 0];
    this.sheet ??= document.createElement("canvas");
    if (this.sheet.width !== image.width) this.sheet.width = image.width;
    if (this.sheet.height !== image.height) this.sheet.height = image.height;
    this.sheet.getContext("2d")?.putImageData(image, 0, 0);
    context.drawImage(this.sheet, left, top, right - left, height);
  }
}

/** Pixels with this many times the mean number of lines are opaque, and never less than one line is. */
const DENSE = 2.5;
const LEAST = 4;

const tonesOf = (field: Field) => toneTable(Math.max(LEAST, DENSE * measureField(field)), WEAKEST);

const allRuns = ({ shown, total }: Bundle) => shown ?? new Uint8Array(total).fill(1);

/** `pixels` is how many of the screen's one of the picture's has. */
function makeGaps(bundle: Bundle, pixels: number): Gap[] {
  const { axes, height } = bundle.layout;
  const isMany = countRuns(bundle.shown, bundle.total) > MANY;
  const rows = isMany ? BINS : Math.ceil(height * pixels);
  const gaps = axes.slice(1).map((axis, index) => axis.x - (axes[index]?.x ?? 0));
  const density = isMany ? Math.max(1 / COARSE, FINE / Math.max(1, Math.min(...gaps))) : pixels;
  const places = axes.map(({ y }) => scaleTo(y, rows / height, rows));
  let left = 0;
  return gaps.map((width, index) => {
    const columns = Math.max(1, Math.ceil(width * density));
    const [from, to] = [places[index], places[index + 1]] as [Float32Array, Float32Array];
    const gap = {
      left,
      columns,
      field: makeField(columns, rows),
      from,
      to,
      pairs: isMany ? makeField(BINS, BINS) : null,
    };
    left += columns;
    return gap;
  });
}

const scaleTo = (y: Float32Array, factor: number, rows: number) =>
  y.map((place) => Math.min(Math.max(place * factor, 0), rows - 0.01));

function addPair({ rows, first, second }: Field, from: number, to: number, one: number, two: number): void {
  const pair = (from | 0) * rows + (to | 0);
  first[pair] = (first[pair] as number) + one;
  second[pair] = (second[pair] as number) + two;
}

/** Draws the pairs that changed, which are then as they are drawn. */
function drawPairs({ rows, first, second }: Field, field: Field): void {
  for (let pair = 0; pair < first.length; pair++) {
    const one = first[pair] as number;
    const two = second[pair] as number;
    if (one === 0 && two === 0) continue;
    addSmoothLine(field, Math.floor(pair / rows) + 0.5, (pair % rows) + 0.5, one, two);
    first[pair] = second[pair] = 0;
  }
}

function inksOf(table: readonly Rgb[]): Inks {
  const inks = table.map(inkOf);
  return {
    first: Float64Array.from(inks, ([first]) => first),
    second: Float64Array.from(inks, ([, second]) => second),
  };
}

/** The runs that are in one of both masks only. */
function changedRuns(before: RunMask, now: RunMask): Int32Array {
  const found = new Int32Array(now.length);
  let count = 0;
  for (let run = 0; run < now.length; run++) if (now[run] !== before[run]) found[count++] = run;
  return found.subarray(0, count);
}
