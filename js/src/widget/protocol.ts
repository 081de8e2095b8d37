/**
 * What the widget and the kernel say to each other, each message once. The kernel's side is
 * `src/trackside/widgets/bridge.py`; examples in `tests/protocol/*.json` hold both to it.
 *
 * The widget sends a request with an id of its own; the kernel answers with a reply of the same id, or pushes
 * a message without one. Numbers travel in binary buffers beside the JSON; `BufferIndex` says in which.
 * Times are milliseconds since 1970-01-01 UTC.
 */

/** Position in the list of binary buffers that came with the message. */
export type BufferIndex = number;

export type RunStatus = "RUNNING" | "SCHEDULED" | "FINISHED" | "FAILED" | "KILLED";

export interface Fault {
  /** Name of the error's class without "Error", such as `RunNotFound`; `Internal` for a fault of Trackside itself. */
  code: string;
  message: string;
  hint: string;
}

/** A text that may have been cut for the list; `run.read` gives it whole. */
export interface CutText {
  text: string;
  cut: boolean;
}

export interface RunRow {
  run_id: string;
  experiment_id: string;
  name: string;
  status: RunStatus;
  user: string;
  start_time: number | null;
  end_time: number | null;
  parent_run_id: string | null;
  /** Whether a notebook revision can be opened. */
  has_revision: boolean;
  source_name: string;
  source_type: string;
  /** First line of the note, or "". */
  note: string;
  /** In the order of logging where it is known, else by key; at most `columns` of them. */
  params: { key: string; value: CutText }[];
}

/** Latest values of the listed runs' metrics, column by column. */
export interface MetricColumns {
  keys: string[];
  /** float64, column-major: `keys.length` columns of `rows.length` values. */
  values: BufferIndex;
  /** uint8, same order: 1 where the run has the metric. */
  present: BufferIndex;
}

export interface Curve {
  /** float64 each, same length, by step; at most 200 points, extremes kept. */
  steps: BufferIndex;
  values: BufferIndex;
}

export interface MetricDetail {
  key: string;
  step: number;
  timestamp: number;
  /** How many points the history has. */
  points: number;
  curve: Curve | null;
}

export interface RunDetail {
  run_id: string;
  params: { key: string; value: string }[];
  metrics: MetricDetail[];
  /** float64, the latest value of each of `metrics`. */
  metric_values: BufferIndex;
  /** Tags people set; `system_tags` are those that start with `mlflow.` or `trackside.`. */
  tags: { key: string; value: string }[];
  system_tags: { key: string; value: string }[];
  note: string;
  source: {
    name: string;
    type: string;
    entry_point: string;
    git_commit: string;
    git_branch: string;
    git_remote: string;
    git_dirty: boolean | null;
    /** SHA-256 of the notebook revision, or "". */
    revision: string;
  };
  error: { type: string; message: string } | null;
  artifact_uri: string;
}

export interface RunsSnapshot {
  store: { uri: string; fault: Fault | null };
  /** `id` is null while the experiment does not exist: it is made by the first run. */
  experiment: { id: string | null; name: string };
  notebook: string;
  /** Whether requests are answered while a cell runs. */
  answers_while_busy: boolean;
  total: number;
  rows: RunRow[];
  metrics: MetricColumns;
  /** Details of the runs that were asked for in `open` and are still there. */
  details: RunDetail[];
}

export interface ArtifactEntry {
  path: string;
  is_dir: boolean;
  size: number | null;
}

export interface Requests extends ActionRequests {
  /** Sets what this view shows from now on; `runs.changed` pushes the same again when it changes. */
  "runs.watch": {
    data: { limit: number; open: string[] };
    reply: RunsSnapshot;
  };
  "run.rename": { data: { run_id: string; name: string }; reply: Record<string, never> };
  "tag.set": { data: { run_id: string; key: string; value: string }; reply: Record<string, never> };
  "tag.delete": { data: { run_id: string; key: string }; reply: Record<string, never> };
  "artifacts.list": { data: { run_id: string; path: string }; reply: { entries: ArtifactEntry[] } };
  "artifact.read": {
    data: { run_id: string; path: string };
    reply: { content: BufferIndex };
  };
  /** `notebook` is the revision in nbformat 4, as a JSON text. */
  "revision.read": {
    data: { run_id: string };
    reply: { notebook: string; file_name: string; run_name: string; start_time: number | null };
  };
}

export type RequestKind = keyof Requests;

export interface Request<K extends RequestKind = RequestKind> {
  id: string;
  kind: K;
  data: Requests[K]["data"];
}

export type Reply<K extends RequestKind = RequestKind> =
  | { id: string; reply: Requests[K]["reply"] }
  | { id: string; fault: Fault };

export type Push = { kind: "runs.changed"; data: RunsSnapshot };
/** What came of a change of several runs. */
export interface RunsOutcome {
  /** The runs that were changed, descendants included. */
  done: string[];
  refused: { run_id: string; fault: Fault }[];
}

/** What people do with one run or with many. */
export interface ActionRequests {
  /** How many descendants the runs have, themselves not counted; in the trash or in use. */
  "descendants.count": { data: { run_ids: string[]; deleted: boolean }; reply: { count: number } };
  "runs.delete": { data: { run_ids: string[]; descendants: boolean }; reply: RunsOutcome };
  "runs.restore": { data: { run_ids: string[]; descendants: boolean }; reply: RunsOutcome };
  /** `bytes` of artifacts; `left` says where artifacts stay because the place is not the store's own. */
  "runs.purge": {
    data: { run_ids: string[]; dry_run: boolean };
    reply: RunsOutcome & { bytes: number; left: string[] };
  };
  /** Ends runs as FAILED that stayed RUNNING because what made them is gone. */
  "runs.close": { data: { run_ids: string[] }; reply: RunsOutcome };
  /** A file beside the notebook, or with `download` its content; `path` is its name or where it lies. */
  "runs.csv": {
    data: { run_ids: string[]; download: boolean };
    reply: { path: string; content: BufferIndex | null };
  };
  "tags.set": { data: { run_ids: string[]; key: string; value: string }; reply: RunsOutcome };
  "tags.delete": { data: { run_ids: string[]; key: string }; reply: RunsOutcome };
  /** Where the tracking server shows the run, or "". */
  "run.page": { data: { run_id: string }; reply: { url: string } };
  /** Stops the cell that runs, where the page cannot do it. */
  "kernel.interrupt": { data: Record<string, never>; reply: Record<string, never> };
}

