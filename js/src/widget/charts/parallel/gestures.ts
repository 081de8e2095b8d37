/** What people do with axes: brush, move, turn and remove them, keep and exclude runs. */

import type { RunMask } from "../frame";
import { type Equipment, type Mounted, placeIn } from "../mount";
import type { AxisOptions, Brush, ParallelOptions } from "../options";
import { brushBetween, brushBoxes, brushRuns } from "./brush";
import { type Axis, type Layout, withBrushes } from "./layout";
import { Titles } from "./titles";
import { RunTools } from "./tools";

/** How near to an axis the pointer brushes it. */
const REACH = 11;
const EDGE = 6;
/** A press that moves less than this takes the brush away. */
const CLICK = 4;

interface Drag {
  column: string;
  /** The end that stays, from the top of the lines. */
  anchor: number;
  start: number;
  /** Where the brush was when all of it is moved. */
  moved: readonly [number, number] | null;
}

export class Gestures implements Equipment {
  private drag: Drag | null = null;
  private hasDragged = false;
  private readonly titles: Titles;
  private readonly tools: RunTools;
  /** The selection that the brushes made. */
  private brushed: RunMask | null = null;
  /** The layout that the titles stand by. */
  private titled: Layout | null = null;

  constructor(
    private readonly mounted: Mounted<ParallelOptions>,
    private readonly layout: () => Layout | null,
  ) {
    const { drawing, tools } = mounted.stage;
    this.titles = new Titles(drawing, {
      move: (column, to) => this.setAxes(moveAxis(this.axes(), column, to)),
      turn: (column) => this.turn(column),
      remove: (column) => this.setAxes(this.axes().filter((axis) => axis.column !== column)),
      nudge: (column, by) => this.nudge(column, by),
      rescale: (column) => this.rescale(column),
    });
    this.tools = new RunTools(
      tools,
      (shown) => this.show(shown),
      (column) => this.setAxes([...this.axes(), { column }]),
    );
    drawing.addEventListener("pointerdown", (event) => this.press(event));
    drawing.addEventListener("pointermove", (event) => this.move(event));
    drawing.addEventListener("pointerup", (event) => this.release(event));
    drawing.addEventListener("pointercancel", () => this.cancel());
    drawing.addEventListener("click", (event) => this.hasDragged && event.preventDefault(), { capture: true });
  }

  refresh(): void {
    const layout = this.layout();
    const { shown, selected, frame } = this.mounted.input();
    this.dropForeignBrushes(selected);
    this.tools.refresh(shown, selected, frame.runs.ids.length);
    if (layout === null || layout === this.titled) return;
    this.titled = layout;
    this.titles.refresh(layout, this.mounted.picture().width);
    const drawn = new Set(layout.axes.map(({ column }) => column));
    this.tools.offer(frame.columns.filter((column) => !drawn.has(column) && !layout.constant.includes(column)));
  }

  isBusy(event: PointerEvent): boolean {
    const axis = this.axisAt(event);
    this.mounted.stage.drawing.style.cursor = axis === undefined ? "" : "ns-resize";
    return this.drag !== null || axis !== undefined;
  }

  /** A selection from elsewhere says what is selected now; brushes that say something else would only confuse. */
  private dropForeignBrushes(selected: RunMask | null): void {
    if (this.brushed === null || sameRuns(this.brushed, selected)) return;
    this.brushed = null;
    this.mounted.change({ options: this.withAxes(this.axes().map((axis) => ({ ...axis, brush: null }))) });
  }

  private show(shown: RunMask | null): void {
    this.brushed = null;
    const axes = this.axes().map((axis) => ({ ...axis, brush: null }));
    const { options } = this.mounted.input();
    this.mounted.change({ shown, selected: null, options: options.axes === null ? options : this.withAxes(axes) });
  }

  /** The axes as options, also where the chart chose them. */
  private axes(): readonly AxisOptions[] {
    return this.mounted.input().options.axes ?? this.layout()?.axes.map(({ options }) => options) ?? [];
  }

  private withAxes(axes: readonly AxisOptions[]): ParallelOptions {
    return { ...this.mounted.input().options, axes };
  }

  private turn(column: string): void {
    this.setAxes(
      this.axes().map((axis) => (axis.column === column ? { ...axis, isInverted: axis.isInverted !== true } : axis)),
    );
  }

  /** From linear to logarithmic and back. A brush stays where its values are. */
  private rescale(column: string): void {
    const kind = this.layout()?.axes.find((axis) => axis.column.id === column)?.scale.kind;
    if (kind === undefined || kind === "text") return;
    const scale = kind === "log" ? "linear" : "log";
    this.setAxes(this.axes().map((axis) => (axis.column === column ? { ...axis, scale } : axis)));
  }

