/** A box that selects the runs in it: dragging draws it, a click beside all runs takes the selection back. */

import { type Box, boxBetween, DragBox } from "./drag-box";
import { maskOf } from "./masks";
import { type Equipment, type Mounted, placeIn } from "./mount";

/** Marks that know which runs lie in a box of the picture. */
interface Boxed {
  within: (left: number, right: number, top: number, bottom: number) => number[];
}

const CLICK = 4;

export class SelectBox<Options> implements Equipment {
  private start: { x: number; y: number } | null = null;
  private hasDragged = false;
  private readonly box: DragBox<Options>;

  constructor(private readonly mounted: Mounted<Options>) {
    this.box = new DragBox(mounted);
    const { drawing } = mounted.stage;
    drawing.addEventListener("pointerdown", (event) => this.press(event));
    drawing.addEventListener("pointermove", (event) => this.move(event));
    drawing.addEventListener("pointerup", (event) => this.release(event));
    drawing.addEventListener("pointercancel", () => this.end());
    drawing.addEventListener("click", (event) => this.click(event), { capture: true });
  }

  isBusy(): boolean {
    return this.hasDragged && this.start !== null;
  }

  private click(event: MouseEvent): void {
    if (this.hasDragged) event.preventDefault();
    else if (this.mounted.input().hovered === null) this.mounted.change({ selected: null });
  }

  private press(event: PointerEvent): void {
    this.hasDragged = false;
    if (event.button !== 0) return;
    this.start = placeIn(this.mounted.stage.drawing, event);
    this.mounted.stage.drawing.setPointerCapture(event.pointerId);
  }

  private move(event: PointerEvent): void {
    const { start } = this;
    if (start === null) return;
    const { x, y } = placeIn(this.mounted.stage.drawing, event);
    if (!this.hasDragged && Math.hypot(x - start.x, y - start.y) < CLICK) return;
    this.hasDragged = true;
    const box = boxBetween(x, y, start.x, start.y);
    this.select(box);
    this.box.show(box);
  }

  private select({ x, y, width, height }: Box): void {
    const marks = this.mounted.picture().marks as Partial<Boxed>;
    const runs = marks.within?.(x, x + width, y, y + height) ?? [];
    this.mounted.change({ selected: maskOf(runs, this.mounted.input().frame.runs.ids.length) });
  }

  private release(event: PointerEvent): void {
    if (this.start !== null) this.mounted.stage.drawing.releasePointerCapture(event.pointerId);
    this.end();
  }

  private end(): void {
    this.start = null;
    this.box.hide();
  }
}
