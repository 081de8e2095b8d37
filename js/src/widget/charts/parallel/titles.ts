/** The titles of axes as buttons: click turns an axis around, dragging moves it, dragging it off removes it. */

import { words } from "../words";
import { titlePlace } from "./axes";
import type { Layout } from "./layout";

export interface TitleActions {
  move: (column: string, to: number) => void;
  turn: (column: string) => void;
  remove: (column: string) => void;
  /** Moves the end of the axis's brush by steps. */
  nudge: (column: string, by: number) => void;
  /** Makes a linear axis logarithmic, and a logarithmic one linear. */
  rescale: (column: string) => void;
}

/** How far up or down a title is dragged to remove its axis. */
const OFF = 56;
const CLICK = 5;

export class Titles {
  private readonly buttons = new Map<string, HTMLButtonElement>();
  private layout: Layout | null = null;

  constructor(
    private readonly drawing: HTMLElement,
    private readonly actions: TitleActions,
  ) {}

  refresh(layout: Layout, width: number): void {
    this.layout = layout;
    const columns = new Set(layout.axes.map(({ column }) => column.id));
    for (const [column, button] of this.buttons) if (!columns.has(column)) this.drop(column, button);
    layout.axes.forEach(({ column }, index) => {
      const place = titlePlace(layout, index, width);
      const button = this.buttons.get(column.id) ?? this.add(column.id, column.key);
      Object.assign(button.style, { left: `${place.x}px`, top: `${place.y - 13}px`, width: `${place.width}px` });
    });
  }

  private drop(column: string, button: HTMLButtonElement): void {
    button.remove();
    this.buttons.delete(column);
  }

  private add(column: string, name: string): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "ts-chart-axis";
    button.setAttribute("aria-label", words.axisLabel(name));
    button.title = `${name}\n${words.axisHint}`;
    button.addEventListener("pointerdown", (event) => this.drag(event, column, button));
    button.addEventListener("click", (event) => event.detail === 0 && this.actions.turn(column));
    button.addEventListener("keydown", (event) => this.press(event, column, button));
    button.addEventListener("contextmenu", (event) => {
      event.preventDefault();
      this.actions.rescale(column);
    });
    this.buttons.set(column, button);
    this.drawing.append(button);
    return button;
  }

  private press(event: KeyboardEvent, column: string, button: HTMLButtonElement): void {
    const at = this.layout?.axes.findIndex((axis) => axis.column.id === column) ?? 0;
    const actions: Record<string, () => void> = {
      ArrowLeft: () => this.actions.move(column, Math.max(0, at - 1)),
      ArrowRight: () => this.actions.move(column, at + 1),
      ArrowUp: () => this.actions.nudge(column, 1),
      ArrowDown: () => this.actions.nudge(column, -1),
      l: () => this.actions.rescale(column),
      Delete: () => this.actions.remove(column),
      Backspace: () => this.actions.remove(column),
    };
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    action();
    if (button.isConnected) button.focus();
    else this.drawing.focus();
  }

  private drag(event: PointerEvent, column: string, button: HTMLButtonElement): void {
    if (event.button !== 0) return;
    event.stopPropagation();
    const start = { x: event.clientX, y: event.clientY };
    const by = (now: PointerEvent) => ({ x: now.clientX - start.x, y: now.clientY - start.y });
    const follow = (now: PointerEvent) => {
      const { x, y } = by(now);
      button.style.transform = `translate(${x}px, ${y}px)`;
      button.classList.toggle("ts-chart-axis-off", Math.abs(y) > OFF);
    };
    const end = (now: PointerEvent) => {
      button.removeEventListener("pointermove", follow);
      button.style.transform = "";
      button.classList.remove("ts-chart-axis-held", "ts-chart-axis-off");
      if (now.type === "pointerup") this.let(column, by(now));
    };
    button.setPointerCapture(event.pointerId);
    button.classList.add("ts-chart-axis-held");
    button.addEventListener("pointermove", follow);
    button.addEventListener("pointerup", end, { once: true });
    button.addEventListener("pointercancel", end, { once: true });
  }

  /** What letting go of a title means, by how far it was dragged. */
  private let(column: string, { x, y }: { x: number; y: number }): void {
    const axes = this.layout?.axes ?? [];
    const own = axes.find((axis) => axis.column.id === column);
    if (own === undefined) return;
    if (Math.abs(y) > OFF) this.actions.remove(column);
    else if (Math.hypot(x, y) < CLICK) this.actions.turn(column);
    else this.actions.move(column, axes.filter((axis) => axis !== own && axis.x < own.x + x).length);
  }
}
