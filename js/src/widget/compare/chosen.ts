/** Which params and metrics are looked at: chosen by people, asked for in Python, or those that differ. */

import type { Column, Frame } from "../charts/frame";
import { mainMetric } from "../charts/main-metric";
import type { CompareView } from "../compare-protocol";
import { MOST_CURVES } from "./curve-fetcher";
import { textOf } from "./data";
import type { CompareState } from "./state";

/** How many columns of each kind there are at first. */
const MOST = 8;
/** More different texts than that tell nothing side by side. */
const MOST_TEXTS = 50;

/** Columns that can be chosen. */
export const choosable = (frame: Frame): Column[] =>
  frame.columns.filter(({ kind }) => kind === "param" || kind === "metric" || kind === "tag");

export function chosenColumns(frame: Frame, view: CompareView, chosen: ReadonlySet<string> | null): Column[] {
  if (chosen !== null) return choosable(frame).filter(({ id }) => chosen.has(id));
  const params = pick(frame, "param", view.params);
  return [...params, ...pick(frame, "metric", view.metrics)];
}

/** The frame with these columns only; what tells runs apart otherwise stays. The first metric asked for is the main one. */
export function frameOf(frame: Frame, columns: readonly Column[], view: CompareView): Frame {
  const attributes = frame.columns.filter(({ kind }) => kind === "attribute");
  const main = view.metrics?.[0];
  return { ...frame, columns: [...attributes, ...columns], main: main === undefined ? null : `metrics.${main}` };
}

/** Metrics that a curve can be drawn of, the main one first. */
export const curveKeys = ({ compared }: CompareState, frame: Frame): string[] => {
  const histories = compared.value?.histories ?? [];
  const shown = histories.filter((key) => frame.columns.some((column) => column.id === `metrics.${key}`));
  const main = mainMetric(frame)?.key;
  const keys = shown.length > 0 ? shown : histories;
  return [...keys.filter((key) => key === main), ...keys.filter((key) => key !== main)];
};

/** The runs whose curves of a metric are drawn: all that are shown; of very many, the selected first. */
export function curveRuns(state: CompareState, metric: string): { runs: number[]; all: number } {
  const [shown, selected] = [state.shown.value, state.selected.value];
  const column = state.frame.columns.find(({ id }) => id === `metrics.${metric}`);
  const missing = column?.type === "number" ? column.missing : null;
  const all = [...state.frame.runs.ids.keys()].filter((run) => shown?.[run] !== 0 && !missing?.[run]);
  if (all.length <= MOST_CURVES) return { runs: all, all: all.length };
  const first = all.filter((run) => selected?.[run] === 1);
  const rest = all.filter((run) => selected?.[run] !== 1);
  return { runs: [...first, ...rest].slice(0, MOST_CURVES), all: all.length };
}

function pick(frame: Frame, kind: Column["kind"], keys: readonly string[] | null): Column[] {
  const own = frame.columns.filter((column) => column.kind === kind);
  if (keys !== null) return keys.flatMap((wanted) => own.filter(({ key }) => key === wanted));
  const differing = own.filter((column) => differs(column, frame));
  const telling = differing.filter((column) => column.type === "number" || column.texts.length <= MOST_TEXTS);
  const found = telling.length > 0 ? telling : differing.length > 0 ? differing : own;
  return found.slice(0, MOST);
}

function differs(column: Column, { runs }: Frame): boolean {
  const first = textOf(column, 0);
  return runs.ids.some((_, run) => textOf(column, run) !== first);
}
