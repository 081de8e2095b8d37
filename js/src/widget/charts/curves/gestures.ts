/** Zoom by dragging a box, pan with Shift, show all by a double click; the crosshair follows the pointer. */

import { boxBetween, DragBox } from "../drag-box";
import { type Equipment, type Mounted, placeIn } from "../mount";
import type { CurvesOptions } from "../options";
import { type Scene, valueAcross } from "./scene";

interface Drag {
  x: number;
  y: number;
  isPan: boolean;
  scene: Scene;
}

const CLICK = 5;
/** A box that is flatter than this zooms across only. */
const FLAT = 24;

export class CurveGestures implements Equipment {
  private drag: Drag | null = null;
  private hasDragged = false;
  private readonly box: DragBox<CurvesOptions>;

  constructor(
    private readonly mounted: Mounted<CurvesOptions>,
    private readonly scene: () => Scene | null,
  ) {
    this.box = new DragBox(mounted);
    const { drawing } = mounted.stage;
    drawing.addEventListener("pointerdown", (event) => this.press(event));
    drawing.addEventListener("pointermove", (event) => this.move(event));
    drawing.addEventListener("pointerup", (event) => this.release(event));
    drawing.addEventListener("pointercancel", () => this.end());
    drawing.addEventListener("pointerleave", () => this.cross(null));
    drawing.addEventListener("dblclick", () => this.zoom(null));
    drawing.addEventListener("click", (event) => this.hasDragged && event.preventDefault(), { capture: true });
    drawing.addEventListener("keydown", (event) => this.key(event));
  }

  isBusy(): boolean {
    return this.drag !== null;
  }

  private zoom(zoom: CurvesOptions["zoom"]): void {
    const { options } = this.mounted.input();
    if ((options.zoom ?? null) !== zoom) this.mounted.change({ options: { ...options, zoom: zoom ?? null } });
  }

  /** Plus and minus zoom about the middle, 0 shows all. */
  private key(event: KeyboardEvent): void {
    const scene = this.scene();
    const factor = { "+": 0.25, "=": 0.25, "-": -0.5 }[event.key];
    if (event.key === "0") this.zoom(null);
    else if (factor !== undefined && scene !== null) this.zoom(zoomBetween(scene, [factor, 1 - factor], [0, 1]));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private press(event: PointerEvent): void {
    this.hasDragged = false;
    const scene = this.scene();
    if (scene === null || event.button !== 0) return;
    this.drag = { ...placeIn(this.mounted.stage.drawing, event), isPan: event.shiftKey, scene };
    this.mounted.stage.drawing.setPointerCapture(event.pointerId);
  }

  private move(event: PointerEvent): void {
    const place = placeIn(this.mounted.stage.drawing, event);
    const scene = this.scene();
    if (this.drag === null) this.cross(scene === null ? null : valueAcross(scene, place.x));
    else if (Math.hypot(place.x - this.drag.x, place.y - this.drag.y) >= CLICK) this.follow(this.drag, place);
  }

  private follow(drag: Drag, { x, y }: { x: number; y: number }): void {
    this.hasDragged = true;
    if (drag.isPan) this.pan(drag, x - drag.x, y - drag.y);
    else this.showBox(drag, x, y);
  }

  private pan({ scene }: Drag, across: number, down: number): void {
    const { left, right, top, bottom } = scene.view.plane;
    const [x, y] = [-across / (right - left), down / (bottom - top)];
    this.zoom(zoomBetween(scene, [x, 1 + x], [y, 1 + y]));
  }

  private showBox(drag: Drag, x: number, y: number): void {
    const { top, bottom } = drag.scene.view.plane;
    const isFlat = Math.abs(y - drag.y) < FLAT;
    const [high, low] = isFlat ? [top, bottom] : [y, drag.y];
    this.box.show(boxBetween(x, high, drag.x, low));
  }

  private release(event: PointerEvent): void {
    const { drag } = this;
    this.end();
    if (drag === null) return;
    this.mounted.stage.drawing.releasePointerCapture(event.pointerId);
    if (this.hasDragged && !drag.isPan) this.zoomToBox(drag, placeIn(this.mounted.stage.drawing, event));
  }

  private zoomToBox(drag: Drag, { x, y }: { x: number; y: number }): void {
    const { left, right, top, bottom } = drag.scene.view.plane;
    const across = (place: number) => Math.min(Math.max((place - left) / (right - left), 0), 1);
    const up = (place: number) => Math.min(Math.max((bottom - place) / (bottom - top), 0), 1);
    const isFlat = Math.abs(y - drag.y) < FLAT;
    const ends = [across(x), across(drag.x)].sort((a, b) => a - b) as [number, number];
    const heights = isFlat ? ([0, 1] as const) : ([up(y), up(drag.y)].sort((a, b) => a - b) as [number, number]);
    if (ends[1] > ends[0]) this.zoom(zoomBetween(drag.scene, ends, heights));
  }

  private end(): void {
    this.drag = null;
    this.box.hide();
  }

  private cross(at: number | null): void {
    if (at === (this.mounted.input().crosshair ?? null)) return;
    this.mounted.change({ crosshair: at });
    this.mounted.events.onCrosshair?.(at);
  }
}

/** What is seen between parts of what is seen now. */
function zoomBetween(
  { view }: Scene,
  x: readonly [number, number],
  y: readonly [number, number],
): NonNullable<CurvesOptions["zoom"]> {
  return { x: [view.x.valueAt(x[0]), view.x.valueAt(x[1])], y: [view.y.valueAt(y[0]), view.y.valueAt(y[1])] };
}