  /** Takes axes with their brushes, and selects what these let pass. */
  private setAxes(axes: readonly AxisOptions[]): void {
    const layout = this.layout();
    if (layout === null) return;
    const options = this.withAxes(axes);
    const hadBrush = this.axes().some(({ brush }) => brush);
    const hasBrush = axes.some(({ brush }) => brush);
    if (!hadBrush && !hasBrush) {
      this.mounted.change({ options });
      return;
    }
    const kept = withBrushes(layout, options).axes.filter(({ column }) =>
      axes.some((axis) => axis.column === column.id),
    );
    this.brushed = brushRuns(kept, this.mounted.input().shown);
    this.mounted.change({ options, selected: this.brushed });
  }

  private setBrush(column: string, brush: Brush | null): void {
    this.setAxes(this.axes().map((axis) => (axis.column === column ? { ...axis, brush } : axis)));
  }

  /** Moves the lower end of a brush by a twentieth of the axis: what is above it stays selected. */
  private nudge(column: string, by: number): void {
    const layout = this.layout();
    const axis = this.current().find((one) => one.column.id === column);
    if (layout === null || axis === undefined) return;
    const step = (layout.low - layout.high) / 20;
    const [top, bottom] = brushBoxes(layout, axis)[0] ?? [layout.high, layout.low];
    const end = Math.min(bottom - by * step, layout.low);
    this.setBrush(
      column,
      end >= layout.low && top <= layout.high ? null : brushBetween(layout, axis, top, Math.max(end, top)),
    );
  }

  private current(): readonly Axis[] {
    const layout = this.layout();
    return layout === null ? [] : withBrushes(layout, this.mounted.input().options).axes;
  }

  private axisAt(event: MouseEvent): Axis | undefined {
    const layout = this.layout();
    const { x, y } = placeIn(this.mounted.stage.drawing, event);
    if (layout === null || y < layout.top - 4 || y > layout.top + layout.height) return undefined;
    return this.current().find((axis) => Math.abs(axis.x - x) <= REACH);
  }

  private press(event: PointerEvent): void {
    this.hasDragged = false;
    const [axis, layout] = [this.axisAt(event), this.layout()];
    if (axis === undefined || layout === null || event.button !== 0) return;
    const y = placeIn(this.mounted.stage.drawing, event).y - layout.top;
    this.drag = grab(axis, brushBoxes(layout, axis), y);
    this.mounted.stage.drawing.setPointerCapture(event.pointerId);
    event.preventDefault();
    this.mounted.stage.drawing.focus({ preventScroll: true });
  }

  private move(event: PointerEvent): void {
    const [drag, layout] = [this.drag, this.layout()];
    const axis = this.current().find(({ column }) => column.id === drag?.column);
    if (drag === null || layout === null || axis === undefined) return;
    const y = placeIn(this.mounted.stage.drawing, event).y - layout.top;
    if (Math.abs(y - drag.start) < CLICK && !this.hasDragged) return;
    this.hasDragged = true;
    const [one, other] = drag.moved?.map((end) => end + y - drag.start) ?? [drag.anchor, y];
    this.setBrush(drag.column, brushBetween(layout, axis, one ?? y, other ?? y));
  }

  private release(event: PointerEvent): void {
    const { drag } = this;
    if (drag === null) return;
    this.drag = null;
    this.mounted.stage.drawing.releasePointerCapture(event.pointerId);
    if (!this.hasDragged) this.setBrush(drag.column, null);
    this.hasDragged = true;
  }

  private cancel(): void {
    this.drag = null;
  }
}

/** A press on an end of a brush moves that end, inside of it the whole brush, elsewhere it starts a new one. */
function grab({ column }: Axis, boxes: readonly [number, number][], y: number): Drag {
  const box = boxes.find(([top, bottom]) => y >= top - EDGE && y <= bottom + EDGE);
  const start = { column: column.id, start: y };
  if (box === undefined) return { ...start, anchor: y, moved: null };
  const [top, bottom] = box;
  if (Math.abs(y - top) <= EDGE) return { ...start, anchor: bottom, moved: null };
  if (Math.abs(y - bottom) <= EDGE) return { ...start, anchor: top, moved: null };
  return { ...start, anchor: y, moved: box };
}

function moveAxis(axes: readonly AxisOptions[], column: string, to: number): AxisOptions[] {
  const rest = axes.filter((axis) => axis.column !== column);
  return [...rest.slice(0, to), ...axes.filter((axis) => axis.column === column), ...rest.slice(to)];
}

/** Hosts keep no selection where nothing is selected, as while a brush lets nothing pass. */
function sameRuns(one: RunMask, other: RunMask | null): boolean {
  if (one === other) return true;
  if (other === null) return !one.includes(1);
  return one.length === other.length && one.every((isIn, run) => isIn === other[run]);
}
