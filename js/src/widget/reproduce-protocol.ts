/**
 * What the dialog that reproduces a run and the kernel say to each other. The kernel's side is
 * `src/trackside/widgets/reproduce_requests.py`; examples in `tests/protocol/reproduce` hold both to it.
 *
 * `reproduce.plan` fails where nothing can be cloned: the revision is damaged, or none was kept and git has none.
 */

import type { BufferIndex, Fault, LeftOut } from "./protocol";
import type { RunBrief } from "./run-protocol";

/** Where the notebook is taken from: the run's revision, or its git commit where no revision was kept. */
interface CloneSource {
  kind: "revision" | "commit";
  /** SHA-256 of the revision, or the commit. */
  version: string;
}

/**
 * What the clone runs in: the interpreter of the run, which still has the same libraries (`original`); an environment
 * that was made before for the same Python and libraries (`shared`); one that has to be made (`new`); or the default
 * kernel, because the run recorded no environment (`unknown`).
 */
export type EnvironmentWay = "original" | "shared" | "new" | "unknown";

export interface PythonChoice {
  /** What `reproduce.start` is told: the interpreter's path, or the version to download. */
  id: string;
  /** Such as `3.11.7`. */
  version: string;
  way: "found" | "download";
  /** Whether it is the version that the run had. */
  is_exact: boolean;
}

/** A line of what is installed. */
export interface Library {
  /** Normalised; "" for a line that is an option. */
  name: string;
  version: string;
  /** As the installer gets it. */
  line: string;
  /** `invalid`: will not be installed, whatever is ticked. */
  origin: "index" | "url" | "path" | "option" | "invalid";
  /** Only installed if the line is among `allowed` of `reproduce.start`. */
  needs_tick: boolean;
  /** Why it is invalid, or "". */
  reason: string;
}

export interface ReproducePlan {
  run: RunBrief;
  source: CloneSource;
  /** Absolute path on the kernel's machine. */
  folder: string;
  /** The same of the Jupyter server's root; null where that is not known. */
  server_root: string | null;
  /** Why the clone cannot go to `folder`, or null. */
  folder_fault: Fault | null;
  /** What will be written, below `folder`; the notebook first. */
  files: string[];
  /** Those of them that a kernel beside them runs as soon as it starts; written only if they are among `allowed`. */
  shadows: string[];
  /** The original's store, to which the clone's runs go too; "" where its code or its kernel says where. */
  runs_in: string;
  /** What was too large to be kept with the run, so that the clone lacks it. */
  left_out: LeftOut;
  environment: EnvironmentWay;
  /** The kernel that exists already: of `original` and `shared` environments; or "". */
  kernel: string;
  /** Why not the original environment, in words; "" where it is. */
  reason: string;
  /** `environment.json` of the run, or "". */
  specification: string;
  /** The run's Python, such as `3.11.7`, or "". */
  python: string;
  /** The best first, which is taken where the user chooses nothing; empty where a new environment cannot be made. */
  pythons: PythonChoice[];
  /** Why the run's Python is not among them, in words; "" where it is. */
  python_fault: string;
  /** What installs: `uv`, or `pip` (slower). */
  installer: "uv" | "pip";
  libraries: Library[];
}

export type StepName = "read" | "python" | "environment" | "libraries" | "kernel" | "notebook" | "run" | "compare";

export interface Step {
  name: StepName;
  state: "waiting" | "running" | "done" | "failed" | "cancelled";
  /** Such as the version that was found, or "". */
  note: string;
}

/** What the clone became. */
export interface Reproduction {
  folder: string;
  /** Absolute path of the cloned notebook. */
  notebook: string;
  /** The same from the Jupyter server's root, with `/`; null where it lies outside or the root is not known. */
  server_path: string | null;
  /** Name of the kernel to start it on; "" for the one that the notebook names itself. */
  kernel: string;
  /** Libraries of the run that the environment does not have. */
  left_out: string[];
}

interface ReproduceFault extends Fault {
  /** Where these are left out (`without`), starting again may succeed. */
  libraries: string[];
}

