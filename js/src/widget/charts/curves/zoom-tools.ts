/** What zooming is done with, and a line that says how to do it by hand. */

import { makeButton } from "../stage";
import { words } from "../words";

export class ZoomTools {
  private readonly hint = document.createElement("span");
  private readonly whole: HTMLButtonElement;

  /** `zoom` takes a part from each side, or gives it back where it is below 0; null shows all. */
  constructor(host: HTMLElement, zoom: (part: number | null) => void) {
    this.hint.className = "ts-chart-count";
    this.hint.textContent = words.zoomHint;
    const closer = makeButton("+", words.zoomIn, () => zoom(CLOSER));
    const farther = makeButton("−", words.zoomOut, () => zoom(FARTHER));
    for (const button of [closer, farther]) button.setAttribute("aria-label", button.title);
    this.whole = makeButton(words.zoomAll, words.zoomAllHint, () => zoom(null));
    host.append(this.hint, closer, farther, this.whole);
  }

  refresh(isZoomed: boolean, isEmpty: boolean): void {
    this.whole.disabled = !isZoomed;
    const host = this.hint.parentElement;
    if (host !== null) host.hidden = isEmpty;
  }
}

/** A quarter from each side is twice as near, half of it given back on each side twice as far. */
export const CLOSER = 0.25;
export const FARTHER = -0.5;
