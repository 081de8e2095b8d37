/** What a comparison of runs and the kernel say to each other; what a notebook keeps of one has the same form. */

import type { BufferIndex } from "./protocol";

export interface ColumnMessage {
  kind: "detail" | "param" | "metric" | "tag";
  key: string;
  /** float64, one for each run; or int32 places in `texts`, -1 for a run without one. */
  values: BufferIndex;
  /** uint8, 1 for each run that has no number; null where all have one. */
  missing: BufferIndex | null;
  /** Each text once; null for numbers. */
  texts: string[] | null;
}

/** The history of a run's metric, thinned out with its extremes kept. */
export interface CurveMessage {
  /** Place among the runs that are compared. */
  run: number;
  key: string;
  /** float64 each, same length. Times are in milliseconds since 1970. */
  steps: BufferIndex;
  times: BufferIndex;
  values: BufferIndex;
  /** How many points the history has. */
  points: number;
}

export interface CompareData {
  run_ids: string[];
  columns: ColumnMessage[];
  /** Metrics with more than one point in some run. */
  histories: string[];
  /** How many runs were compared; more than `run_ids` where a notebook keeps some of them. */
  total: number;
  /** Columns that a notebook does not keep, as `params.text`. */
  left_out: string[];
  curves: CurveMessage[];
}

export type ChartName = "parallel" | "curves" | "scatter" | "contour" | "bars" | "importance" | "table";

/** What is shown at first; null chooses by what differs. */
export interface CompareView {
  charts: ChartName[];
  params: string[] | null;
  metrics: string[] | null;
  /** Id of the run that others are measured by. */
  baseline: string | null;
}

export interface CompareRequests {
  "compare.read": {
    data: Record<string, never>;
    reply: { data: CompareData; view: CompareView; gone: string[]; selected: string[] };
  };
  /** `runs` are ids; a run without the metric has no curve. */
  "compare.curves": {
    data: { metric: string; runs: string[]; points: number };
    reply: { curves: CurveMessage[] };
  };
  /** `waits`: functions of the user's are called when the running cell ends. */
  "compare.select": { data: { run_ids: string[] }; reply: { waits: boolean } };
  /** The model of a comparison of these runs, for a tab. */
  "compare.open": { data: { run_ids: string[] }; reply: { model_id: string } };
}

/**
 * `round` counts how often runs that go on were read again: where it is new, the data are. `gone` are runs that were
 * deleted since; `complaint` is why a function of the user's failed, or "".
 */
export type ComparePush = {
  kind: "compare.changed";
  data: { round: number; gone: string[]; selected: string[]; complaint: string };
};
