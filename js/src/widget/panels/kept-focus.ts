/** Keeps the focus in the list when what has it goes away: it moves to the run that takes its place. */

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
      if (held !== null && isLost) placeOf(root, held.line)?.focus({ preventScroll: true });
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

/** What stands in the place of the list, such as a group, gives way to its first run. */
function heldBy(element: HTMLElement): Held | null {
  const line = element.closest(".ts-run")?.getAttribute("aria-posinset");
  return line || element.closest(".ts-body") ? { element, line: Number(line || 1) } : null;
}

/** The head of the run on a line, or of the last one where the list ends before it; null where that is out of sight. */
function placeOf(root: HTMLElement, line: number): HTMLElement | null {
  const runs = [...root.querySelectorAll<HTMLElement>(".ts-run[aria-posinset]")];
  const last = Number(runs[0]?.getAttribute("aria-setsize") ?? 0);
  if (last === 0) return root;
  const wanted = String(Math.min(line, last));
  const run = runs.find((one) => one.getAttribute("aria-posinset") === wanted);
  return run?.querySelector<HTMLElement>(HEAD) ?? null;
}
