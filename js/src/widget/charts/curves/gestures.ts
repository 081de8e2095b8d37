/** Zoom by dragging a box or by Ctrl and the wheel, pan with Shift, show all by a double click; a crosshair. */

import { boxBetween, DragBox } from "../drag-box";
import { type Equipment, type Mounted, placeIn } from "../mount";
import type { CurvesOptions } from "../options";
import { type Scene, valueAcross } from "./scene";
import { CLOSER, FARTHER, ZoomTools } from "./zoom-tools";

interface Drag {
  x: number;
  y: number;
  isPan: boolean;
  scene: Scene;
}

const CLICK = 5;
const KEYS: Record<string, number | null> = { "+": CLOSER, "=": CLOSER, "-": FARTHER, "0": null };
/** A box that is flatter than this zooms across only. */
const FLAT = 24;

export class CurveGestures implements Equipment {
  private drag: Drag | null = null;
  private hasDragged = false;
  private readonly box: DragBox<CurvesOptions>;
  private readonly tools: ZoomTools;

  constructor(
    private readonly mounted: Mounted<CurvesOptions>,
    private readonly scene: () => Scene | null,
  ) {
    this.box = new DragBox(mounted);
    const { drawing, tools } = mounted.stage;
    this.tools = new ZoomTools(tools, (part) => this.zoomBy(part));
    drawing.addEventListener("pointerdown", (event) => this.press(event));
    drawing.addEventListener("pointermove", (event) => this.move(event));
    drawing.addEventListener("pointerup", (event) => this.release(event));
    drawing.addEventListener("pointercancel", () => this.end());
    drawing.addEventListener("pointerleave", () => this.cross(null));
    drawing.addEventListener("dblclick", () => this.zoom(null));
    drawing.addEventListener("click", (event) => this.hasDragged && event.preventDefault(), { capture: true });
    drawing.addEventListener("keydown", (event) => this.key(event));
    drawing.addEventListener("wheel", (event) => this.turn(event), { passive: false });
  }

  refresh(): void {
    this.tools.refresh((this.mounted.input().options.zoom ?? null) !== null, this.scene() === null);
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
    const part = KEYS[event.key];
    if (part === undefined) return;
    this.zoomBy(part);
    event.preventDefault();
    event.stopPropagation();
  }

  /** The wheel alone scrolls the page. */
  private turn(event: WheelEvent): void {
    const scene = this.scene();
    if (scene === null || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    const { left, right } = scene.view.plane;
    const at = (placeIn(this.mounted.stage.drawing, event).x - left) / (right - left);
    this.zoomBy(Math.max(-0.5, Math.min(0.25, -event.deltaY / 400)), Math.min(Math.max(at, 0), 1));
  }

  /** Takes a part of what is seen from the sides, shared so that the place `at` stays where it is. */
  private zoomBy(part: number | null, at = 0.5): void {
    const scene = this.scene();
    if (part === null) this.zoom(null);
    else if (scene !== null) this.zoom(zoomBetween(scene, [part * 2 * at, 1 - part * 2 * (1 - at)], [0, 1]));
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
