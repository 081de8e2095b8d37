/** The small curves of the runs in sight: asked for a moment after the list stands still, and again when values move. */

import { signal } from "@preact/signals";
import type { Answer } from "./bridge";
import { readFloats } from "./columns";
import type { Requests } from "./protocol";
import type { ListedRun } from "./runs";

export interface ListCurve {
  steps: Float64Array;
  values: Float64Array;
}

type Ask = (data: Requests["curves.read"]["data"]) => Promise<Answer<"curves.read">>;

const PAUSE_MS = 150;
const MOST_KEPT = 2000;
const MOST_ASKED = 60;

export class ListCurves {
  /** By run and metric, what was fetched last at the end: see `find`. */
  readonly #curves = signal<ReadonlyMap<string, Map<string, ListCurve>>>(new Map());
  /** What the values of a run were when its curves were asked for. */
  readonly #stamps = new Map<string, string>();
  readonly #ask: Ask;
  #wanted: { runs: readonly ListedRun[]; keys: readonly string[] } = { runs: [], keys: [] };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** The curve of a run's metric, if it has one and that is known; who reads it is drawn again when it is another one. */
  find(runId: string, key: string): ListCurve | undefined {
    return this.#curves.value.get(runId)?.get(key);
  }

  /** Has the curves of these runs' metrics fetched that are not known, or not as they are now. */
  want(runs: readonly ListedRun[], keys: readonly string[]): void {
    this.#wanted = { runs, keys };
    clearTimeout(this.#timer);
    if (keys.length > 0) this.#timer = setTimeout(() => void this.#fetch(), PAUSE_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  async #fetch(): Promise<void> {
    const { runs, keys } = this.#wanted;
    const missing = runs.filter((run) => this.#stamps.get(run.row.run_id) !== stampOf(run, keys)).slice(0, MOST_ASKED);
    if (this.#isAsking || missing.length === 0) return;
    this.#isAsking = true;
    for (const run of missing) this.#stamps.set(run.row.run_id, stampOf(run, keys));
    try {
      this.#take(missing, await this.#ask({ run_ids: missing.map(({ row }) => row.run_id), keys: [...keys] }));
      this.want(this.#wanted.runs, this.#wanted.keys);
    } catch {
      for (const { row } of missing) this.#stamps.delete(row.run_id); // they are wanted again when the list changes
    } finally {
      this.#isAsking = false;
    }
  }

  #take(asked: readonly ListedRun[], { reply, buffers }: Answer<"curves.read">): void {
    for (const runId of reply.left) this.#stamps.delete(runId);
    const isLeft = new Set(reply.left);
    const curves = new Map<string, Map<string, ListCurve>>(this.#curves.value);
    for (const { row } of asked) if (!isLeft.has(row.run_id)) putLast(curves, row.run_id, new Map());
    let start = 0;
    const [steps, values] = [readFloats(buffers[reply.steps]), readFloats(buffers[reply.values])];
    for (const { run_id, key, points } of reply.curves) {
      const part = [start, start + points] as const;
      curves.get(run_id)?.set(key, { steps: steps.slice(...part), values: values.slice(...part) });
      start += points;
    }
    this.#forgetOldest(curves);
    this.#curves.value = curves;
  }

  /** Makes room; what is forgotten is asked for again when it is back in sight. */
  #forgetOldest(curves: Map<string, unknown>): void {
    const inSight = new Set(this.#wanted.runs.map(({ row }) => row.run_id));
    const old = [...curves.keys()].slice(0, Math.max(0, curves.size - MOST_KEPT));
    for (const runId of old.filter((runId) => !inSight.has(runId))) {
      curves.delete(runId);
      this.#stamps.delete(runId);
    }
  }
}

function putLast<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
}

const stampOf = ({ row, metrics }: ListedRun, keys: readonly string[]) =>
  JSON.stringify([
    row.status,
    metrics.filter(({ key }) => keys.includes(key)).map(({ key, value }) => [key, `${value}`]),
    keys,
  ]);
