/** What the widget and the kernel say to each other about differences between runs, and between a run and its notebook. */

import type { ChangedMetrics, RunBrief, TextChange } from "./run-protocol";

/** The difference was asked for again: what is shown of it may be old. */
export type DiffPush = { kind: "diff.stale" };

/** A side of a difference: a run, or the notebook as it is now. */
export interface DiffSide {
  run: RunBrief | null;
  name: string;
}

/**
 * Texts of a line; every second, beginning with the second, is another one on the other side. Null where the side does
 * not have the line.
 */
export type DiffLine = string[] | null;

/** A cell as the page has it, without its outputs. */
export interface NotebookCell {
  id: string;
  cell_type: string;
  source: string;
  metadata: Record<string, unknown>;
  /** Null where they are too large to be sent; then they are not compared. */
  attachments: Record<string, unknown> | null;
}

export interface CellDiff {
  /** `same` cells may have moved. */
  kind: "same" | "changed" | "added" | "removed";
  moved: boolean;
  /** 1-based positions in the notebooks. */
  before: number | null;
  after: number | null;
  cell_type: string;
  /** The source, where it is not different. */
  source: string;
  changed: ("source" | "type" | "metadata" | "attachments")[];
  lines: { kind: "same" | "changed" | "added" | "removed"; before: DiffLine; after: DiffLine }[];
  /** Whether the source or the lines were too long to be sent. */
  cut: boolean;
}

export interface Difference {
  same: boolean;
  before: DiffSide;
  after: DiffSide;
  params: TextChange[];
  metrics: ChangedMetrics;
  environment: TextChange[];
  packages: TextChange[];
  /** All cells in the order of the second side; null where a side kept no notebook, and `missing` says which. */
  cells: CellDiff[] | null;
  missing: string;
}

export interface DiffRequests {
  /**
   * An `after` that is "" is the notebook as it is now: as the page has it, or with "" for `path` as the kernel has it.
   * `cells` come after those that went ahead under the same `key`, which is "" where none did.
   */
  "diff.read": {
    data: { before: string; after: string; path: string; cells: NotebookCell[]; key: string };
    reply: { difference: Difference };
  };
  /** Cells of a notebook that is too large for one message. */
  "diff.cells": { data: { key: string; cells: NotebookCell[] }; reply: Record<string, never> };
  /** The model of a view of the difference, for a tab. */
  "diff.open": { data: { before: string; after: string }; reply: { model_id: string } };
  /** Runs of the same experiment that a run can be compared with, the newest first. */
  "diff.choices": { data: { run_id: string }; reply: { runs: RunBrief[] } };
}
