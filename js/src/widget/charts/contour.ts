/** Contour: a metric over two params, as a surface through the runs. */

import type { ChartInput, Column, CreateChart, Frame } from "./frame";
import { findColumn } from "./frame";
import { LEGEND_HEIGHT, legendNodes } from "./legend";
import { mainMetric } from "./main-metric";
import { runsIn } from "./masks";
import { messagePicture } from "./messages";
import { type Mounted, mount } from "./mount";
import { round, type SvgNode, svg } from "./nodes";
import type { ContourOptions, ScaleKind } from "./options";
import { type Colouring, colourOf, colourRuns, toCss } from "./palette";
import { drawingHeight, once, type Picture, type Room } from "./picture";
import { acrossOf, downOf, makePlane, type Plane, planeNodes } from "./plane";
import { Points } from "./points";
import { makeScale, type Scale } from "./scale";
import { SelectBox } from "./select-box";
import { makeSurface, type Surface } from "./surface";
import type { Theme } from "./theme";
import { factsOf, sortRuns } from "./values";
import { words } from "./words";

type Input = ChartInput<ContourOptions>;
type Three<Of> = Record<"x" | "y" | "z", Of>;

const HEIGHT = 340;
const LEVELS = 10;

export const createContour: CreateChart<ContourOptions> = (host, input, events) =>
  mount(
    host,
    { draw: drawContour, equip: (mounted: Mounted<ContourOptions>) => new SelectBox(mounted) },
    input,
    events,
  );

export function drawContour(input: Input, room: Room): Picture {
  const { frame, options, shown } = input;
  const columns = chooseColumns(frame, options);
  if (columns === null) return messagePicture(words.contourTitle("", "", ""), words.nothingToDraw, room);
  const scale = (column: Column, kind: ScaleKind | undefined) => makeScale(column, kind ?? "auto", shown);
  const scales = {
    x: scale(columns.x, options.xScale),
    y: scale(columns.y, options.yScale),
    z: scale(columns.z, options.zScale),
  };
  const all = runsIn(shown, frame.runs.ids.length);
  const runs = all.filter(
    (run) =>
      (scales.x.at[run] as number) >= 0 && (scales.y.at[run] as number) >= 0 && (scales.z.at[run] as number) >= 0,
  );
  const title = words.contourTitle(columns.z.key, columns.x.key, columns.y.key);
  if (runs.length === 0) return messagePicture(title, words.noPoints(columns.x.key, columns.y.key), room);
  return picture(input, room, columns, scales, { title, runs, left: all.length - runs.length });
}

/** What was chosen, else the main metric over the two params that most runs have as numbers. */
function chooseColumns(frame: Frame, { x, y, z }: ContourOptions): Three<Column> | null {
  const height = findColumn(frame, z) ?? mainMetric(frame);
  const others = frame.columns
    .filter((column) => column !== height && column.type === "number")
    .sort((one, other) => countMissing(one) - countMissing(other));
  const params = others.filter(({ kind }) => kind === "param");
  const [first, second] = [...params, ...others.filter(({ kind }) => kind !== "param")];
  const across = findColumn(frame, x) ?? first;
  const down = findColumn(frame, y) ?? (second === across ? first : second);
  return height?.type === "number" && across && down ? { x: across, y: down, z: height } : null;
}

const countMissing = (column: Column): number =>
  column.type === "number" ? (column.missing?.reduce((count, is) => count + is, 0) ?? 0) : 0;

interface Found {
  title: string;
  runs: readonly number[];
  /** How many runs have no place here. */
  left: number;
}

function picture(
  input: Input,
  room: Room,
  columns: Three<Column>,
  scales: Three<Scale>,
  { title, runs, left }: Found,
): Picture {
  const { frame, options, shown } = input;
  const { theme, width } = room;
  const height = drawingHeight(options.height, HEIGHT, room, LEGEND_HEIGHT);
  const plane = makePlane(width, height, scales.y);
  const colouring = colourRuns(frame, columns.z.id, shown, theme.isDark, theme.accent, () => scales.z);
  const surface = surfaceOf(runs, scales);
  const x = Float32Array.from(scales.x.at, (at) => acrossOf(plane, at));
  const y = Float32Array.from(scales.y.at, (at) => downOf(plane, at));
  const points = new Points(runs, x, y, (run) => colourOf(colouring, run), theme, true);
  const axes = planeNodes(plane, { ...scales.x, title: columns.x.key }, { ...scales.y, title: columns.y.key }, theme);
  const hint = surface === null ? words.contourFew : words.contourHint;
  return {
    width,
    height: height + LEGEND_HEIGHT,
    title,
    back: [...axes, ...(surface === null ? [] : surfaceNodes(surface, plane, colouring, theme))],
    marks: points,
    front: legendNodes(colouring, { x: 12, y: height + 2, width: width - 24 }, theme),
    highlight: (run) => points.highlight(run),
    nearest: (across, down) => points.nearest(across, down),
    order: once(() => sortRuns(scales.z.at, runs)),
    facts: (run) => factsOf([columns.z, columns.x, columns.y], run),
    notes: left > 0 ? [hint, words.pointsLeftOut(left)] : [hint],
  };
}

/** Heights are places on the scale of z, so that a logarithmic one has even levels. */
function surfaceOf(runs: readonly number[], { x, y, z }: Three<Scale>): Surface | null {
  const take = ({ at }: Scale) => Float64Array.from(runs, (run) => at[run] as number);
  const levels = Array.from({ length: LEVELS - 1 }, (_, level) => (level + 1) / LEVELS);
  return makeSurface({ x: take(x), y: take(y), z: take(z) }, levels);
}

function surfaceNodes({ hull, areas }: Surface, plane: Plane, { table }: Colouring, theme: Theme): SvgNode[] {
  const path = (ring: readonly [number, number][]) =>
    `M${ring.map(([x, y]) => `${round(acrossOf(plane, x))} ${round(downOf(plane, y))}`).join("L")}Z`;
  const outline = path(hull);
  const id = `h${hash(outline)}`;
  const colour = (level: number) => toCss(table[Math.round(((level + 0.5) / LEVELS) * 254)] ?? theme.muted);
  const line = { stroke: toCss(theme.background), "stroke-width": 0.5, "stroke-opacity": 0.6 };
  const layers = areas.map(({ rings }, level) =>
    svg("path", { d: rings.map(path).join(""), fill: colour(level + 1), "fill-rule": "evenodd", ...line }),
  );
  const base = svg("path", { d: outline, fill: colour(0) });
  return [
    svg("clipPath", { id }, svg("path", { d: outline })),
    svg("g", { "clip-path": `url(#${id})`, opacity: 0.85 }, base, ...layers),
  ];
}

/** A name that two equal outlines share: pictures on one page may have the same ids only for the same things. */
function hash(text: string): string {
  let state = 0x811c9dc5;
  for (const sign of text) state = Math.imul(state ^ (sign.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return state.toString(36);
}
