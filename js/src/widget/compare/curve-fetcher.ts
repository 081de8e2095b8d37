/** Fetches the curves that are drawn, and no others: part by part, so that something shows soon. */

import { signal } from "@preact/signals";
import type { Answer } from "../bridge";

/** So many curves are drawn of a metric at once. */
export const MOST_CURVES = 500;
const RUNS_AT_ONCE = 50;
/** Points of all curves together, and the most and fewest of one. */
const POINTS = 200_000;
const MOST_POINTS = 1000;
const FEWEST_POINTS = 200;

export interface CurveSource {
  ask: (metric: string, runs: readonly number[], points: number) => Promise<Answer<"compare.curves"> | null>;
  take: (metric: string, runs: ReadonlySet<number>, answer: Answer<"compare.curves">) => void;
}

export class CurveFetcher {
  readonly isFetching = signal(false);
  /** How often what was fetched was forgotten. */
  readonly round = signal(0);
  readonly #source: CurveSource;
  /** Runs whose curves are here or on their way, by metric. */
  #asked = new Map<string, Set<number>>();
  #going = 0;

  constructor(source: CurveSource) {
    this.#source = source;
  }

  /** Forgets what was fetched. */
  clear(): void {
    this.#asked = new Map();
    this.round.value += 1;
  }

  /** Has the curves of a metric in these runs fetched, as far as they are not here. */
  async fetch(metric: string, runs: readonly number[]): Promise<void> {
    const asked = this.#asked.get(metric) ?? new Set();
    const missing = runs.filter((run) => !asked.has(run));
    if (missing.length === 0) return;
    this.#asked.set(metric, asked);
    for (const run of missing) asked.add(run);
    this.#going += 1;
    this.isFetching.value = true;
    await this.#fetchAll(metric, missing, asked);
    this.#going -= 1;
    this.isFetching.value = this.#going > 0;
  }

  /** What did not come is asked for again, the next time that it is wanted. */
  async #fetchAll(metric: string, missing: readonly number[], asked: Set<number>): Promise<void> {
    const points = Math.max(FEWEST_POINTS, Math.min(MOST_POINTS, Math.floor(POINTS / missing.length)));
    for (let start = 0; start < missing.length; start += RUNS_AT_ONCE) {
      const runs = missing.slice(start, start + RUNS_AT_ONCE);
      const answer = this.#asked.get(metric) === asked ? await this.#source.ask(metric, runs, points) : null;
      if (answer === null) {
        for (const run of missing.slice(start)) asked.delete(run);
        return;
      }
      this.#source.take(metric, new Set(runs), answer);
    }
  }
}
