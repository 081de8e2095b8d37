/** Bars: one metric of each run, best first. */

import { formatNumber } from "../format";
import { type Box, boxBetween } from "./drag-box";
import type { ChartInput, CreateChart, NumberColumn, RunMask } from "./frame";
import { findColumn } from "./frame";
import { mainMetric } from "./main-metric";
import { runsIn } from "./masks";
import { messagePicture } from "./messages";
import { mount } from "./mount";
import { type SvgNode, svg } from "./nodes";
import type { BarsOptions } from "./options";
import { toCss } from "./palette";
import { drawingHeight, FAINT, type Marks, type Picture, type Room } from "./picture";
import { acrossOf, downOf, makePlane, type Plane, planeNodes } from "./plane";
import { makeScale, numberAxis, type Scale } from "./scale";
import { fitText, textWidth } from "./text";
import type { Theme } from "./theme";
import { factsOf, sortRuns } from "./values";
import { words } from "./words";

type Input = ChartInput<BarsOptions>;

/** The height of a bar with its name, where few or more runs are. */
const ROW = { few: 22, more: 17 };
const FEW = 16;
/** Above this number of runs bars have no names, and are as thin as the width asks for. */
const NAMED = 24;
const HEIGHT = 320;
const SIZE = 11;

export const createBars: CreateChart<BarsOptions> = (host, input, events) =>
  mount(host, { draw: drawBars }, input, events);

export function drawBars(input: Input, room: Room): Picture {
  const { frame, options, shown } = input;
  const column = chooseMetric(input);
  if (column === undefined) return messagePicture(words.barsTitle(""), words.nothingToDraw, room);
  const scale = makeScale(column, options.scale ?? "auto", shown);
  const placed = runsIn(shown, frame.runs.ids.length).filter((run) => !Number.isNaN(scale.at[run]));
  if (placed.length === 0) return messagePicture(words.barsTitle(column.key), words.noBars(column.key), room);
  const order = sortRuns(scale.at, placed);
  const isUp = column.direction === "smaller";
  return picture(input, room, column, scale, isUp ? order : order.reverse());
}

function chooseMetric({ frame, options }: Input): NumberColumn | undefined {
  const found = findColumn(frame, options.metric) ?? mainMetric(frame);
  return found?.type === "number" ? found : undefined;
}

/** Where bars stand: along the rows or columns of a plane. */
interface BarPlan {
  plane: Plane;
  height: number;
  /** The height of a bar with its name; 0 where bars have none. */
  row: number;
  /** From the first bar to the last; of several runs that share a pixel, the first. */
  runs: readonly number[];
  /** A bar with its end at the value. */
  boxOf: (index: number) => Box;
}

/** Bars begin at 0, so that their lengths can be compared; on a logarithmic scale at its low end. */
function valueAxis(scale: Scale): Pick<Scale, "kind" | "ticks" | "placeOf" | "valueAt"> & { base: number } {
  const [low, high] = scale.domain;
  if (scale.kind === "log") {
    const axis = numberAxis("log", low / 2, high);
    return { ...axis, base: 0 };
  }
  const axis = numberAxis("linear", Math.min(0, low), Math.max(0, high) || (low === 0 ? 1 : 0));
  return { ...axis, base: axis.placeOf(0) };
}

/** What bars are planned from: runs in their order, and where a run's value stands from 0 to 1. */
interface Bars {
  order: readonly number[];
  axis: ReturnType<typeof valueAxis>;
  placeOf: (run: number) => number;
  nameOf: (run: number) => string;
}

const planBars = (bars: Bars, options: BarsOptions, room: Room): BarPlan =>
  bars.order.length <= NAMED ? planRows(bars, room) : planColumns(bars, options, room);

function planRows({ order: runs, axis, placeOf, nameOf }: Bars, { width }: Room): BarPlan {
  const row = runs.length > FEW ? ROW.more : ROW.few;
  const longest = Math.max(...runs.map((run) => textWidth(nameOf(run), SIZE)));
  const height = 26 + runs.length * row + 40;
  const plane: Plane = {
    left: Math.round(Math.min(160, width * 0.32, longest + 16)),
    right: width - 64,
    top: 26,
    bottom: height - 40,
  };
  const boxOf = (index: number) => {
    const y = plane.top + index * row + row / 8;
    return boxBetween(acrossOf(plane, axis.base), y, acrossOf(plane, placeOf(runs[index] ?? 0)), y + row * 0.75);
  };
  return { plane, height, row, runs, boxOf };
}

