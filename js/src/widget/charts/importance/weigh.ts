/** Which params a metric depends on, in the runs that are shown. */

import type { Column, Frame, NumberColumn, RunMask } from "../frame";
import { runsIn } from "../masks";
import { makeScale } from "../scale";
import { binNumbers, explain } from "./forest";
import { rankCorrelation } from "./rank";

export interface Weight {
  column: Column;
  /** The part of the metric's variance that is lost when this param is shuffled. */
  importance: number;
  /** Spearman's rank correlation with the metric; null for texts, which have no order. */
  correlation: number | null;
}

export interface Weights {
  weights: Weight[];
  /** The part of the variance that all params explain together, never below 0. */
  explained: number;
  /** How many runs have the metric. */
  runs: number;
  /** Whether its logarithm is what is explained: that of a metric with a wide spread. */
  isLog: boolean;
}

/** More runs than this say the same and take longer. */
const MOST_RUNS = 2000;

export function weighParams(frame: Frame, metric: NumberColumn, shown: RunMask | null): Weights {
  const { kind, at } = makeScale(metric, "auto", shown);
  const all = runsIn(shown, frame.runs.ids.length).filter((run) => !Number.isNaN(at[run]));
  const every = Math.max(1, Math.ceil(all.length / MOST_RUNS));
  const runs = all.filter((_, at) => at % every === 0);
  const columns = frame.columns.filter((column) => column.kind === "param" && differs(column, runs));
  const values = Float64Array.from(runs, (run) => at[run] as number);
  const params = columns.map((column) => codesOf(column, runs));
  const { importance, explained } = explain(params.map(binNumbers), values);
  const weights = columns.map((column, at) => ({
    column,
    importance: importance[at] ?? 0,
    correlation: column.type === "text" ? null : correlate(column, runs, metric),
  }));
  return {
    weights: weights.sort((a, b) => b.importance - a.importance),
    explained: Math.max(0, explained),
    runs: all.length,
    isLog: kind === "log",
  };
}

function differs(column: Column, runs: readonly number[]): boolean {
  const valueIn = (run: number) =>
    column.type === "text" ? column.codes[run] : column.missing?.[run] === 1 ? null : column.values[run];
  return runs.some((run) => !Object.is(valueIn(run), valueIn(runs[0] ?? 0)));
}

/** Values as they stand on their axis, texts by the alphabet; what has no place there below all others. */
function codesOf(column: Column, runs: readonly number[]): Float64Array {
  const { at, laneOf } = makeScale(column, "linear", null);
  return Float64Array.from(runs, (run) => (Number.isNaN(at[run]) ? -1 - (laneOf[run] ?? 0) : (at[run] as number)));
}

function correlate(column: NumberColumn, runs: readonly number[], metric: NumberColumn): number | null {
  const both = runs.filter((run) => column.missing?.[run] !== 1 && Number.isFinite(column.values[run]));
  const take = ({ values }: NumberColumn) => both.map((run) => values[run] as number);
  const found = rankCorrelation(take(column), take(metric));
  return Number.isFinite(found) ? found : null;
}
