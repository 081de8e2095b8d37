/** Keys and clicks on the runs of the list, wherever in the panel they come from. */

import { selectTo } from "../choosing";
import { chosenWith, pressKey } from "../keys";
import type { RunRow } from "../protocol";
import type { PanelState } from "../state";
import type { View } from "../view";

const WRITTEN_IN = "input:not([type=checkbox]), textarea, select, [contenteditable=true], .ts-menu, dialog";

/** The run that something belongs to, if it is listed. */
function rowOf(view: View<PanelState>, target: Element): RunRow | null {
  const runId = target.closest<HTMLElement>(".ts-run")?.dataset.run;
  return view.state.list.value?.runs.find(({ row }) => row.run_id === runId)?.row ?? null;
}

/** Listeners for the panel; they come before those of the list, which moves the focus and unfolds. */
export const runEvents = (view: View<PanelState>) => ({
  onKeyDownCapture: (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (event.isComposing || target.closest(WRITTEN_IN)) return;
    const row = target.matches(".ts-run-toggle") ? rowOf(view, target) : null;
    if (pressKey(view, event, row)) stop(event);
  },

  /** A button is pressed when Space is let go. */
  onKeyUpCapture: (event: KeyboardEvent) => {
    if (event.key === " " && (event.target as HTMLElement).matches(".ts-run-toggle")) stop(event);
  },

  onClickCapture: (event: MouseEvent) => {
    const target = event.target as HTMLElement;
    const isOnHead = target.closest(".ts-run-head") && !target.closest("button:not(.ts-run-toggle), input, a");
    const row = rowOf(view, target);
    if (!isOnHead || row === null) return;
    if (event.shiftKey) void selectTo(view, row);
    else if (event.ctrlKey || event.metaKey) view.state.selection.toggle(row);
    else return;
    stop(event);
  },

  /** With Shift the browser's own menu comes. */
  onContextMenu: (event: MouseEvent) => {
    const target = event.target as HTMLElement;
    const row = target.closest(".ts-run-head") ? rowOf(view, target) : null;
    if (row === null || event.shiftKey || target.closest(WRITTEN_IN)) return;
    stop(event);
    const from = target.closest(".ts-run")?.querySelector<HTMLElement>(".ts-run-toggle") ?? null;
    view.menu.value = { rows: chosenWith(view, row), x: event.clientX, y: event.clientY, from };
  },
});

function stop(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}