function planColumns({ order, axis, placeOf }: Bars, options: BarsOptions, room: Room): BarPlan {
  const height = drawingHeight(options.height, HEIGHT, room, 0);
  const plane = makePlane(room.width, height, axis);
  const length = plane.right - plane.left;
  const every = Math.max(1, order.length / Math.floor(length));
  const count = Math.floor(order.length / every);
  const runs = Array.from({ length: count }, (_, index) => order[Math.floor(index * every)] ?? 0);
  const step = length / count;
  const boxOf = (index: number) => {
    const x = plane.left + index * step;
    const gap = step > 4 ? 1 : 0;
    return boxBetween(x, downOf(plane, axis.base), x + step - gap, downOf(plane, placeOf(runs[index] ?? 0)));
  };
  return { plane, height, row: 0, runs, boxOf };
}

class BarMarks implements Marks {
  constructor(
    private readonly plan: BarPlan,
    private readonly theme: Theme,
  ) {}

  paint(context: CanvasRenderingContext2D, selected: RunMask | null): void {
    context.fillStyle = toCss(this.theme.accent);
    this.plan.runs.forEach((run, index) => {
      const { x, y, width, height } = this.plan.boxOf(index);
      context.globalAlpha = strength(run, selected);
      context.fillRect(x, y, width, height);
    });
    context.globalAlpha = 1;
  }

  nodes(selected: RunMask | null): SvgNode[] {
    const fill = toCss(this.theme.accent);
    return this.plan.runs.map((run, index) =>
      svg("rect", { ...this.plan.boxOf(index), fill, "fill-opacity": strength(run, selected) }),
    );
  }
}

const strength = (run: number, selected: RunMask | null) =>
  selected === null || selected[run] === 1 ? 0.85 : FAINT + 0.1;

function picture(input: Input, room: Room, column: NumberColumn, scale: Scale, order: readonly number[]): Picture {
  const { theme, width } = room;
  const axis = valueAxis(scale);
  const placeOf = (run: number) => axis.placeOf(column.values[run] ?? 0);
  const nameOf = (run: number) => input.frame.runs.names[run] ?? "";
  const plan = planBars({ order, axis, placeOf, nameOf }, input.options, room);
  return {
    width,
    height: plan.height,
    title: words.barsTitle(column.key),
    back: backOf(plan, axis, column, theme),
    marks: new BarMarks(plan, theme),
    front: plan.row > 0 ? nameNodes(plan, input, column, theme) : [],
    highlight: (run) => highlight(plan, run, theme),
    nearest: (x, y) => nearestBar(plan, x, y),
    order: () => plan.runs,
    facts: (run) => factsOf([column], run),
    notes: notesOf(input, plan, order.length),
  };
}

function notesOf({ frame, shown }: Input, plan: BarPlan, drawn: number): string[] {
  const left = runsIn(shown, frame.runs.ids.length).length - drawn;
  const out = left > 0 ? [words.pointsLeftOut(left)] : [];
  return plan.runs.length < drawn ? [...out, words.barsSampled(plan.runs.length, drawn)] : out;
}

function backOf(
  { plane, row }: BarPlan,
  axis: ReturnType<typeof valueAxis>,
  { key, direction }: NumberColumn,
  theme: Theme,
): SvgNode[] {
  const order = { kind: "text" as const, ticks: () => [], title: words.barsOrder(direction !== null) };
  const values = { ...axis, title: key };
  return row > 0 ? planeNodes(plane, values, { ...order, title: "" }, theme) : planeNodes(plane, order, values, theme);
}

/** The run's name before its bar, the value behind it. */
function nameNodes({ plane, runs, boxOf }: BarPlan, { frame }: Input, column: NumberColumn, theme: Theme): SvgNode[] {
  const font = { "font-size": SIZE, "font-family": theme.font, fill: toCss(theme.text) };
  return runs.flatMap((run, index) => {
    const { x, y, width, height } = boxOf(index);
    const name = fitText(frame.runs.names[run] ?? "", SIZE, plane.left - 14);
    const middle = y + height / 2 + 4;
    const value = formatNumber(column.values[run] ?? Number.NaN);
    return [
      svg("text", { x: plane.left - 8, y: middle, "text-anchor": "end", ...font }, name),
      svg("text", { x: x + width + 5, y: middle, ...font }, value),
    ];
  });
}

function highlight({ runs, boxOf }: BarPlan, run: number, theme: Theme): SvgNode[] {
  const index = runs.indexOf(run);
  if (index < 0) return [];
  const { x, y, width, height } = boxOf(index);
  const look = { fill: toCss(theme.accent), stroke: toCss(theme.text), "stroke-width": 1.5 };
  return [svg("rect", { x, y, width: Math.max(2, width), height: Math.max(2, height), ...look })];
}

function nearestBar({ plane, runs, row }: BarPlan, x: number, y: number): number {
  const { left, right, top, bottom } = plane;
  if (y < top || y > bottom || x > right || (row === 0 && x < left)) return -1;
  const part = row > 0 ? (y - top) / row : ((x - left) / (right - left)) * runs.length;
  return runs[Math.floor(part)] ?? -1;
}
