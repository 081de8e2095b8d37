/**
 * Parts of the front end that the first paint does not need. The kernel sends a part when it is first shown, or when
 * the page is idle; it is kept once per model.
 *
 * To make a part:
 *
 * 1. Write its entry module, which exports what the part shows and imports its style sheets.
 * 2. Name it in `PARTS` of `build.mjs`, and in `Parts` below with the type of the entry module.
 * 3. Show it with `<Part name="…">{(part) => <part.Something />}</Part>` (panels/part.tsx), or take it with
 *    `await state.parts.load("…")`. Elsewhere import nothing but types of it, or it becomes a piece of the widget.
 * 4. In tests, name it in `test/parts.ts`.
 *
 * A part imports whatever it likes: what the widget has as well is not built into it a second time but lent to it, so
 * that contexts, signals and classes are the same. Only texts come twice: see `strings.ts`.
 */

import { computed, type Signal, signal } from "@preact/signals";
import { type AskForPart, fetchPart, type LoadedPart, type Shared } from "./part-source";

/** What each part exports. */
export interface Parts {
  compare: typeof import("./compare/app");
  diff: typeof import("./panels/diff/part");
  drawers: typeof import("./panels/drawers");
  french: typeof import("./strings/french");
  layers: typeof import("./panels/layers");
  markdown: typeof import("./markdown");
  reproduce: typeof import("./reproduce/part");
  run: typeof import("./panels/run-view/part");
  sentences: typeof import("./strings/sentences");
}

export type PartName = keyof Parts;

/** Those that nearly everyone comes to. */
const SOON: readonly PartName[] = ["run", "layers", "drawers"];

export class PartStore {
  readonly #ask: AskForPart;
  readonly #shared: Shared;
  readonly #loaded = signal<ReadonlyMap<PartName, LoadedPart>>(new Map());
  readonly #coming = new Map<PartName, Promise<LoadedPart>>();
  readonly #provided = new Map<PartName, () => Promise<unknown>>();

  constructor(ask: AskForPart, shared: Shared) {
    this.#ask = ask;
    this.#shared = shared;
  }

  /** The style sheets of the parts that are there, in the order in which they came. */
  readonly styles: Signal<readonly string[]> = computed(() =>
    [...this.#loaded.value.values()].flatMap(({ style }) => style || []),
  );

  /** A part if it is there; who reads it is drawn again when it comes. */
  find<N extends PartName>(name: N): Parts[N] | null {
    return (this.#loaded.value.get(name)?.content as Parts[N] | undefined) ?? null;
  }

  /** Has a part taken from the page, which has its style sheet already, instead of from the kernel. */
  provide<N extends PartName>(name: N, load: () => Promise<Parts[N]>): void {
    this.#provided.set(name, load);
  }

  /** Fetches a part, once; after a failure it can be asked for anew. */
  async load<N extends PartName>(name: N): Promise<Parts[N]> {
    const coming = this.#coming.get(name) ?? this.#fetch(name);
    this.#coming.set(name, coming);
    try {
      const part = await coming;
      if (!this.#loaded.peek().has(name)) this.#loaded.value = new Map(this.#loaded.peek()).set(name, part);
      return part.content as Parts[N];
    } catch (error) {
      this.#coming.delete(name);
      throw error;
    }
  }

  async #fetch(name: PartName): Promise<LoadedPart> {
    const provided = this.#provided.get(name);
    if (provided === undefined) return fetchPart(this.#ask, name, this.#shared);
    return { content: await provided(), style: "" };
  }

  /** Fetches what will soon be wanted, piece by piece; what does not come is fetched again when it is shown. */
  async loadSoon(rest: () => Promise<void>): Promise<void> {
    for (const name of SOON) {
      await rest();
      await this.load(name).catch(() => undefined);
    }
  }
}
