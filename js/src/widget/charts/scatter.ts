/** Scatter: each run is a point of two of its values. */

import type { ChartInput, Column, CreateChart, Frame } from "./frame";
import { findColumn } from "./frame";
import { LEGEND_HEIGHT, legendNodes } from "./legend";
import { mainMetric } from "./main-metric";
import { runsIn } from "./masks";
import { messagePicture } from "./messages";
import { type Design, type Equipment, type Mounted, mount } from "./mount";
import { type SvgNode, svg } from "./nodes";
import type { ScatterOptions } from "./options";
import { colourOf, colourRuns, toCss } from "./palette";
import { drawingHeight, once, type Picture, type Room } from "./picture";
import { acrossOf, downOf, makePlane, type Plane, planeNodes } from "./plane";
import { Points } from "./points";
import { makeScale, placeAll, type Scale } from "./scale";
import { SelectBox } from "./select-box";
import type { Theme } from "./theme";
import { factsOf, sortRuns } from "./values";
import { words } from "./words";

type Input = ChartInput<ScatterOptions>;

const HEIGHT = 320;
/** The width of the strip for runs that have no place on an axis. */
const STRIP = 22;
/** Room between the axes and the outermost points. */
const PAD = 10;

export const createScatter: CreateChart<ScatterOptions> = (host, input, events) =>
  mount(
    host,
    {
      draw: drawScatter,
      equip: (mounted: Mounted<ScatterOptions>): Equipment => new SelectBox(mounted),
    } satisfies Design<ScatterOptions>,
    input,
    events,
  );

export function drawScatter(input: Input, room: Room): Picture {
  const { frame, options, shown } = input;
  const [x, y] = chooseColumns(frame, options);
  if (x === undefined || y === undefined) return messagePicture(words.scatterTitle("", ""), words.nothingToDraw, room);
  const scales = { x: makeScale(x, options.xScale ?? "auto", shown), y: makeScale(y, options.yScale ?? "auto", shown) };
  const title = words.scatterTitle(y.key, x.key);
  if (!scales.x.at.some((at) => at >= 0) && !scales.y.at.some((at) => at >= 0)) {
    return messagePicture(title, words.noPoints(x.key, y.key), room);
  }
  return picture(input, room, { x, y }, scales, title);
}

/** What was chosen, else the main metric over another one, or else over a param. */
function chooseColumns(frame: Frame, { x, y }: ScatterOptions): [Column | undefined, Column | undefined] {
  const metrics = frame.columns.filter(({ kind }) => kind === "metric");
  const params = frame.columns.filter(({ kind }) => kind === "param");
  const down = findColumn(frame, y) ?? mainMetric(frame) ?? params[1];
  const others = [...metrics, ...params].filter((column) => column !== down);
  return [findColumn(frame, x) ?? others[0], down];
}

function picture(
  input: Input,
  room: Room,
  columns: { x: Column; y: Column },
  scales: { x: Scale; y: Scale },
  title: string,
): Picture {
  const { frame, options, shown } = input;
  const { theme, width } = room;
  const colouring = colourRuns(frame, options.colour, shown, theme.isDark, theme.accent);
  const legend = colouring.column === null ? 0 : LEGEND_HEIGHT;
  const height = drawingHeight(options.height, HEIGHT, room, legend);
  const plane = makePlane(width, height, scales.y);
  const inner = insideStrips(plane, scales);
  const runs = runsIn(shown, frame.runs.ids.length);
  const place = { x: placeAcross(plane, inner, scales.x), y: placeDown(plane, inner, scales.y) };
  const points = new Points(runs, place.x, place.y, (run) => colourOf(colouring, run), theme);
  return {
    width,
    height: height + legend,
    title,
    back: [
      ...planeNodes(
        plane,
        { ...inPlane(scales.x, plane, inner, "x"), title: columns.x.key },
        { ...inPlane(scales.y, plane, inner, "y"), title: columns.y.key },
        theme,
      ),
      ...stripNodes(plane, scales, theme),
    ],
    marks: points,
    front: legendNodes(colouring, { x: 12, y: height + 2, width: width - 24 }, theme),
    highlight: (run) => points.highlight(run),
    nearest: (across, down) => points.nearest(across, down),
    order: once(() => sortRuns(scales.y.at, runs)),
    facts: (run) => factsOf([columns.x, columns.y, colouring.column], run),
    notes: [],
  };
}

function insideStrips(plane: Plane, { x, y }: { x: Scale; y: Scale }): Plane {
  return {
    left: plane.left + x.lanes.length * STRIP + PAD,
    right: plane.right - PAD,
    top: plane.top + PAD,
    bottom: plane.bottom - y.lanes.length * STRIP - PAD,
  };
}

/** The ticks of a scale that lies in the inner plane, placed in the outer one. */
function inPlane(scale: Scale, plane: Plane, inner: Plane, direction: "x" | "y"): Pick<Scale, "kind" | "ticks"> {
  const toOuter = (at: number) =>
    direction === "x"
      ? (acrossOf(inner, at) - plane.left) / (plane.right - plane.left)
      : (plane.bottom - downOf(inner, at)) / (plane.bottom - plane.top);
  return {
    kind: scale.kind,
    ticks: (count) => scale.ticks(count).map(({ at, label }) => ({ at: toOuter(at), label })),
  };
}

const placeAcross = (plane: Plane, inner: Plane, scale: Scale) =>
  placeAll(
    scale,
    (at, run) => acrossOf(inner, at + spread(scale, run)),
    (lane) => plane.left + (lane + 0.5) * STRIP,
  );

const placeDown = (plane: Plane, inner: Plane, scale: Scale) =>
  placeAll(
    scale,
    (at, run) => downOf(inner, at + spread(scale, run)),
    (lane) => plane.bottom - (lane + 0.5) * STRIP,
  );

/** Runs with the same text stand beside each other, in two thirds of its room, always in the same places. */
const spread = ({ kind, texts }: Scale, run: number) =>
  kind === "text" ? (((run * 0.618_034) % 1) - 0.5) * (0.66 / texts.length) : 0;

/** Strips beside the axes, with the name of what stands in them. */
function stripNodes(plane: Plane, { x, y }: { x: Scale; y: Scale }, theme: Theme): SvgNode[] {
  const look = { fill: toCss(theme.muted), "fill-opacity": 0.08 };
  const font = { "font-size": 10, "font-family": theme.font, fill: toCss(theme.muted) };
  const across = x.lanes.flatMap((lane, index) => [
    svg("rect", {
      x: plane.left + index * STRIP + 1,
      y: plane.top,
      width: STRIP - 2,
      height: plane.bottom - plane.top,
      ...look,
    }),
    svg(
      "text",
      { x: plane.left + (index + 0.5) * STRIP, y: plane.top + 10, "text-anchor": "middle", ...font },
      words.lane[lane],
    ),
  ]);
  const down = y.lanes.flatMap((lane, index) => [
    svg("rect", {
      x: plane.left,
      y: plane.bottom - (index + 1) * STRIP + 1,
      width: plane.right - plane.left,
      height: STRIP - 2,
      ...look,
    }),
    svg(
      "text",
      { x: plane.right - 4, y: plane.bottom - (index + 0.5) * STRIP + 3, "text-anchor": "end", ...font },
      words.lane[lane],
    ),
  ]);
  return [...across, ...down];
}
