/**
 * What charts draw, and what a chart is.
 *
 * A chart is made in an element of the page from a frame, and lives there until it is destroyed. It knows nothing of the
 * widget around it: which runs are shown, selected and hovered comes in with `update` and goes out as events, so that
 * whoever hosts several charts keeps them together. Colours and fonts are read from the element's CSS variables.
 *
 * A run is known by its place in the frame. A set of runs is a mask: one byte for each run, 1 where it is in.
 */

import type { Direction } from "../directions";

export type { Direction };

/** One byte for each run of the frame, 1 where the run is in the set. */
export type RunMask = Uint8Array;

export interface Frame {
  runs: Runs;
  columns: readonly Column[];
  /** Metric histories; empty where only last values are known. */
  curves: readonly Curve[];
  /** Id of the metric that matters most, where somebody said so. */
  main?: string | null;
}

/** Ids and names, in the same order; names need not be unique. */
interface Runs {
  ids: readonly string[];
  names: readonly string[];
}

export type ColumnKind = "metric" | "param" | "tag" | "attribute";

export type Column = NumberColumn | TextColumn;

interface ColumnHead {
  /** Unique in the frame, as the filter writes it: `metrics.loss`, `params.lr`. Options name columns by it. */
  id: string;
  /** What people see: `loss`. */
  key: string;
  kind: ColumnKind;
}

export interface NumberColumn extends ColumnHead {
  type: "number";
  /** One for each run. NaN, `Infinity` and `-Infinity` are what was logged, except where `missing` is 1. */
  values: Float64Array;
  /** 1 where the run has no such metric or param; null where every run has it. */
  missing: RunMask | null;
  /** Which way is better; null where nobody knows. */
  direction: Direction | null;
  /** Whether the numbers are times in milliseconds since 1970. */
  isTime?: boolean;
}

export interface TextColumn extends ColumnHead {
  type: "text";
  /** For each run a place in `texts`, or -1 where the run has none. */
  codes: Int32Array;
  /** Each text once. */
  texts: readonly string[];
}

/** The history of one metric of one run, in the order of its points. Values may be NaN or infinite. */
export interface Curve {
  /** The run's place in the frame. */
  run: number;
  /** The metric's key, without `metrics.`. */
  key: string;
  steps: Float64Array;
  /** Milliseconds since 1970. */
  times: Float64Array;
  values: Float64Array;
}

/** What is drawn now. Charts never write to masks they are given, and give away only fresh ones. */
export interface ChartInput<Options> {
  frame: Frame;
  options: Options;
  /** Runs that are drawn at all; null is all of them. */
  shown: RunMask | null;
  /** Runs that stand out; null where nothing is selected. */
  selected: RunMask | null;
  /** The run under the pointer or the keyboard's focus, here or in another chart. */
  hovered: number | null;
  /** Where the pointer is across, in another chart of curves: a step, a time, or milliseconds since the start. */
  crosshair?: number | null;
}

/** What people do in a chart. The chart has shown it already; the host only passes it on and keeps it. */
export interface ChartEvents<Options> {
  onSelect?: (selected: RunMask | null) => void;
  onHover?: (run: number | null) => void;
  /** Curves only: where the pointer is across, for the other charts of curves with the same kind of axis. */
  onCrosshair?: (at: number | null) => void;
  /** Keep and Exclude change which runs are shown, Restore shows all. */
  onShow?: (shown: RunMask | null) => void;
  /** Axes were moved, turned, removed or brushed, a scale or a zoom changed. The options as they are now, fit for JSON. */
  onOptions?: (options: Options) => void;
  /** A run is asked for: Enter or a double click. */
  onOpen?: (run: number) => void;
}

export interface Chart<Options> {
  /** Draws what changed; what is not named stays as it is. */
  update(change: Partial<ChartInput<Options>>): void;
  /** Fits the chart to its element and reads the theme again. A change of the element's width is noticed by itself. */
  resize(): void;
  /** The picture as it is, with colours written into it, for files and for pages without scripts. */
  toSvg(): string;
  destroy(): void;
}

export type CreateChart<Options> = (
  host: HTMLElement,
  input: ChartInput<Options>,
  events?: ChartEvents<Options>,
) => Chart<Options>;

/** How many runs a mask holds; `null` holds all. */
export function countRuns(mask: RunMask | null, total: number): number {
  if (mask === null) return total;
  let count = 0;
  for (let run = 0; run < mask.length; run++) count += mask[run] as number;
  return count;
}

/** The column that options name, or undefined where runs do not have it (any more). */
export function findColumn(frame: Frame, id: string | null | undefined): Column | undefined {
  return frame.columns.find((column) => column.id === id);
}
