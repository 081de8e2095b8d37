/**
 * What the labextension and the kernel say to each other about a notebook, over the comm target `trackside`.
 * The kernel's side is `src/trackside/widgets/host.py`; examples in `tests/protocol/host.*.json` hold both to it.
 *
 * One comm per notebook panel and kernel. The panel's runs do not travel here: they have the widget's own comm.
 */

import type { Requests } from "../widget/protocol";

export interface LiveCell {
  cell_type: "code" | "markdown" | "raw";
  source: string;
  metadata: Record<string, unknown>;
}

/** The notebook as the front end has it now, unsaved edits included. */
export interface NotebookSync {
  kind: "notebook.sync";
  /** Path from the server's root, with `/`. */
  path: string;
  /** `metadata.trackside.id`, or null where the notebook has none yet. */
  notebook_id: string | null;
  /** Notebook metadata without `widgets`. */
  metadata: Record<string, unknown>;
  /** Ids of all cells, in notebook order. */
  order: string[];
  /** The cells that changed since the last message (all of them in the first). */
  cells: Record<string, LiveCell>;
  /** Ids of the cells whose execution was asked for just now. */
  scheduled: string[];
}

/** Asks for the sidebar's widget. */
export interface PanelOpen {
  kind: "panel.open";
  /**
   * Asks for a new widget, because the page does not know the one there is: after a reload it learns of the kernel's
   * widgets only when the running cell has ended, but of one that is made now at once.
   */
  fresh?: boolean;
}

/** Asks for what the widget shows, pushed to it: its own requests wait for the running cell where `fresh` was needed. */
interface PanelPush {
  kind: "panel.push";
}

/** Asks for the view of a run, for a tab that is there from before the page was loaded or the kernel started. */
export interface RunOpen {
  kind: "run.open";
  run_id: string;
  /** As that of `PanelOpen`. */
  fresh?: boolean;
}

/** Asks for the notebook of a run, or with a path for the one that lies there among its files. */
export interface RevisionRead {
  kind: "revision.read";
  run_id: string;
  path: string;
}

export type ToKernel = NotebookSync | PanelOpen | PanelPush | RunOpen | RevisionRead;

/** Why something was not done. */
interface Failure {
  message: string;
  hint: string;
}

export type FromKernel =
  | { kind: "panel.ready"; model_id: string }
  | ({ kind: "panel.failed" } & Failure)
  | { kind: "run.ready"; run_id: string; model_id: string }
  | ({ kind: "run.failed"; run_id: string } & Failure)
  | ({ kind: "revision.ready"; run_id: string; path: string } & Requests["revision.read"]["reply"])
  | ({ kind: "revision.failed"; run_id: string; path: string } & Failure)
  /** The notebook's first run started: keep this id in `metadata.trackside.id`. */
  | { kind: "notebook.identify"; notebook_id: string }
  /** `%track sidebar` was run. */
  | { kind: "panel.reveal" };
