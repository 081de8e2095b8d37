/** Curves of runs that belong together, as one line with a band. */

import { type Column, type Frame, findColumn } from "../frame";
import { formatValue } from "../values";
import { firstAt, type Points } from "./points";

/** What is drawn as one line: a run, or a group of runs with the band that they span. */
export interface Line {
  label: string;
  runs: readonly number[];
  points: Points;
  /** Before smoothing; null where nothing is smoothed. */
  raw: Points | null;
  /** Lowest and highest at each point. */
  band: { low: Float64Array; high: Float64Array } | null;
}

/** How many places a group's line has at most. */
const PLACES = 500;

/** Runs by the text of a column's value. */
export function groupRuns(frame: Frame, runs: readonly number[], id: string | null): Map<string, number[]> | null {
  const column = findColumn(frame, id);
  if (column === undefined) return null;
  const groups = new Map<string, number[]>();
  for (const run of runs) {
    const label = `${column.key} = ${formatValue(column as Column, run)}`;
    groups.set(label, [...(groups.get(label) ?? []), run]);
  }
  return groups;
}

/** The mean of curves and what they span, where at least one of them is. Between points curves are straight. */
export function meanCurve(curves: readonly Points[]): Pick<Line, "points" | "band"> {
  const x = placesOf(curves);
  const [sum, count] = [new Float64Array(x.length), new Float64Array(x.length)];
  const [low, high] = [new Float64Array(x.length).fill(Number.NaN), new Float64Array(x.length).fill(Number.NaN)];
  for (const curve of curves) {
    x.forEach((place, index) => {
      const value = valueAt(curve, place);
      if (!Number.isFinite(value)) return;
      sum[index] = (sum[index] as number) + value;
      count[index] = (count[index] as number) + 1;
      if (!((low[index] as number) <= value)) low[index] = value;
      if (!((high[index] as number) >= value)) high[index] = value;
    });
  }
  return { points: { x, y: sum.map((total, index) => total / (count[index] as number)) }, band: { low, high } };
}

/** All places that curves have, or evenly spread ones where they are many. */
function placesOf(curves: readonly Points[]): Float64Array {
  const all = new Set<number>();
  for (const { x } of curves) {
    for (const place of x) all.add(place);
    if (all.size > PLACES) return evenPlaces(curves);
  }
  return Float64Array.from(all).sort();
}

function evenPlaces(curves: readonly Points[]): Float64Array {
  const low = Math.min(...curves.map(({ x }) => x[0] ?? Number.POSITIVE_INFINITY));
  const high = Math.max(...curves.map(({ x }) => x.at(-1) ?? Number.NEGATIVE_INFINITY));
  return Float64Array.from({ length: PLACES }, (_, index) => low + ((high - low) * index) / (PLACES - 1));
}

/** NaN outside of the curve. */
export function valueAt({ x, y }: Points, place: number): number {
  const after = firstAt(x, place);
  if (x[after] === place) return y[after] as number;
  if (after === 0 || after === x.length) return Number.NaN;
  const [start, end] = [x[after - 1] as number, x[after] as number];
  const part = (place - start) / (end - start);
  return (y[after - 1] as number) * (1 - part) + (y[after] as number) * part;
}
