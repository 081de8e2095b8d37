/** The runs that people chose, also those that are out of sight. */

import type { ReadonlySignal, Signal } from "@preact/signals";
import { toggled } from "./folding";
import type { RunRow } from "./protocol";

/** What the selection needs of the list. */
export interface Listing {
  selected: Signal<ReadonlySet<string>>;
  /** The lines that are known, in their order. */
  rows: ReadonlySignal<readonly RunRow[]>;
}

export class Selection {
  readonly #list: Listing;
  /** What was last known of the chosen runs. */
  readonly #known = new Map<string, RunRow>();
  #anchor = "";

  constructor(list: Listing) {
    this.#list = list;
  }

  get size(): number {
    return this.#list.selected.value.size;
  }

  has(runId: string): boolean {
    return this.#list.selected.value.has(runId);
  }

  toggle(row: RunRow): void {
    this.#anchor = row.run_id;
    this.#choose(toggled(this.#list.selected.value, row.run_id), [row]);
  }

  /** The run that was last chosen by itself, or "". */
  get anchor(): string {
    return this.#anchor;
  }

  /** Whether the lines up to this one are known. */
  reaches(row: RunRow): boolean {
    const rows = this.#list.rows.value;
    return [this.#anchor, row.run_id].every((runId) => runId === "" || rows.some((other) => other.run_id === runId));
  }

  /** Chooses these runs as well. */
  add(rows: readonly RunRow[]): void {
    this.#choose(new Set([...this.#list.selected.value, ...rows.map(({ run_id }) => run_id)]), rows);
  }

  /** Chooses the lines from the one that was last chosen to this one, as Shift does everywhere. */
  extendTo(row: RunRow): void {
    const rows = this.#list.rows.value;
    const lineOf = (runId: string) => rows.findIndex((other) => other.run_id === runId);
    const [from, to] = [lineOf(this.#anchor), lineOf(row.run_id)];
    const between = from < 0 || to < 0 ? [row] : rows.slice(Math.min(from, to), Math.max(from, to) + 1);
    this.add(between);
    if (from < 0) this.#anchor = row.run_id;
  }

  /** Chooses these runs, and none else. */
  only(rows: readonly RunRow[]): void {
    this.#choose(new Set(rows.map(({ run_id }) => run_id)), rows);
  }

  clear(): void {
    this.#anchor = "";
    this.#known.clear();
    this.#list.selected.value = new Set();
  }

  /** Forgets runs that are not there any more. */
  drop(runIds: readonly string[]): void {
    const chosen = new Set(this.#list.selected.value);
    for (const runId of runIds) chosen.delete(runId);
    this.#list.selected.value = chosen;
  }

  /** The chosen runs, in the order of the list as far as it is known. */
  get rows(): RunRow[] {
    const chosen = this.#list.selected.value;
    const listed = this.#list.rows.value.filter(({ run_id }) => chosen.has(run_id));
    for (const row of listed) this.#known.set(row.run_id, row);
    const inSight = new Set(listed.map(({ run_id }) => run_id));
    const others = [...chosen].filter((runId) => !inSight.has(runId)).map((runId) => this.#known.get(runId));
    return [...listed, ...others.filter((row) => row !== undefined)];
  }

  #choose(chosen: ReadonlySet<string>, rows: readonly RunRow[]): void {
    for (const row of rows) this.#known.set(row.run_id, row);
    this.#list.selected.value = chosen;
  }
}
