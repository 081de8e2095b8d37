/** Keeps the focus in the list when the run that has it goes away: it moves to the run that takes its place. */

import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import type { PanelState } from "../state";

const HEAD = ".ts-run-toggle";

/** What of the list has the focus, and on which line it is. */
interface Held {
  element: HTMLElement;
  line: number;
}

export function useKeptFocus(panel: RefObject<HTMLElement | null>, state: PanelState): void {
  useEffect(() => {
    const root = panel.current;
    if (root === null) return;
    let held: Held | null = null;
    const take = (event: FocusEvent) => {
      held = heldBy(event.target as HTMLElement);
    };
    const leave = (event: FocusEvent) => {
      if (event.relatedTarget !== null) held = null;
    };
    const check = () => {
      const isLost = held !== null && !held.element.isConnected && document.activeElement === document.body;
      if (held !== null && isLost) (headAt(root, held.line) ?? root).focus();
    };
    const later = state.list.subscribe(() => requestAnimationFrame(check));
    root.addEventListener("focusin", take);
    root.addEventListener("focusout", leave);
    return () => {
      later();
      root.removeEventListener("focusin", take);
      root.removeEventListener("focusout", leave);
    };
  }, [panel, state]);
}

function heldBy(element: HTMLElement): Held | null {
  const line = element.closest(".ts-run")?.getAttribute("aria-posinset");
  return line ? { element, line: Number(line) } : null;
}

/** The head of the run on a line, or of the last before it that is drawn. */
function headAt(root: HTMLElement, line: number): HTMLElement | null {
  const runs = [...root.querySelectorAll<HTMLElement>(".ts-run[aria-posinset]")];
  const before = runs.filter((run) => Number(run.getAttribute("aria-posinset")) <= line);
  return (before.at(-1) ?? runs[0])?.querySelector<HTMLElement>(HEAD) ?? null;
}
