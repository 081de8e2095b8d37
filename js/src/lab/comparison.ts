/** Draws comparisons out of notebooks, with or without a kernel: what the notebook keeps is all that it takes. */

import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { Widget } from "@lumino/widgets";
import { MIME, readSaved, type SavedComparison, unpack, VERSION } from "../widget/compare/saved";
import type { CompareState } from "../widget/compare/state";
import type { ComparisonLine } from "./comparison-line";
import { language, strings } from "./strings";

/** Before the widget's own view of a comparison, which needs a kernel. */
const RANK = -20;

/** Tells a renderer which notebook it is in, once it is on the page. */
export type FindLine = (renderer: Widget, comparison: string) => ComparisonLine | null;

export const comparisonFactory = (findLine: FindLine): IRenderMime.IRendererFactory => ({
  safe: true,
  mimeTypes: [MIME],
  defaultRank: RANK,
  createRenderer: () => new ComparisonRenderer(findLine),
});

class ComparisonRenderer extends Widget implements IRenderMime.IRenderer {
  readonly #findLine: FindLine;
  #saved: SavedComparison | null = null;
  #state: CompareState | null = null;
  #line: ComparisonLine | null = null;
  #remove: () => void = () => undefined;

  constructor(findLine: FindLine) {
    super();
    this.#findLine = findLine;
    this.addClass("trackside-comparison");
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.#clear();
    const saved = readSaved(model.data[MIME]);
    if (saved === null) return this.#say(strings.brokenComparison, model);
    if (saved.version > VERSION) return this.#say(strings.newerComparison, model);
    try {
      await this.#draw(saved);
    } catch {
      this.#say(strings.brokenComparison, model);
    }
  }

  override dispose(): void {
    this.#clear();
    super.dispose();
  }

  protected override onAfterAttach(): void {
    this.#connect();
  }

  async #draw(saved: SavedComparison): Promise<void> {
    const [{ data, buffers, view }, drawing] = await Promise.all([unpack(saved), import("./comparison-drawing")]);
    if (language() === "fr") await drawing.speakFrench();
    if (this.isDisposed) return;
    const state = new drawing.CompareState(null);
    state.showSaved(data, buffers, view);
    this.#saved = saved;
    this.#state = state;
    const element = document.createElement("div");
    this.node.append(element);
    this.#remove = drawing.mountComparison(state, element);
    this.#connect();
  }

  /** Speaks with the kernel that made the comparison, if it is still there. */
  #connect(): void {
    const [state, saved] = [this.#state, this.#saved];
    if (state === null || saved === null || this.#line !== null || !this.isAttached) return;
    this.#line = this.#findLine(this, saved.comparison);
    this.#line?.open((model) => state.attach(model));
  }

  #clear(): void {
    this.#line?.close();
    this.#remove();
    this.#remove = () => undefined;
    this.#line = null;
    this.#state = null;
    this.node.replaceChildren();
  }

  /** A sentence, and the picture that every comparison is saved with; as an image, so that nothing in it runs. */
  #say(text: string, model: IRenderMime.IMimeModel): void {
    this.#clear();
    const told = document.createElement("p");
    told.setAttribute("role", "note");
    told.textContent = text;
    this.node.append(told);
    const picture = model.data["image/svg+xml"];
    if (typeof picture !== "string") return;
    const image = document.createElement("img");
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(picture)}`;
    image.alt = strings.comparison;
    this.node.append(image);
  }
}
