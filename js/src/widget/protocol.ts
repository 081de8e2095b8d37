/**
 * What the widget and the kernel say to each other, each message once. The kernel's side is
 * `src/trackside/widgets/bridge.py`; examples in `tests/protocol/*.json` hold both to it.
 *
 * The widget sends a request with an id of its own; the kernel answers with a reply of the same id, or pushes
 * a message without one. Numbers travel in binary buffers beside the JSON; `BufferIndex` says in which.
 * Times are milliseconds since 1970-01-01 UTC.
 */

import type { CompareRequests } from "./compare-protocol";
import type { DiffRequests } from "./diff-protocol";
import type { ReproduceRequests } from "./reproduce-protocol";
import type { RunRequests } from "./run-protocol";

/** Position in the list of binary buffers that came with the message. */
export type BufferIndex = number;

export type RunStatus = "RUNNING" | "SCHEDULED" | "FINISHED" | "FAILED" | "KILLED";

/** Where the process is that made a run; `ended` of one that goes on no more. */
type Maker = "ended" | "here" | "elsewhere" | "gone" | "unknown";

export interface Fault {
  /** Name of the error's class without "Error", such as `RunNotFound`; `Internal` for a fault of Trackside itself. */
  code: string;
  message: string;
  hint: string;
}

/** A text that may have been cut for the list; the details of the run have it whole. */
export interface CutText {
  text: string;
  cut: boolean;
}

/** What is wrong with a filter or an order, and where: `position` and `length` count as JavaScript does in `text`. */
export interface FilterFault extends Fault {
  text: string;
  position: number;
  length: number;
}

/** Which runs, in which order, in the words of `trackside.search_runs`. */
export interface RunsQuery {
  filter: string;
  /** As `metrics.acc DESC`; without any, newest first. */
  order: string[];
  state: RunsState;
  /** Ids of experiments, or null for the one that the notebook's next run goes to. */
  experiments: string[] | null;
}

export type RunsState = "active" | "deleted" | "all";

/** Which runs hide those below them: all but `except`, or none but these. */
export interface Fold {
  all: boolean;
  except: string[];
}

/** The lines that are sent: those in sight, and some around them. */
export interface Window {
  offset: number;
  /** At most 1000. */
  limit: number;
  /** The window moves along with this run, which was on this line when it was last seen. */
  anchor: { run_id: string; line: number } | null;
}

/** A run on a line of the list. */
export interface RunRow {
  run_id: string;
  experiment_id: string;
  name: string;
  status: RunStatus;
  state: "active" | "deleted";
  deleted_time: number | null;
  user: string;
  start_time: number | null;
  end_time: number | null;
  parent_run_id: string | null;
  /** How deep it stands below other runs of the list. */
  depth: number;
  /** How many runs stand directly below it, or would if it were not folded. */
  children: number;
  is_folded: boolean;
  /** False where the filter does not find the run, but one below it. */
  is_found: boolean;
  is_starred: boolean;
  maker: Maker;
  /** Whether a notebook revision can be opened. */
  has_revision: boolean;
  source_name: string;
  source_type: string;
  /** First line of the note, or "". */
  note: string;
  /** First line of what ended the run, such as "ValueError: no samples", or "". */
  error: string;
  /** Those of the columns, in their order; without chosen columns a few of its own, telling ones first. */
  params: { key: string; value: CutText }[];
  /** Those of the columns, in their order. */
  tags: { key: string; value: CutText }[];
}

/** Latest values of the listed runs' metrics, column by column. */
interface MetricColumns {
  keys: string[];
  /** float64, column-major: `keys.length` columns of `rows.length` values. */
  values: BufferIndex;
  /** uint8, same order: 1 where the run has the metric. */
  present: BufferIndex;
}

interface Curve {
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

export interface LeftOut {
  patch: boolean;
  modules: number;
  attachments: number;
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
    /** What was too large to be kept with the run: some changes against the commit, modules, attachments. */
    left_out: LeftOut;
    /** The page of the commit, and of the project's default branch, where the hosting site is known; or "". */
    commit_page: string;
    project_page: string;
  };
  error: { type: string; message: string } | null;
  artifact_uri: string;
}

export interface RunsSnapshot {
  /** `waiting` is how much is kept on this machine because the store cannot take it now. */
  store: { uri: string; fault: Fault | null; waiting: number };
  /** The one that the notebook's next run goes to. `id` is null while the experiment does not exist: it is made by the first run. */
  experiment: { id: string | null; name: string };
  notebook: string;
  /** Whether requests are answered while a cell runs. */
  answers_while_busy: boolean;
  /** What is wrong with the filter or the order; there are no rows then. */
  query_fault: FilterFault | null;
  /** Those whose runs are shown; a name is "" where the experiment is not there any more. */
  experiments: { id: string | null; name: string }[];
  /** How many runs are found. */
  total: number;
  /** How many lines the list has: runs found and those above them, without what is folded. */
  lines: number;
  /** The line of the first of `rows`. */
  offset: number;
  /** What the columns show, named as in an order: those asked for, or what tells the runs apart. */
  columns: string[];
  rows: RunRow[];
  metrics: MetricColumns;
  /** Details of the runs that were asked for in `open` and are still there. */
  details: RunDetail[];
  /** The lines of the runs in `details`; null for one that is not in the list. */
  open_lines: (number | null)[];
}

