/** How high the folded lines of the list are: those that were sent as high as what they show, the others as most of these. */

import { linesOfChips } from "./fields";
import type { ListedRun, RunList } from "./runs";

/** What a run is in the list: a row of a table, a card, or a card with room for its chips beside the name. */
export type Shape = "row" | "card" | "wide";

const FULL: Record<Shape, number> = { row: 28, card: 96, wide: 56 };
/** By how much a card is lower that shows no line of chips, one, or both. */
const LACKING = [46, 22, 0] as const;

/** The height of a folded run, in pixels. */
export function heightOf(run: ListedRun, shape: Shape): number {
  return shape === "card" ? FULL.card - LACKING[linesOfChips(run)] : FULL[shape];
}

/** Remembers the heights of lines that were sent before, so that the list does not change its length while it is scrolled. */
export class Heights {
  readonly #known = new Map<number, number>();
  #usual = 0;
  #list = "";

  constructor(readonly shape: Shape) {}

  /** The height of most lines, and by how many pixels others are higher; or lower, then it is negative. */
  learn({ snapshot: { lines, offset, columns }, runs }: RunList): { usual: number; extras: Map<number, number> } {
    const own = runs.map((run) => heightOf(run, this.shape));
    const list = `${lines} ${columns.join("\n")}`;
    if (this.#list !== list || this.#known.size > MAX_KNOWN) this.#known.clear();
    if (this.#list !== list) this.#usual = mostFrequent(own) ?? FULL[this.shape];
    this.#list = list;
    for (const [index, height] of own.entries()) this.#known.set(offset + index, height);
    const others = [...this.#known].filter(([, height]) => height !== this.#usual);
    return { usual: this.#usual, extras: new Map(others.map(([line, height]) => [line, height - this.#usual])) };
  }
}

const MAX_KNOWN = 4000;

function mostFrequent(values: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}
