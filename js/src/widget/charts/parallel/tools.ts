/** Keep, Exclude, Restore, and how many runs are shown and selected. */

import { countRuns, type RunMask } from "../frame";
import { intersect } from "../masks";
import { words } from "../words";

export class RunTools {
  private shown: RunMask | null = null;
  private selected: RunMask | null = null;
  private readonly count = document.createElement("span");
  private readonly keep: HTMLButtonElement;
  private readonly exclude: HTMLButtonElement;
  private readonly restore: HTMLButtonElement;

  constructor(host: HTMLElement, show: (shown: RunMask | null) => void) {
    this.keep = makeButton(words.keepRuns, words.keepRunsHint, () => show(keepRuns(this.shown, this.selected)));
    this.exclude = makeButton(words.excludeRuns, words.excludeRunsHint, () =>
      show(excludeRuns(this.shown, this.selected)),
    );
    this.restore = makeButton(words.restoreRuns, words.restoreRunsHint, () => show(null));
    this.count.className = "ts-chart-count";
    host.append(this.count, this.keep, this.exclude, this.restore);
  }

  refresh(shown: RunMask | null, selected: RunMask | null, total: number): void {
    this.shown = shown;
    this.selected = selected;
    const runs = words.chartRuns(countRuns(shown, total), total);
    const count = selected === null ? 0 : countRuns(intersect(selected, shown), total);
    this.count.textContent = selected === null ? runs : `${runs}, ${words.chartSelected(count)}`;
    this.keep.disabled = count === 0;
    this.exclude.disabled = count === 0;
    this.restore.disabled = shown === null;
  }
}

/** The runs that are both shown and selected. */
export const keepRuns = (shown: RunMask | null, selected: RunMask | null): RunMask | null =>
  selected === null ? shown : intersect(selected, shown);

/** The runs that are shown and not selected. */
export function excludeRuns(shown: RunMask | null, selected: RunMask | null): RunMask | null {
  if (selected === null) return shown;
  return selected.map((isIn, run) => (isIn === 0 && shown?.[run] !== 0 ? 1 : 0));
}

function makeButton(text: string, hint: string, act: () => void): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "ts-chart-button";
  button.textContent = text;
  button.title = hint;
  button.addEventListener("click", act);
  return button;
}
