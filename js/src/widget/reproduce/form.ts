/** What people choose in the dialog, what is wrong with it, and what the kernel is told to do. */

import { computed, signal } from "@preact/signals";
import type { Fault } from "../protocol";
import type { EnvironmentWay, Library, ReproduceOptions, ReproducePlan } from "../reproduce-protocol";
import { strings } from "../strings";

const USUAL_TOLERANCE = "1e-6";

/** What happens with the environment, after what was chosen. */
export type ChosenWay = EnvironmentWay | "none" | "bare";

export class Form {
  readonly folder;
  /** What the kernel says of the folder that stands there now, or null. */
  readonly folderFault;
  readonly environment = signal(true);
  readonly libraries = signal(true);
  /** Lines of libraries that got a tick. */
  readonly allowed = signal<ReadonlySet<string>>(new Set());
  /** Names of libraries to go on without. */
  readonly without = signal<ReadonlySet<string>>(new Set());
  readonly python = signal("");
  readonly fromCommit = signal(false);
  readonly runAll = signal(false);
  readonly verify = signal(false);
  readonly tolerance = signal(USUAL_TOLERANCE);
  /** As `loss=0.01, accuracy=0.1`. */
  readonly tolerances = signal("");

  constructor(readonly plan: ReproducePlan) {
    this.folder = signal(plan.folder);
    this.folderFault = signal<Fault | null>(plan.folder_fault);
    this.python.value = plan.pythons[0]?.id ?? "";
  }

  /** What becomes of the environment. */
  readonly way = computed<ChosenWay>(() => {
    if (!this.environment.value) return "none";
    if (this.plan.environment === "unknown") return "unknown";
    return this.libraries.value ? this.plan.environment : "bare";
  });

  /** Whether something is installed. */
  readonly installs = computed(() => this.way.value === "new" || this.way.value === "bare");

  /** What is wrong with the folder, in words, or "". */
  readonly folderText = computed(() =>
    this.folder.value.trim() === "" ? strings.reproduce.folderMissing : (this.folderFault.value?.message ?? ""),
  );

  readonly toleranceText = computed(() =>
    readTolerance(this.tolerance.value) === null ? strings.reproduce.badTolerance(this.tolerance.value) : "",
  );

  readonly tolerancesText = computed(() => {
    const bad = entriesOf(this.tolerances.value).find(({ value }) => value === null);
    return bad === undefined ? "" : strings.reproduce.badTolerances(bad.text);
  });

  /** Whether it can be begun. */
  readonly isReady = computed(
    () =>
      this.folderText.value === "" &&
      (this.plan.source.kind === "revision" || this.fromCommit.value) &&
      !(this.installs.value && this.plan.pythons.length === 0) &&
      !(this.verify.value && (this.toleranceText.value !== "" || this.tolerancesText.value !== "")),
  );

  options(): ReproduceOptions {
    const tolerances = entriesOf(this.tolerances.value).flatMap(({ key, value }) =>
      value === null ? [] : [[key, value] as const],
    );
    return {
      run_id: this.plan.run.run_id,
      folder: this.folder.value.trim(),
      environment: this.environment.value,
      libraries: this.libraries.value,
      allowed: [...this.allowed.value],
      without: [...this.without.value],
      python: this.python.value,
      from_commit: this.fromCommit.value,
      verify: this.verify.value,
      tolerance: readTolerance(this.tolerance.value) ?? Number(USUAL_TOLERANCE),
      tolerances: Object.fromEntries(tolerances),
    };
  }
}

/** A relative difference as people write it, with a point or a comma; null where it is none. */
export function readTolerance(text: string): number | null {
  const value = text.trim() === "" ? Number.NaN : Number(text.trim().replace(",", "."));
  return Number.isFinite(value) && value >= 0 ? value : null;
}

interface Entry {
  text: string;
  key: string;
  value: number | null;
}

/** The last `=` parts a metric from its tolerance, because names may have one. */
function entriesOf(text: string): Entry[] {
  const parts = text.split(/[,;]\s+|[,;]$|\n/).map((part) => part.trim());
  return parts
    .filter((part) => part !== "")
    .map((part) => {
      const at = part.lastIndexOf("=");
      const key = part.slice(0, Math.max(at, 0)).trim();
      return { text: part, key, value: key === "" ? null : readTolerance(part.slice(at + 1)) };
    });
}

/** What installs, what has to be agreed to, and what will not be installed. */
export function sortLibraries(libraries: readonly Library[]) {
  const invalid = libraries.filter(({ origin }) => origin === "invalid");
  const ticked = libraries.filter(({ origin, needs_tick }) => needs_tick && origin !== "invalid");
  return { invalid, ticked };
}

/** Whether something would come from the package index. */
export const isAsked = ({ environment, libraries }: ReproducePlan) =>
  environment === "new" && libraries.some(({ origin }) => origin === "index");
