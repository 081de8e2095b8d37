/** Every key of the list, once: what the panel does on it, and what the help says of it. */

import { actionKeys, actionsOn, nameOfAction } from "./action-list";
import { selectAll, selectTo } from "./choosing";
import type { RunRow } from "./protocol";
import type { PanelState } from "./state";
import { strings } from "./strings";
import type { AnyView, View } from "./view";

export interface KeyLine {
  /** Keys that do the same, each as in `nameOfKey`. */
  keys: readonly string[];
  label: string;
}

/** Keys pressed on a run; those of the list itself come with its movement. */
const OF_RUNS: Record<string, (view: View<PanelState>, row: RunRow, target: HTMLElement) => void> = {
  Space: ({ state }, row) => state.selection.toggle(row),
  "Shift+Space": (view, row) => void selectTo(view, row),
  "Ctrl+a": (view) => void selectAll(view),
  ContextMenu: (view, row, target) => openMenu(view, chosenWith(view, row), target),
  "Shift+F10": (view, row, target) => openMenu(view, chosenWith(view, row), target),
  m: (view, row, target) => openMenu(view, chosenWith(view, row), target),
  "Shift+ArrowRight": (view, row) => foldChildren(view, row, false),
  "Shift+ArrowLeft": (view, row) => foldChildren(view, row, true),
};

function foldChildren({ state }: View<PanelState>, { run_id, children, is_folded }: RunRow, isFolded: boolean): void {
  if (children > 0 && is_folded !== isFolded) state.toggleParent(run_id);
}

/** Keys pressed anywhere in the panel where no text is written. */
const OF_PANEL: Record<string, (view: View<PanelState>) => boolean> = {
  "?": (view) => {
    view.isHelpOpen.value = true;
    return true;
  },
  "/": ({ element }) => {
    const field = element.querySelector<HTMLInputElement>(".ts-filter-input");
    field?.focus();
    return field !== null;
  },
  Escape: ({ state }) => {
    if (state.selection.size === 0) return false;
    state.selection.clear();
    return true;
  },
  "Ctrl+z": ({ state }) => {
    const action = state.notice.value?.action;
    if (!action) return false;
    state.dismiss();
    action.run();
    return true;
  },
};

/** What the help lists, in its order. */
export const keyLines = (): KeyLine[] => [
  { keys: ["ArrowUp", "ArrowDown"], label: strings.keysOf.move },
  { keys: ["PageUp", "PageDown"], label: strings.keysOf.pages },
  { keys: ["Home", "End"], label: strings.keysOf.ends },
  { keys: ["ArrowRight", "ArrowLeft"], label: strings.keysOf.unfold },
  { keys: ["Enter"], label: strings.keysOf.open },
  { keys: ["Shift+ArrowRight", "Shift+ArrowLeft"], label: strings.keysOf.children },
  { keys: ["Space"], label: strings.keysOf.select },
  { keys: ["Shift+Space"], label: strings.keysOf.selectTo },
  { keys: ["Ctrl+a"], label: strings.keysOf.selectAll },
  { keys: ["Escape"], label: strings.keysOf.escape },
  { keys: ["m"], label: strings.keysOf.menu },
  ...actionKeys().map(({ key, label }) => ({ keys: [key], label })),
  { keys: ["/"], label: strings.keysOf.filter },
  { keys: ["Ctrl+z"], label: strings.keysOf.undo },
  { keys: ["?"], label: strings.keysOf.help },
];

/** What Mac keyboards have for Delete, and what Space says of itself. */
const SAME: Record<string, string> = { " ": "Space", Backspace: "Delete" };

/** A pressed key with what is held, such as `Shift+Delete`; a character that needs Shift is only itself. */
function nameOfKey({ key, shiftKey, ctrlKey, metaKey, altKey }: KeyboardEvent): string {
  if (altKey) return "";
  const plain = SAME[key] ?? key;
  const isSign = plain.length === 1 && plain.toLowerCase() === plain.toUpperCase();
  const shift = shiftKey && !isSign ? "Shift+" : "";
  return `${ctrlKey || metaKey ? "Ctrl+" : ""}${shift}${plain}`;
}

/** The runs that an action on this run is about: all that are chosen, if it is one of them. */
export function chosenWith({ state }: View<PanelState>, row: RunRow): readonly RunRow[] {
  return state.selection.has(row.run_id) ? state.selection.rows : [row];
}

export function openMenu(view: AnyView, rows: readonly RunRow[], target: HTMLElement): void {
  const box = target.getBoundingClientRect();
  view.menu.value = { rows, x: box.left, y: box.bottom, from: target };
}

/** What is for one run at a time is about this one, whatever is chosen. */
const actionOf = (name: string, view: View<PanelState>, rows: readonly RunRow[]) =>
  actionsOn(view, rows).find(({ key }) => key === name);

/** Does what a key stands for; true if it stands for something here. */
export function pressKey(view: View<PanelState>, event: KeyboardEvent, row: RunRow | null): boolean {
  const name = nameOfKey(event);
  if (row !== null) {
    const press = OF_RUNS[name];
    if (press) {
      press(view, row, event.target as HTMLElement);
      return true;
    }
    const action = actionOf(name, view, chosenWith(view, row)) ?? actionOf(name, view, [row]);
    if (action !== undefined) {
      if (action.unavailable === "") action.run(view);
      else view.state.say(strings.refusal(nameOfAction(action.label), action.unavailable));
      return true;
    }
  }
  return OF_PANEL[name]?.(view) ?? false;
}
