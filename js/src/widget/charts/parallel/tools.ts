/** Keep, Exclude, Restore, axes to add, and how many runs are shown and selected. */

import { type Column, countRuns, type RunMask } from "../frame";
import { intersect } from "../masks";
import { makeButton } from "../stage";
import { words } from "../words";

export class RunTools {
  private shown: RunMask | null = null;
  private selected: RunMask | null = null;
  private readonly count = document.createElement("span");
  private readonly keep: HTMLButtonElement;
  private readonly exclude: HTMLButtonElement;
  private readonly restore: HTMLButtonElement;
  private readonly axes = document.createElement("select");
  private offered = "";

  constructor(host: HTMLElement, show: (shown: RunMask | null) => void, add: (column: string) => void) {
    this.keep = makeButton(words.keepRuns, words.keepRunsHint, () => show(keepRuns(this.shown, this.selected)));
    this.exclude = makeButton(words.excludeRuns, words.excludeRunsHint, () =>
      show(excludeRuns(this.shown, this.selected)),
    );
    this.restore = makeButton(words.restoreRuns, words.restoreRunsHint, () => show(null));
    this.count.className = "ts-chart-count";
    this.axes.className = "ts-chart-select";
    this.axes.hidden = true;
    this.axes.setAttribute("aria-label", words.addAxis);
    this.axes.addEventListener("change", () => add(this.axes.value));
    host.append(this.count, this.axes, this.keep, this.exclude, this.restore);
  }

  /** Offers the columns that have no axis yet. */
  offer(columns: readonly Column[]): void {
    const offered = columns.map(({ id }) => id).join("\n");
    this.axes.selectedIndex = 0;
    if (offered === this.offered) return;
    this.offered = offered;
    this.axes.hidden = columns.length === 0;
    const choices = columns.map(({ id, key }) => makeChoice(id, key));
    this.axes.replaceChildren(makeChoice("", words.addAxis), ...choices);
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

function makeChoice(value: string, text: string): HTMLOptionElement {
  const choice = document.createElement("option");
  [choice.value, choice.textContent] = [value, text];
  return choice;
}
