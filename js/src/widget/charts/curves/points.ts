/** The points of curves: where they are across, fewer of them, smoother ones. */

import type { Curve } from "../frame";
import type { Across } from "../options";

/** Points along a curve, from left to right. */
export interface Points {
  x: Float64Array;
  y: Float64Array;
}

/** Places across: steps, times, or milliseconds since the curve's first point. Points in disorder are sorted. */
export function pointsOf(curve: Curve, across: Across): Points {
  const x = across === "step" ? curve.steps : across === "time" ? curve.times : sinceStart(curve.times);
  if (isSorted(x)) return { x, y: curve.values };
  const order = Array.from(x.keys()).sort((a, b) => (x[a] as number) - (x[b] as number));
  return { x: pick(x, order), y: pick(curve.values, order) };
}

function pick(values: Float64Array, places: readonly number[]): Float64Array {
  const picked = new Float64Array(places.length);
  for (let at = 0; at < places.length; at++) picked[at] = values[places[at] as number] as number;
  return picked;
}

function sinceStart(times: Float64Array): Float64Array {
  const start = times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY);
  return times.map((time) => time - start);
}

function isSorted(values: Float64Array): boolean {
  for (let index = 1; index < values.length; index++) {
    if ((values[index] as number) < (values[index - 1] as number)) return false;
  }
  return true;
}

/**
 * The lowest and the highest point of each of `columns` equal parts from `low` to `high`, in their order, and the curve's
 * ends, so that drawn at that width the curve looks as with all points and no peak is lost. Values that are not finite are
 * NaN in what is given back, and leave a gap. The points just outside are kept, so that lines reach the edges.
 */
export function thin({ x, y }: Points, low: number, high: number, columns: number): Points {
  const [start, end] = [Math.max(0, firstAt(x, low) - 1), Math.min(x.length, firstAfter(x, high) + 1)];
  if (end - start <= columns * 3) return { x: x.slice(start, end), y: finite(y.subarray(start, end)) };
  const kept = new Kept(x, y);
  const factor = high > low ? columns / (high - low) : 0;
  for (let index = start; index < end; index++) kept.add(index, Math.floor(((x[index] as number) - low) * factor));
  return kept.finish();
}

const finite = (values: Float64Array) => values.map((value) => (Number.isFinite(value) ? value : Number.NaN));

/** Collects the points of one part after the other. */
class Kept {
  private readonly places: number[] = [];
  private part = Number.NaN;
  private first = -1;
  private last = -1;
  private lowest = -1;
  private highest = -1;
  private gap = -1;

  constructor(
    private readonly x: Float64Array,
    private readonly y: Float64Array,
  ) {}

  add(index: number, part: number): void {
    if (part !== this.part) {
      this.close();
      this.part = part;
      this.first = this.lowest = this.highest = this.gap = -1;
    }
    const value = this.y[index] as number;
    if (!Number.isFinite(value)) {
      this.gap = index;
      return;
    }
    if (this.first < 0) this.first = this.lowest = this.highest = index;
    if (value < (this.y[this.lowest] as number)) this.lowest = index;
    if (value > (this.y[this.highest] as number)) this.highest = index;
    this.last = index;
  }

  finish(): Points {
    this.close();
    if (this.last > (this.places.at(-1) ?? -1)) this.places.push(this.last);
    return { x: pick(this.x, this.places), y: finite(pick(this.y, this.places)) };
  }

  private close(): void {
    if (this.first < 0) {
      if (this.gap >= 0) this.places.push(this.gap);
      return;
    }
    const [one, other] = this.lowest < this.highest ? [this.lowest, this.highest] : [this.highest, this.lowest];
    for (const place of this.places.length === 0 ? [this.first, one, other] : [one, other]) {
      if (place > (this.places.at(-1) ?? -1)) this.places.push(place);
    }
  }
}

/** The first place whose value is at least `value`. */
export function firstAt(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

const firstAfter = (sorted: Float64Array, value: number) => {
  const at = firstAt(sorted, value);
  return at < sorted.length && sorted[at] === value
    ? firstAt(sorted, value + Math.max(Math.abs(value) * 1e-15, 5e-324))
    : at;
};

/**
 * An exponential moving average without the pull towards 0 at its start. `weight` is how much of what came before goes
 * into a point. Values that are not finite are left out of the mean and stay as they are.
 */
export function smooth(values: Float64Array, weight: number): Float64Array {
  let [mean, total] = [0, 0];
  return values.map((value) => {
    if (!Number.isFinite(value)) return value;
    mean = mean * weight + value * (1 - weight);
    total = total * weight + (1 - weight);
    return mean / total;
  });
}