export interface ArtifactEntry {
  path: string;
  is_dir: boolean;
  size: number | null;
}

/** A text that can stand at a place of a filter. */
export interface FilterOption {
  text: string;
  kind: "field" | "operator" | "value" | "word";
}

export interface RunGroup {
  /** Without a value where the runs do not have the field. */
  values: { field: string; value: CutText | null }[];
  count: number;
  /** Finds these runs among those that were grouped. */
  filter: string;
}

/** Groups, largest first, with mean and standard deviation of those of the columns that are metrics. */
export interface RunGroups {
  /** How many runs were grouped; at most 5,000 are. */
  runs: number;
  /** How many groups there are; `groups` has at most 500. */
  groups_found: number;
  groups: RunGroup[];
  metrics: string[];
  /** float64, column-major: `metrics.length` columns of `groups.length` values; NaN where there is none. */
  means: BufferIndex;
  deviations: BufferIndex;
}

/** What the list asks for besides runs. */
interface ListRequests {
  /** What is wrong with a filter, and what can take the place of the characters from `start` to `end` of it. */
  "filter.help": {
    data: { filter: string; caret: number; query: RunsQuery };
    reply: { fault: FilterFault | null; start: number; end: number; options: FilterOption[] };
  };
  /** What the newest runs have, most frequent first, named as in an order. */
  "names.list": { data: { query: RunsQuery }; reply: { metrics: string[]; params: string[]; tags: string[] } };
  /**
   * Curves of at most 40 points, of those of the metrics that have more than one point: all one behind the other in two
   * float64 columns. `left` are runs for which there was no time.
   */
  "curves.read": {
    data: { run_ids: string[]; keys: string[] };
    reply: {
      left: string[];
      curves: { run_id: string; key: string; points: number }[];
      steps: BufferIndex;
      values: BufferIndex;
    };
  };
  /** The runs on the lines from one to another of the list that this page watches. */
  "runs.between": { data: { start: string; end: string }; reply: { run_ids: string[] } };
  /** The runs that a query finds by what they have in common: the values of `fields`, or of all params but these. */
  "runs.group": {
    data: { query: RunsQuery; fields: string[]; all_but: boolean; columns: string[] };
    reply: RunGroups;
  };
  /** The experiments of the store, those that changed last first. */
  "experiments.list": {
    data: Record<string, never>;
    reply: { experiments: { id: string; name: string; notebook: string; time: number | null }[] };
  };
  /** Another store for this notebook, as `trackside.set_tracking_uri` sets it; "" goes back to the default. */
  "store.set": { data: { uri: string }; reply: Record<string, never> };
}

export interface Requests
  extends ActionRequests,
    CompareRequests,
    DiffRequests,
    ListRequests,
    ReproduceRequests,
    RunRequests {
  /** Sets what this view shows from now on; `runs.changed` pushes the same again when it changes. */
  "runs.watch": {
    data: { query: RunsQuery; fold: Fold; window: Window; columns: string[] | null; open: string[] };
    reply: RunsSnapshot;
  };
  /** Nothing is pushed to this page any more, until it asks again. */
  "runs.leave": { data: Record<string, never>; reply: Record<string, never> };
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

/** What came of a change of several runs. */
export interface RunsOutcome {
  /** The runs that were changed, descendants included. */
  done: string[];
  refused: { run_id: string; fault: Fault }[];
}

/** What people do with one run or with many. */
interface ActionRequests {
  /** All that a query finds, up to 10,000, whether or not they are in sight. */
  "runs.ids": { data: { query: RunsQuery }; reply: { run_ids: string[]; total: number } };
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
  /** Each run gets the name that stands in its place. */
  "runs.rename": { data: { run_ids: string[]; names: string[] }; reply: RunsOutcome };
  /** A file beside the notebook, or with `download` its content; `path` is its name or where it lies. */
  "runs.csv": {
    data: { run_ids: string[]; download: boolean };
    reply: { path: string; content: BufferIndex | null };
  };
  "tags.set": { data: { run_ids: string[]; key: string; value: string }; reply: RunsOutcome };
  "tags.delete": { data: { run_ids: string[]; key: string }; reply: RunsOutcome };
  /** The whole note, in Markdown. */
  "note.read": { data: { run_id: string }; reply: { text: string } };
  /** Where the tracking server shows the run, or "". */
  "run.page": { data: { run_id: string }; reply: { url: string } };
  /** Stops the cell that runs, where the page cannot do it. */
  "kernel.interrupt": { data: Record<string, never>; reply: Record<string, never> };
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

/** Comes before the reply where a store takes its time: the kernel has the request, and is at work on it. */
export type Begun = { id: string; begun: true };

/** `client` is the part before `:` of the ids of the page that it is for, or "" before any page asked. */
export type Push = { kind: "runs.changed"; client: string; data: RunsSnapshot };
