/** The lines of a chart of curves: one for each run, or for each group of runs. */

import type { ChartInput, Curve, Frame, RunMask } from "../frame";
import { mainMetric } from "../main-metric";
import type { CurvesOptions } from "../options";
import { groupRuns, type Line, meanCurve } from "./groups";
import { type Points, pointsOf, smooth } from "./points";

type Input = ChartInput<CurvesOptions>;

/** The metric that was chosen, else the main one, else the one that most runs have a history of. */
export function chooseMetric({ frame, options }: Pick<Input, "frame" | "options">): string | null {
  if (options.metric !== null) return options.metric;
  const main = mainMetric(frame)?.key;
  if (main !== undefined && frame.curves.some(({ key }) => key === main)) return main;
  const counts = new Map<string, number>();
  for (const { key } of frame.curves) counts.set(key, (counts.get(key) ?? 0) + 1);
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  return most?.[0] ?? null;
}

export function makeLines({ frame, options, shown }: Input, metric: string): Line[] {
  const curves = frame.curves.filter(
    ({ key, run, values }) => key === metric && shown?.[run] !== 0 && values.length > 0,
  );
  const points = new Map(curves.map((curve) => [curve.run, pointsOf(curve, options.across)]));
  const groups = groupRuns(frame, [...points.keys()], options.group);
  const lines = groups === null ? runLines(frame, curves, points) : groupLines(groups, points);
  return options.smoothing > 0 ? lines.map((line) => smoothLine(line, options.smoothing)) : lines;
}

function runLines({ runs }: Frame, curves: readonly Curve[], points: ReadonlyMap<number, Points>): Line[] {
  return curves.flatMap(({ run }) => {
    const own = points.get(run);
    return own === undefined ? [] : [{ label: runs.names[run] ?? "", runs: [run], points: own, raw: null, band: null }];
  });
}

function groupLines(groups: ReadonlyMap<string, number[]>, points: ReadonlyMap<number, Points>): Line[] {
  return [...groups].map(([label, runs]) => {
    const mean = meanCurve(runs.flatMap((run) => points.get(run) ?? []));
    return { label, runs, ...mean, raw: null };
  });
}

const smoothLine = (line: Line, weight: number): Line => ({
  ...line,
  raw: line.points,
  points: { x: line.points.x, y: smooth(line.points.y, Math.min(weight, 0.999)) },
});

export interface Extent {
  x: readonly [number, number];
  y: readonly [number, number];
  /** Lowest value above 0 in each direction, for logarithmic scales. */
  positive: readonly [number, number];
  /** Points whose value is NaN or infinite. */
  unplaced: number;
}

/** What all lines with their bands and raw values span. */
export function extentOf(lines: readonly Line[]): Extent {
  const [x, y] = [new Span(), new Span()];
  for (const { points, raw, band } of lines) {
    x.take(points.x);
    for (const values of [raw?.y ?? points.y, band?.low, band?.high]) if (values !== undefined) y.take(values);
  }
  return { x: [x.low, x.high], y: [y.low, y.high], positive: [x.positive, y.positive], unplaced: y.unplaced };
}

class Span {
  low = Number.POSITIVE_INFINITY;
  high = Number.NEGATIVE_INFINITY;
  positive = Number.POSITIVE_INFINITY;
  unplaced = 0;

  take(values: Float64Array): void {
    for (let at = 0; at < values.length; at++) {
      const value = values[at] as number;
      if (!Number.isFinite(value)) {
        this.unplaced += 1;
        continue;
      }
      if (value < this.low) this.low = value;
      if (value > this.high) this.high = value;
      if (value > 0 && value < this.positive) this.positive = value;
    }
  }
}

/** The line that a run is in. */
export const lineOf = (lines: readonly Line[], run: number) => lines.findIndex(({ runs }) => runs.includes(run));

/** A line stands out when one of its runs is selected. */
export const isMarked = ({ runs }: Line, selected: RunMask | null) =>
  selected === null || runs.some((run) => selected[run] === 1);
