/** Metric curves: how a metric went in each run, or in groups of runs. */

import { betterDirection } from "../../directions";
import { formatDuration, formatNumber, formatTime } from "../../format";
import type { ChartInput, CreateChart } from "../frame";
import { legendText, namedNodes, rampNodes } from "../legend";
import { messagePicture } from "../messages";
import { type Design, type Equipment, type Mounted, mount } from "../mount";
import { linePath, type SvgNode, svg } from "../nodes";
import type { CurvesOptions } from "../options";
import { CATEGORY_COUNT, category, numberColour, type Rgb, toCss } from "../palette";
import { drawingHeight, type Fact, once, type Picture, type Room } from "../picture";
import { acrossOf, downOf, planeNodes } from "../plane";
import { numberAxis, suitsLog } from "../scale";
import { words } from "../words";
import { CurveGestures } from "./gestures";
import { type Line, valueAt } from "./groups";
import { chooseMetric, type Extent, extentOf, lineOf, makeLines } from "./lines";
import { CurveMarks, type Drawn } from "./marks";
import type { Scene } from "./scene";
import { makeView, project, projectBand, type View } from "./view";

type Input = ChartInput<CurvesOptions>;

const HEIGHT = 280;
const LEGEND = 34;
const REACH = 24;

export const createCurves: CreateChart<CurvesOptions> = (host, input, events) =>
  mount(host, new CurvesDesign(), input, events);

export const drawCurves = (input: Input, room: Room): Picture => new CurvesDesign().draw(input, room);

class CurvesDesign implements Design<CurvesOptions> {
  private known: { key: readonly unknown[]; lines: Line[]; extent: Extent } | null = null;
  private room: Room | null = null;
  private crosshair: number | null = null;
  scene: Scene | null = null;

  sources({
    frame,
    shown,
    options: { metric, across, xScale, yScale, smoothing, group, zoom, height },
  }: Input): readonly unknown[] {
    return [frame, shown, metric, across, xScale, yScale, smoothing, group, zoom, height];
  }

  draw(input: Input, room: Room): Picture {
    this.room = room;
    this.scene = null;
    const metric = chooseMetric(input);
    if (metric === null) return messagePicture(words.curvesTitle("", ""), words.noCurves, room);
    const title = words.curvesTitle(metric, words.across[input.options.across]);
    const { lines, extent } = this.linesOf(input, metric);
    if (!Number.isFinite(extent.y[0])) return messagePicture(title, words.noCurve(metric), room);
    const height = drawingHeight(input.options.height, HEIGHT, room, LEGEND);
    const view = makeView(extent, input.options, room.width, height);
    const colours = colourLines(lines, metric, room.theme.isDark);
    const drawn = lines.map((line, index) => drawLine(line, colours[index] ?? room.theme.accent, view));
    this.scene = { metric, view, drawn, extent };
    return { ...this.picture(input, room, this.scene), title, width: room.width, height: height + LEGEND };
  }

  overlay({ crosshair }: Input): SvgNode[] {
    this.crosshair = crosshair ?? null;
    if (crosshair == null || this.scene === null || this.room === null) return [];
    return crosshairNodes(this.scene, crosshair, toCss(this.room.theme.muted));
  }

  equip(mounted: Mounted<CurvesOptions>): Equipment {
    return new CurveGestures(mounted, () => this.scene);
  }

  /** Zooming needs no new lines. */
  private linesOf(input: Input, metric: string) {
    const { frame, shown, options } = input;
    const key = [frame, shown, metric, options.across, options.smoothing, options.group];
    if (this.known === null || key.some((part, index) => part !== this.known?.key[index])) {
      const lines = makeLines(input, metric);
      this.known = { key, lines, extent: extentOf(lines) };
    }
    return this.known;
  }

  private picture(input: Input, { theme, width }: Room, scene: Scene): Omit<Picture, "title" | "width" | "height"> {
    const { view, drawn, metric, extent } = scene;
    const { across, group } = input.options;
    const axes = planeNodes(
      view.plane,
      { ...view.x, title: words.across[across] },
      { ...view.y, title: metric },
      theme,
    );
    const legend = { x: 12, y: view.plane.bottom + 42, width: width - 24 };
    const unplaced = extent.unplaced > 0 ? [words.pointsUnplaced(extent.unplaced)] : [];
    return {
      back: axes,
      marks: new CurveMarks(drawn, view.plane),
      front: legendOf(scene, legend, theme),
      highlight: (run) => highlight(scene, run, toCss(theme.background)),
      nearest: (x, y) => nearestCurve(scene, x, y),
      order: once(() => drawn.map(({ line }) => line.runs[0] ?? 0)),
      facts: (run) => factsAt(scene, run, input, this.crosshair),
      notes: [...(group === null ? [] : [words.curveBand]), ...unplaced],
    };
  }
}

