/** Reproductions of runs that the kernel knows, once per model: those that go on, and what came of the others. */

import { signal } from "@preact/signals";
import type { Answer, Binary, Push } from "./bridge";
import type { RequestKind, Requests } from "./protocol";
import type { ReproduceJob, ReproducePush } from "./reproduce-protocol";

type Ask = <K extends RequestKind>(kind: K, data: Requests[K]["data"]) => Promise<Answer<K>>;

/** What the package index said of a run's libraries. */
export type Checked = Extract<ReproducePush, { kind: "reproduce.checked" }>["data"];

/** A job with the numbers that came beside it. */
export interface KnownJob {
  job: ReproduceJob;
  buffers: readonly Binary[];
}

export class Reproductions {
  /** By id, the latest first. */
  readonly jobs = signal<ReadonlyMap<string, KnownJob>>(new Map());
  /** By id of the run. */
  readonly checked = signal<ReadonlyMap<string, Checked>>(new Map());
  /** Ids of the jobs whose clone this page opened. */
  readonly opened = signal<ReadonlySet<string>>(new Set());
  /** Ids of the jobs that people do not want to be told of any more. */
  readonly dismissed = signal<ReadonlySet<string>>(new Set());
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Keeps what the kernel pushed; false where it is about something else. */
  take(push: Push, buffers: readonly Binary[]): boolean {
    if (push.kind === "reproduce.changed") this.#keep([{ job: push.data, buffers }]);
    else if (push.kind === "reproduce.checked")
      this.checked.value = new Map(this.checked.peek()).set(push.data.run_id, push.data);
    else return false;
    return true;
  }

  /** Asks for those that were begun before this page was there. */
  async find(): Promise<void> {
    const { reply, buffers } = await this.#ask("reproduce.jobs", {});
    this.#keep(reply.jobs.map((job) => ({ job, buffers })));
  }

  #keep(found: readonly KnownJob[]): void {
    const all = new Map(this.jobs.peek());
    for (const known of found) all.set(known.job.id, known);
    const latestFirst = [...all].sort(([, one], [, other]) => other.job.started_time - one.job.started_time);
    this.jobs.value = new Map(latestFirst);
  }
}
