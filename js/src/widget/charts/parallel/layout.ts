/** Where axes and runs of parallel coordinates stand. */

import { type Column, type Frame, findColumn, type RunMask } from "../frame";
import type { AxisOptions, Lane, ParallelOptions, ScaleKind } from "../options";
import { LANES, makeScale, placeAll, type Scale } from "../scale";
import { textWidth } from "../text";

const MAX_AXES = 8;
const TOP = 46;
/** Room for the labels of the first axis. */
const LEFT = { least: 48, most: 130 };
const RIGHT = 16;
const LANE = 20;
const PAD = 8;
/** A text column with more texts than this that all differ says which run it is, not what it has in common. */
const NAMES = 20;

export interface Axis {
  column: Column;
  options: AxisOptions;
  scale: Scale;
  x: number;
  /** For each run the distance from the top of the lines. */
  y: Float32Array;
}

export interface Layout {
  axes: readonly Axis[];
  /** Columns that were asked for or could be chosen, but are the same in all runs. */
  constant: readonly Column[];
  /** The part of the picture that lines cross. */
  top: number;
  height: number;
  left: number;
  right: number;
  /** Between the ends of the scales, from the top of the lines. */
  high: number;
  low: number;
  lanes: readonly Lane[];
  /** The middle of a lane, from the top of the lines. */
  laneAt: (lane: Lane) => number;
}

/** Remembers scales, which do not change while axes are moved and brushed. */
export class Scales {
  private readonly known = new Map<string, { column: Column; shown: RunMask | null; scale: Scale }>();

  of(column: Column, kind: ScaleKind, shown: RunMask | null): Scale {
    const key = `${kind} ${column.id}`;
    const known = this.known.get(key);
    if (known !== undefined && known.column === column && known.shown === shown) return known.scale;
    const scale = makeScale(column, kind, shown);
    this.known.set(key, { column, shown, scale });
    return scale;
  }
}

/** The axes that are drawn: those asked for, or params and metrics that differ. */
export function chooseAxes(frame: Frame, options: ParallelOptions, shown: RunMask | null, scales: Scales) {
  const asked = options.axes ?? suggestAxes(frame, shown, scales);
  const found = asked.flatMap((axis) => {
    const column = findColumn(frame, axis.column);
    return column === undefined
      ? []
      : [{ column, options: axis, scale: scales.of(column, axis.scale ?? "auto", shown) }];
  });
  const varying = found.filter(({ scale }) => !scale.isConstant);
  const candidates = options.axes === null ? frame.columns.filter(isCandidate) : found.map(({ column }) => column);
  const constant = candidates.filter((column) => scales.of(column, "auto", shown).isConstant);
  return { varying, constant };
}

const isCandidate = ({ kind }: Column) => kind === "param" || kind === "metric";

function suggestAxes(frame: Frame, shown: RunMask | null, scales: Scales): AxisOptions[] {
  const useful = frame.columns.filter((column) => {
    const scale = scales.of(column, "auto", shown);
    return isCandidate(column) && !scale.isConstant && !isName(column, scale);
  });
  const metrics = useful.filter(({ kind }) => kind === "metric");
  const params = useful.filter(({ kind }) => kind === "param").slice(0, MAX_AXES - Math.min(2, metrics.length));
  return [...params, ...metrics.slice(0, MAX_AXES - params.length)].map(({ id }) => ({ column: id }));
}

const isName = (column: Column, { texts }: Scale) =>
  column.type === "text" && texts.length > NAMES && texts.length > column.codes.length * 0.9;

export function layOut(
  found: Pick<Layout, "constant"> & { varying: Omit<Axis, "x" | "y">[] },
  width: number,
  height: number,
): Layout {
  const used = new Set(found.varying.flatMap(({ scale }) => scale.lanes));
  const lanes = LANES.filter((lane) => used.has(lane));
  const above = used.has("inf") ? LANE : 0;
  const below = lanes.filter((lane) => lane !== "inf");
  const inner = height - TOP - PAD;
  const [high, low] = [PAD + above, inner - PAD - below.length * LANE];
  const laneAt = (lane: Lane) => (lane === "inf" ? PAD : low + PAD + (below.length - below.indexOf(lane) - 0.5) * LANE);
  const left = leftRoom(found.varying[0]?.scale, width);
  const right = Math.max(left + 1, width - RIGHT);
  const count = found.varying.length;
  const axes = found.varying.map((axis, index) => {
    const x = Math.round(count === 1 ? (left + right) / 2 : left + ((right - left) * index) / (count - 1));
    return { ...axis, x, y: placeRuns(axis.scale, axis.options.isInverted === true, high, low, laneAt) };
  });
  return { axes, constant: found.constant, top: TOP, height: inner, left, right, high, low, lanes, laneAt };
}

/** Long labels get room at the first axis, up to a fifth of the width. */
function leftRoom(scale: Scale | undefined, width: number): number {
  const widths = (scale?.ticks(scale.kind === "text" ? 20 : 6) ?? []).map(({ label }) => textWidth(label, 11) + 14);
  return Math.max(LEFT.least, Math.min(Math.max(0, ...widths), LEFT.most, width / 5));
}

function placeRuns(
  scale: Scale,
  isInverted: boolean,
  high: number,
  low: number,
  laneAt: (lane: Lane) => number,
): Float32Array {
  const [start, end] = isInverted ? [high, low] : [low, high];
  const lanes = scale.lanes.map(laneAt);
  return placeAll(
    scale,
    (at) => start + (end - start) * at,
    (lane) => lanes[lane] ?? 0,
  );
}

/** From the top of the lines to a place from 0 to 1 on an axis. */
export function unplace({ high, low }: Layout, axis: Axis, y: number): number {
  const at = (low - y) / (low - high);
  return axis.options.isInverted === true ? 1 - at : at;
}

export function placeOn({ high, low }: Layout, axis: Axis, at: number): number {
  const up = axis.options.isInverted === true ? 1 - at : at;
  return low - (low - high) * up;
}

/** The layout with the axes' brushes as they are now. */
export function withBrushes(layout: Layout, options: ParallelOptions): Layout {
  const brushes = new Map(options.axes?.map(({ column, brush }) => [column, brush ?? null]));
  const axes = layout.axes.map((axis) => ({
    ...axis,
    options: { ...axis.options, brush: brushes.get(axis.column.id) ?? null },
  }));
  return { ...layout, axes };
}