const drawLine = (line: Line, colour: Rgb, view: View): Drawn => ({
  line,
  colour,
  points: project(line.points, view),
  raw: line.raw === null ? null : project(line.raw, view),
  band: projectBand(line, view),
});

/** A few lines are told apart by hue; many are coloured by where they end. */
function colourLines(lines: readonly Line[], metric: string, isDark: boolean): Rgb[] {
  if (lines.length <= CATEGORY_COUNT) return lines.map((_, index) => category(index, isDark));
  const { axis, ends } = endsOf(lines);
  return ends.map((end) =>
    numberColour(Number.isFinite(end) ? axis.placeOf(end) : 0.5, betterDirection(metric), isDark),
  );
}

function endsOf(lines: readonly Line[]) {
  const ends = lines.map(({ points }) => lastFinite(points.y));
  const finite = ends.filter(Number.isFinite).sort((a, b) => a - b);
  const [low, high] = [finite[0] ?? 0, finite.at(-1) ?? 1];
  return { ends, axis: numberAxis(suitsLog(low, high) ? "log" : "linear", low, high) };
}

function lastFinite(values: Float64Array): number {
  let at = values.length - 1;
  while (at >= 0 && !Number.isFinite(values[at])) at -= 1;
  return values[at] ?? Number.NaN;
}

function legendOf(
  { drawn, metric }: Scene,
  place: { x: number; y: number; width: number },
  theme: Room["theme"],
): SvgNode[] {
  if (drawn.length <= CATEGORY_COUNT) {
    return namedNodes(
      drawn.map(({ line, colour }) => ({ text: line.label, colour })),
      place,
      theme,
    );
  }
  const direction = betterDirection(metric);
  const table = Array.from({ length: 33 }, (_, index) => numberColour(index / 32, direction, theme.isDark));
  const name = legendText(words.lastValue, place.x, place.y + 10, theme);
  const rest = { x: place.x + 76, y: place.y, width: place.width - 76 };
  return [name, ...rampNodes(table, endsOf(drawn.map(({ line }) => line)).axis.ticks(4), rest, theme, direction)];
}

function highlight({ drawn }: Scene, run: number, paper: string): SvgNode[] {
  const found =
    drawn[
      lineOf(
        drawn.map(({ line }) => line),
        run,
      )
    ];
  if (found === undefined) return [];
  const path = { d: linePath(found.points.x, found.points.y), fill: "none", "stroke-linejoin": "round" };
  return [
    svg("path", { ...path, stroke: paper, "stroke-width": 5 }),
    svg("path", { ...path, stroke: toCss(found.colour), "stroke-width": 2.5 }),
  ];
}

function nearestCurve({ drawn, view }: Scene, x: number, y: number): number {
  const { left, right } = view.plane;
  if (x < left || x > right) return -1;
  let [best, nearest] = [-1, REACH];
  for (const { points, line } of drawn) {
    const distance = Math.abs(valueAt(points, x) - y);
    if (distance < nearest) [best, nearest] = [line.runs[0] ?? -1, distance];
  }
  return best;
}

/** The value where the crosshair is, else the last one. */
function factsAt({ drawn, metric }: Scene, run: number, { options }: Input, crosshair: number | null): Fact[] {
  const line =
    drawn[
      lineOf(
        drawn.map((one) => one.line),
        run,
      )
    ]?.line;
  if (line === undefined) return [];
  const place = crosshair ?? line.points.x.at(-1) ?? 0;
  const where = { step: formatNumber, time: formatTime, relative: formatDuration }[options.across](place);
  const group: Fact[] = options.group === null ? [] : [[line.label, words.groupRuns(line.runs.length)]];
  return [...group, [words.across[options.across], where], [metric, formatNumber(valueAt(line.points, place))]];
}

function crosshairNodes({ view, drawn }: Scene, crosshair: number, stroke: string): SvgNode[] {
  const at = view.x.placeOf(crosshair);
  if (!(at >= 0 && at <= 1)) return [];
  const { plane } = view;
  const x = acrossOf(plane, at);
  const line = svg("line", { x1: x, x2: x, y1: plane.top, y2: plane.bottom, stroke, "stroke-dasharray": "3 3" });
  const dots = drawn.slice(0, 30).flatMap(({ line: { points }, colour }) => {
    const value = valueAt(points, crosshair);
    const cy = downOf(plane, view.y.placeOf(value));
    return Number.isFinite(cy) && cy >= plane.top && cy <= plane.bottom
      ? [svg("circle", { cx: x, cy, r: 3, fill: toCss(colour) })]
      : [];
  });
  return [line, ...dots];
}
