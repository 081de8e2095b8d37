/**
 * Many lines, counted into pixels.
 *
 * Up to `MANY` runs each line goes into the pixels of every gap between two axes. Beyond, runs are first counted by the
 * pair of places that they have on both sides of a gap, and each pair is drawn once: what a gap costs then no longer
 * depends on the number of runs. Either way only the runs that a brush lets in or out are counted anew.
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
const WEAKEST = 0.1;

interface Gap {
  left: number;
  columns: number;
  field: Field;
  from: Float32Array;
  to: Float32Array;
  /** Of pairs: their number and colours, as in a field. */
  pairs: Field | null;
}

export class Film {
  private gaps: Gap[] = [];
  private inks: (readonly [number, number])[] = [];
  /** Which runs are in the fields now. */
  private inside: RunMask = new Uint8Array(0);
  private sheet: HTMLCanvasElement | null = null;

  constructor(private readonly bundle: Bundle) {}

  /** Paints runs in their colours. */
  paint(context: CanvasRenderingContext2D, runs: RunMask | null): void {
    this.prepare();
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

  private prepare(): void {
    if (this.gaps.length > 0) return;
    this.inside = new Uint8Array(this.bundle.total);
    this.inks = this.bundle.colouring.table.map(inkOf);
    this.gaps = makeGaps(this.bundle);
  }

  /** Adds the runs that came and takes out those that went; starts anew where that is less. */
  private expose(runs: RunMask): void {
    let changed = 0;
    let stay = 0;
    for (let run = 0; run < runs.length; run++) {
      changed += (runs[run] as number) ^ (this.inside[run] as number);
      stay += runs[run] as number;
    }
    if (changed > stay) this.clear();
    for (const gap of this.gaps) this.exposeGap(gap, runs);
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

  private exposeGap(gap: Gap, runs: RunMask): void {
    const { inside, inks } = this;
    const { codes } = this.bundle.colouring;
    const add = gap.pairs === null ? addLine : addPair;
    const target = gap.pairs ?? gap.field;
    for (let run = 0; run < runs.length; run++) {
      const change = (runs[run] as number) - (inside[run] as number);
      if (change === 0) continue;
      const ink = inks[codes[run] as number] as readonly [number, number];
      add(target, gap.from[run] as number, gap.to[run] as number, change * ink[0], change * ink[1]);
    }
    if (gap.pairs !== null) drawPairs(gap.pairs, gap.field);
  }

  private develop(): ImageData {
    const [first] = this.gaps;
    const rows = first?.field.rows ?? 1;
    const image = new ImageData(
      Math.max(
        1,
        this.gaps.reduce((sum, { columns }) => sum + columns, 0),
      ),
      rows,
    );
    for (const { field, left } of this.gaps) developField(field, image, left, tonesOf(field));
    return image;
  }

  /** A coarse image is stretched smoothly, as its counts are means over several pixels. */
  private place(context: CanvasRenderingContext2D, image: ImageData): void {
    const { axes, top, height } = this.bundle.layout;
    const [left, right] = [axes[0]?.x ?? 0, axes.at(-1)?.x ?? 0];
    this.sheet ??= document.createElement("canvas");
    [this.sheet.width, this.sheet.height] = [image.width, image.height];
    this.sheet.getContext("2d")?.putImageData(image, 0, 0);
    context.drawImage(this.sheet, left, top, right - left, height);
  }
}

/** Pixels with this many times the mean number of lines are opaque. */
const DENSE = 4;

function tonesOf(field: Field): Uint8Array {
  const { most, sum, pixels } = measureField(field);
  return toneTable(most, Math.max(1, (DENSE * sum) / Math.max(1, pixels)), WEAKEST);
}

const allRuns = ({ shown, total }: Bundle) => shown ?? new Uint8Array(total).fill(1);

function makeGaps(bundle: Bundle): Gap[] {
  const { axes, height } = bundle.layout;
  const isMany = countRuns(bundle.shown, bundle.total) > MANY;
  const rows = isMany ? BINS : Math.ceil(height);
  const places = axes.map(({ y }) => scaleTo(y, rows / height, rows));
  let left = 0;
  return axes.slice(1).map((axis, index) => {
    const width = axis.x - (axes[index]?.x ?? 0);
    const columns = Math.max(1, isMany ? Math.ceil(width / COARSE) : width);
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

function drawPairs(pairs: Field, field: Field): void {
  field.first.fill(0);
  field.second.fill(0);
  for (let from = 0; from < pairs.columns; from++) {
    for (let to = 0; to < pairs.rows; to++) {
      const one = pairs.first[from * pairs.rows + to] as number;
      if (one > 0) addSmoothLine(field, from + 0.5, to + 0.5, one, pairs.second[from * pairs.rows + to] as number);
    }
  }
}
