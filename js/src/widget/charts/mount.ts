/** Brings a chart to life in the page: draws what changed, follows pointer and keyboard, exports. */

import type { Chart, ChartEvents, ChartInput, RunMask } from "./frame";
import { countRuns } from "./frame";
import { maskOf } from "./masks";
import type { SvgNode } from "./nodes";
import { type Picture, pictureFile, type Room } from "./picture";
import { fillLayer, fillTable, makeStage, type Stage, showNotes, showTip, sizeStage } from "./stage";
import { LIGHT, readTheme, type Theme } from "./theme";

/** One kind of chart. */
export interface Design<Options> {
  draw: (input: ChartInput<Options>, room: Room) => Picture;
  /** What the picture is made of; it is made anew when one of these changes. */
  sources?: (input: ChartInput<Options>) => readonly unknown[];
  /** What changes while the picture stays. */
  overlay?: (input: ChartInput<Options>) => readonly SvgNode[];
  /** Own controls and gestures. */
  equip?: (mounted: Mounted<Options>) => Equipment;
}

export interface Equipment {
  /** Called after each drawing. */
  refresh?: () => void;
  /** Whether the pointer is busy with something else than pointing at runs. */
  isBusy?: (event: PointerEvent) => boolean;
}

/** What gestures can do with a chart. */
export interface Mounted<Options> {
  stage: Stage;
  events: ChartEvents<Options>;
  input: () => ChartInput<Options>;
  picture: () => Picture;
  theme: () => Theme;
  /** Draws what changed and tells the host. */
  change: (change: Partial<ChartInput<Options>>) => void;
}

const NARROWEST = 160;
/** Charts that fill their room are not much higher than wide. */
const SQUARE = 0.9;
const LOWEST = 360;

export function mount<Options>(
  host: HTMLElement,
  design: Design<Options>,
  first: ChartInput<Options>,
  events: ChartEvents<Options> = {},
): Chart<Options> {
  const mounted = new Mount(host, design, first, events);
  return {
    update: (change) => mounted.update(change),
    resize: () => mounted.resize(),
    toSvg: () => mounted.toSvg(),
    destroy: () => mounted.destroy(),
  };
}

class Mount<Options> implements Mounted<Options> {
  readonly stage: Stage;
  private picture_: Picture | null = null;
  private sources: readonly unknown[] = [];
  private room: Room = { width: 0, height: null, theme: LIGHT };
  private frame = 0;
  private readonly equipment: Equipment;
  private readonly observer: ResizeObserver;
  /** JupyterLab and VS Code write the theme's name on the page's body when its colours are there. */
  private readonly themes = new MutationObserver(() => this.resize());

  constructor(
    private readonly host: HTMLElement,
    private readonly design: Design<Options>,
    private state: ChartInput<Options>,
    readonly events: ChartEvents<Options>,
  ) {
    this.stage = makeStage(host);
    // gestures hear the pointer first: what is said of a run depends on the crosshair that they move
    this.equipment = design.equip?.(this) ?? {};
    this.listen();
    this.resize();
    this.observer = new ResizeObserver(() => this.fit());
    for (const element of [host, this.stage.root]) this.observer.observe(element);
    this.themes.observe(document.body, { attributeFilter: ["data-jp-theme-name", "data-vscode-theme-id"] });
  }

  input = () => this.state;
  theme = () => this.room.theme;
  picture = () => this.picture_ ?? this.design.draw(this.state, this.room);

  update(change: Partial<ChartInput<Options>>): void {
    const before = this.state;
    this.state = { ...before, ...change };
    const { selected, hovered } = this.state;
    if (this.isOutdated()) this.draw();
    else if (selected !== before.selected) this.paintSoon();
    if (hovered !== before.hovered) this.light();
    this.cover();
  }

  change(change: Partial<ChartInput<Options>>): void {
    this.update(change);
    if (change.options !== undefined) this.events.onOptions?.(change.options);
    if (change.shown !== undefined) this.events.onShow?.(change.shown);
    if (change.selected !== undefined) this.events.onSelect?.(change.selected);
    if (change.hovered !== undefined) this.events.onHover?.(change.hovered);
  }

  resize(): void {
    this.room = { ...this.measure(), theme: readTheme(this.stage.root) };
    this.draw();
    this.cover();
  }

  toSvg(): string {
    const over = this.design.overlay?.(this.state) ?? [];
    const photograph = () => this.stage.canvas.toDataURL();
    return pictureFile(this.picture(), this.room.theme.background, this.state.selected, over, photograph);
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.observer.disconnect();
    this.themes.disconnect();
    this.stage.root.remove();
  }

  private fit(): void {
    if (this.stage.root.clientWidth === 0) return;
    const { width, height } = this.measure();
    if (width !== this.room.width || height !== this.room.height) this.resize();
  }

  /** As wide as the host, as wide as before where it is hidden, and as high where the host has room to fill (`--ts-chart-fill`). */
  private measure(): Pick<Room, "width" | "height"> {
    const { root, drawing } = this.stage;
    const width = Math.max(NARROWEST, Math.floor(root.clientWidth) || this.room.width || 640);
    const isFilling = getComputedStyle(this.host).getPropertyValue("--ts-chart-fill").trim() === "1";
    if (!isFilling) return { width, height: null };
    const around = root.offsetHeight - drawing.offsetHeight;
    return { width, height: Math.min(this.host.clientHeight - around, Math.max(width * SQUARE, LOWEST)) };
  }

