/** Draws comparisons out of notebooks, with or without a kernel: what the notebook keeps is all that it takes. */

import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { Widget } from "@lumino/widgets";
import type { Choices } from "../widget/compare/choices";
import { MIME, readSaved, type SavedComparison, unpack, VERSION } from "../widget/compare/saved";
import type { DrawnComparison } from "./comparison-drawing";
import type { ComparisonLine } from "./comparison-line";
import type { ComparisonPlace } from "./comparison-place";
import { language, strings } from "./strings";

/** Before the widget's own view of a comparison, which needs a kernel. */
const RANK = -20;

/** Tells a renderer where in which notebook it is, once it is on the page; null where it is in none. */
export type FindPlace = (renderer: Widget) => ComparisonPlace | null;

export const comparisonFactory = (findPlace: FindPlace): IRenderMime.IRendererFactory => ({
  safe: true,
  mimeTypes: [MIME],
  defaultRank: RANK,
  createRenderer: () => new ComparisonRenderer(findPlace),
});

class ComparisonRenderer extends Widget implements IRenderMime.IRenderer {
  readonly #findPlace: FindPlace;
  #place: ComparisonPlace | null = null;
  #stopHearing: () => void = () => undefined;
  #saved: SavedComparison | null = null;
  #drawn: DrawnComparison | null = null;
  #line: ComparisonLine | null = null;
  /** What people chose here last, as it was written into the notebook. */
  #written = "";
  /** How often something was drawn, because drawing takes its time. */
  #round = 0;

  constructor(findPlace: FindPlace) {
    super();
    this.#findPlace = findPlace;
    this.addClass("trackside-comparison");
  }

  /** Called again when the output changed, also because of what was chosen here. */
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const saved = readSaved(model.data[MIME]);
    const kept = model.metadata[MIME];
    if (saved !== null && this.#isDrawn(saved)) return this.#restore(kept);
    this.#clear();
    if (saved === null) return this.#say(strings.brokenComparison, model);
    if (saved.version > VERSION) return this.#say(strings.newerComparison, model);
    try {
      await this.#draw(saved, kept);
    } catch {
      this.#say(strings.brokenComparison, model);
    }
  }

  override dispose(): void {
    this.#clear();
    this.#stopHearing();
    super.dispose();
  }

  protected override onAfterAttach(): void {
    this.#connect();
  }

  #isDrawn({ comparison, content }: SavedComparison): boolean {
    return this.#drawn !== null && this.#saved?.comparison === comparison && this.#saved.content === content;
  }

  #restore(kept: unknown): void {
    if (JSON.stringify(kept) !== this.#written) this.#drawn?.restore(kept);
  }

  async #draw(saved: SavedComparison, kept: unknown): Promise<void> {
    const round = this.#round;
    const [unpacked, drawing] = await Promise.all([unpack(saved), import("./comparison-drawing")]);
    if (language() === "fr") await drawing.speakFrench();
    if (this.isDisposed || round !== this.#round) return;
    this.#drawn = drawing.drawComparison(this.node, unpacked, kept, (chosen) => this.#keep(chosen));
    this.#saved = saved;
    this.#connect();
  }

  #keep(choices: Choices): void {
    this.#written = JSON.stringify({ choices });
    this.#place?.keep(this.#saved?.comparison ?? "", choices);
  }

  /** Speaks with the kernel that made the comparison, if it is still there. */
  #connect(): void {
    const drawn = this.#drawn;
    if (drawn === null || this.#line !== null || !this.isAttached) return;
    const place = this.#findOwnPlace();
    this.#line = place?.makeLine(this.#saved?.comparison ?? "") ?? null;
    this.#line?.open((model) => drawn.state.attach(model));
  }

  #findOwnPlace(): ComparisonPlace | null {
    if (this.#place !== null) return this.#place;
    this.#place = this.#findPlace(this);
    this.#stopHearing = this.#place?.beforeSave(() => this.#drawn?.keeper.flush()) ?? this.#stopHearing;
    return this.#place;
  }

  #clear(): void {
    this.#round += 1;
    this.#line?.close();
    this.#drawn?.remove();
    this.#line = null;
    this.#drawn = null;
    this.#saved = null;
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
