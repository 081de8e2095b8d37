/** Notes that are being written. They outlive the place where they are written, until they are saved or given up. */

import { signal } from "@preact/signals";
import type { RunRow } from "./protocol";

export interface Draft {
  run: RunRow;
  text: string;
}

export class Drafts {
  /** What was being written on a run that was deleted meanwhile, or null. */
  readonly lost = signal<Draft | null>(null);
  readonly #kept = new Map<string, Draft>();

  find(runId: string): Draft | undefined {
    return this.#kept.get(runId);
  }

  keep(draft: Draft): void {
    this.#kept.set(draft.run.run_id, draft);
  }

  drop(runId: string): void {
    this.#kept.delete(runId);
    if (this.lost.peek()?.run.run_id === runId) this.lost.value = null;
  }

  /** Compares with the runs that are unfolded and there: whose run has gone is lost until the run is back. */
  compare(before: ReadonlyMap<string, unknown>, now: ReadonlyMap<string, unknown>, open: ReadonlySet<string>): void {
    const lost = this.lost.peek();
    if (lost !== null && now.has(lost.run.run_id)) this.lost.value = null;
    const gone = [...before.keys()].find((id) => !now.has(id) && open.has(id) && this.#kept.has(id));
    if (gone !== undefined) this.lost.value = this.find(gone) ?? null;
  }
}