  private isOutdated(): boolean {
    const now = this.sourcesOf();
    return now.length !== this.sources.length || now.some((source, index) => source !== this.sources[index]);
  }

  private sourcesOf(): readonly unknown[] {
    const { frame, options, shown } = this.state;
    return this.design.sources?.(this.state) ?? [frame, options, shown];
  }

  private draw(): void {
    this.sources = this.sourcesOf();
    this.picture_ = this.design.draw(this.state, this.room);
    sizeStage(this.stage, this.picture_);
    fillLayer(this.stage.back, this.picture_.back);
    fillLayer(this.stage.front, this.picture_.front);
    showNotes(this.stage, this.picture_.notes);
    this.paint();
    this.light();
    if (this.stage.table.open) this.fillTable();
  }

  private paintSoon(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.paint());
  }

  private paint(): void {
    const context = this.stage.canvas.getContext("2d");
    if (context === null || this.picture_ === null) return;
    const pixels = this.stage.canvas.width / this.picture_.width;
    context.setTransform(pixels, 0, 0, pixels, 0, 0);
    context.clearRect(0, 0, this.picture_.width, this.picture_.height);
    this.picture_.marks.paint(context, this.state.selected);
  }

  private light(): void {
    const { hovered } = this.state;
    const isShown = hovered !== null && this.state.shown?.[hovered] !== 0 && hovered < this.state.frame.runs.ids.length;
    fillLayer(this.stage.lit, isShown ? this.picture().highlight(hovered) : []);
    this.stage.root.classList.toggle("ts-chart-lit", isShown);
    if (!isShown) this.stage.tip.hidden = true;
  }

  private cover(): void {
    fillLayer(this.stage.over, this.design.overlay?.(this.state) ?? []);
    this.equipment.refresh?.();
  }

  private readonly nameOf = (run: number) => this.state.frame.runs.names[run] ?? "";

  private fillTable(): void {
    fillTable(this.stage, this.picture(), this.nameOf);
  }

  private listen(): void {
    const { drawing, table } = this.stage;
    drawing.addEventListener("pointermove", (event) => this.point(event));
    drawing.addEventListener("pointerleave", () => this.hover(null));
    drawing.addEventListener("keydown", (event) => this.press(event));
    drawing.addEventListener("click", (event) => this.pick(event));
    table.addEventListener("toggle", () => table.open && this.fillTable());
  }

  private hover(run: number | null): void {
    if (run !== this.state.hovered) this.change({ hovered: run });
  }

  private point(event: PointerEvent): void {
    const isBusy = this.equipment.isBusy?.(event) === true;
    const { x, y } = placeIn(this.stage.drawing, event);
    const run = isBusy ? -1 : this.picture().nearest(x, y);
    this.hover(run < 0 ? null : run);
    if (run >= 0) showTip(this.stage, this.nameOf(run), this.picture().facts(run), x, y);
  }

  /** A click takes the run alone, with Ctrl or Shift it adds or removes it; a second one opens it. */
  private pick(event: MouseEvent): void {
    const { hovered } = this.state;
    if (event.target instanceof HTMLElement && event.target.closest("button") !== null) return;
    if (hovered === null || event.defaultPrevented) return;
    if (event.detail === 2) this.events.onOpen?.(hovered);
    else this.toggle(hovered, event.ctrlKey || event.metaKey || event.shiftKey);
  }

  private toggle(run: number, isMore: boolean): void {
    const total = this.state.frame.runs.ids.length;
    const before = this.state.selected;
    const mask: RunMask = isMore && before !== null ? before.slice() : maskOf([], total);
    mask[run] = before?.[run] === 1 && (isMore || countRuns(before, total) === 1) ? 0 : 1;
    this.change({ selected: mask.includes(1) ? mask : null });
  }

  private press(event: KeyboardEvent): void {
    if (event.target !== this.stage.drawing) return;
    const step = STEPS[event.key];
    if (step !== undefined) this.step(step);
    else if (event.key === "Escape") this.change({ selected: null, hovered: null });
    else if (event.key === "Enter" && this.state.hovered !== null) this.events.onOpen?.(this.state.hovered);
    else if (event.key === " " && this.state.hovered !== null) this.toggle(this.state.hovered, true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private step(by: number): void {
    const order = this.picture().order();
    if (order.length === 0) return;
    const at = this.state.hovered === null ? -1 : order.indexOf(this.state.hovered);
    const last = order.length - 1;
    const next = at < 0 && by === -1 ? last : Math.min(Math.max(at + by, 0), last);
    const run = order[next] ?? 0;
    this.hover(run);
    this.say(run, next + 1, order.length);
  }

  private say(run: number, place: number, total: number): void {
    const facts = this.picture().facts(run);
    const text = facts.map(([name, value]) => `${name} ${value}`).join(", ");
    this.stage.live.textContent = `${this.nameOf(run)}, ${place}/${total}: ${text}`;
    showTip(this.stage, this.nameOf(run), facts, 0, 0);
    this.stage.drawing.title = "";
  }
}

const MANY = 1e9;
const STEPS: Record<string, number> = {
  ArrowRight: 1,
  ArrowDown: 1,
  ArrowLeft: -1,
  ArrowUp: -1,
  PageDown: 10,
  PageUp: -10,
  Home: -MANY,
  End: MANY,
};

/** Where a pointer is in an element. */
export function placeIn(element: HTMLElement, event: MouseEvent): { x: number; y: number } {
  const box = element.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}