/** How the clone's run compares with the original. */
export interface Verification {
  /** `failed`: a cell failed; `no-run`: the clone ran and logged no run to this store. */
  verdict: "same" | "different" | "failed" | "no-run";
  /** The new run, or null. */
  run_id: string | null;
  /** What failed, or "". */
  error: string;
  params: { key: string; before: string | null; after: string | null; is_same: boolean }[];
  metrics: {
    keys: string[];
    /** float64, one for each key. */
    before: BufferIndex;
    after: BufferIndex;
    /** float64: relative tolerance. */
    tolerances: BufferIndex;
    /** uint8, one for each key: 1 where only the original has it, 2 where only the clone has it, 3 where both do. */
    sides: BufferIndex;
    /** uint8, one for each key: 1 where the values, and all points before them, are the same within the tolerance. */
    same: BufferIndex;
    /** float64: of all points the greatest relative difference, and the step where it is. */
    worst: BufferIndex;
    worst_step: BufferIndex;
    /** float64: how many points each has. */
    points_before: BufferIndex;
    points_after: BufferIndex;
  };
  /** The runs below both. */
  nested: NestedVerification[];
  /** What else there is to know of the comparison, in sentences. */
  notes: string[];
  /** Why results may differ, the likeliest first; empty where they are the same. */
  reasons: { kind: VerifyReason; text: string }[];
  /** Artifact of the new run that tells the same as a page, or "". */
  report: string;
}

export interface NestedVerification {
  name: string;
  /** Ids; null where only the other run has it. */
  before: string | null;
  after: string | null;
  is_same: boolean;
  /** Some of the keys that differ, and how many there are. */
  differing: string[];
  count: number;
}

type VerifyReason = "time" | "seed" | "libraries" | "python" | "data" | "code" | "threads" | "hardware" | "order";

export interface ReproduceJob {
  id: string;
  run: RunBrief;
  state: "running" | "done" | "failed" | "cancelled";
  steps: Step[];
  /** The last 200 lines. */
  log: string[];
  started_time: number;
  ended_time: number | null;
  /** Set as soon as the clone can be opened; verification goes on after that. */
  outcome: Reproduction | null;
  fault: ReproduceFault | null;
  verification: Verification | null;
}

export interface ReproduceOptions {
  run_id: string;
  folder: string;
  /** False: only the notebook is cloned. */
  environment: boolean;
  /** False: an environment without the run's libraries (only what a kernel needs). */
  libraries: boolean;
  /** Lines of libraries, and files, that need a tick and got one. */
  allowed: string[];
  /** Names of libraries to go on without. */
  without: string[];
  /** `id` of a `PythonChoice`, or "" for the best. */
  python: string;
  /** Agrees that the notebook comes from git where no revision was kept. */
  from_commit: boolean;
  verify: boolean;
  /** Relative difference of metrics that counts as the same; `1e-6` where nothing is asked for. */
  tolerance: number;
  /** By metric. */
  tolerances: Record<string, number>;
}

export interface ReproduceRequests {
  /** `folder` null: propose one. */
  "reproduce.plan": { data: { run_id: string; folder: string | null }; reply: ReproducePlan };
  /** Asks the package index in the background; `reproduce.checked` tells what it said. */
  "reproduce.check": { data: { run_id: string }; reply: Record<string, never> };
  "reproduce.start": { data: ReproduceOptions; reply: { job: string } };
  /** Stops a job; nothing half-made stays. */
  "reproduce.cancel": { data: { job: string }; reply: Record<string, never> };
  /** Those of this kernel, the latest first: how a page finds them again after a reload. */
  "reproduce.jobs": { data: Record<string, never>; reply: { jobs: ReproduceJob[] } };
}

/** Both go to every view of this kernel. */
export type ReproducePush =
  | { kind: "reproduce.changed"; data: ReproduceJob }
  | {
      kind: "reproduce.checked";
      data: {
        run_id: string;
        /** Lines that cannot be had any more. */
        missing: string[];
        /** Whether the index answered in time; where not, `missing` may lack some, and `fault` says why. */
        is_complete: boolean;
        fault: Fault | null;
      };
    };
