/** What the view of one run and the kernel say to each other, and what both views ask about a run. */

import type { ModelRequests } from "./models-protocol";
import type { PartName } from "./parts";
import type { BufferIndex, CutText, Fault, RunDetail, RunRow, RunStatus } from "./protocol";

/** A run as others mention it. */
export interface RunBrief {
  run_id: string;
  name: string;
  status: RunStatus;
  start_time: number | null;
  end_time: number | null;
}

/** What stands at the head of a run: a row as lists have it. */
export type RunHead = RunRow;

/** `deleted`: the run is in the trash; `gone`: there is no such run, or the store cannot be read. */
type RunStage = "active" | "deleted" | "gone";

export interface RunSnapshot {
  store: { uri: string; fault: Fault | null };
  experiment: { id: string | null; name: string };
  answers_while_busy: boolean;
  stage: RunStage;
  head: RunHead | null;
  detail: RunDetail | null;
  /** The runs that started before and after, in the same experiment and below the same parent. */
  previous: RunBrief | null;
  next: RunBrief | null;
  parent: RunBrief | null;
}

/** Null on the side that does not have it. */
export interface TextChange {
  key: string;
  before: CutText | null;
  after: CutText | null;
}

export interface ChangedMetrics {
  keys: string[];
  /** float64, one for each key. */
  before: BufferIndex;
  after: BufferIndex;
  /** uint8, one for each key: 1 where only the first side has it, 2 where only the second does, 3 where both do. */
  sides: BufferIndex;
}

export interface RunChanges {
  previous: RunBrief;
  params: TextChange[];
  metrics: ChangedMetrics;
  /** Null where one of the runs does not say. */
  code_changed: boolean | null;
  environment_changed: boolean | null;
  packages: TextChange[];
}

export interface Environment {
  python: string;
  executable: string;
  kernelspec: string;
  system: string;
  machine: string;
  cpu: string;
  cpu_count: number | null;
  memory_bytes: number | null;
  gpus: string[];
  packages: { key: string; value: string }[];
}

/** The beginning of a table, each value as a text. */
export interface ArtifactTable {
  columns: string[];
  rows: string[][];
  total_columns: number;
  /** Null where the rows were not counted. */
  total_rows: number | null;
}

export interface RunRequests extends ModelRequests {
  /** What the run's commit changed, as `git show` has it. */
  "commit.read": { data: { run_id: string }; reply: { text: string } };
  /** Part of a file, to download it; empty and without a size while the file is on its way to the kernel. */
  "artifact.chunk": {
    data: { run_id: string; path: string; offset: number };
    reply: { content: BufferIndex; size: number | null };
  };
  /** The beginning of a CSV, TSV or Parquet file. */
  "artifact.table": { data: { run_id: string; path: string }; reply: ArtifactTable };
  /** A part of the front end that is fetched when it is needed, compressed with gzip. */
  "part.read": { data: { name: PartName }; reply: { content: BufferIndex } };
  /** Sets which run this view shows from now on; `run.changed` pushes the same again when it changes. */
  "run.watch": { data: { run_id: string }; reply: RunSnapshot };
  /** Nobody looks at this view any more. */
  "run.leave": { data: Record<string, never>; reply: Record<string, never> };
  /** The model of a view of the run, for a tab. */
  "run.open": { data: { run_id: string }; reply: { model_id: string } };
  /**
   * What changed since the previous run, and the run that this one reproduces; null where there is none. The verdict is
   * that of `Verification`, or "".
   */
  "run.changes": {
    data: { run_id: string };
    reply: { changes: RunChanges | null; reproduces: RunBrief | null; verdict: string };
  };
  "run.children": { data: { run_id: string }; reply: { children: RunBrief[]; total: number } };
  "run.environment": { data: { run_id: string }; reply: { environment: Environment | null } };
}

export type RunPush = { kind: "run.changed"; data: RunSnapshot };
