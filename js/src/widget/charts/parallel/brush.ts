/** Which runs the brushes of axes let pass. */

import type { RunMask } from "../frame";
import type { Brush, Lane } from "../options";
import type { Scale } from "../scale";
import { type Axis, type Layout, placeOn, unplace } from "./layout";

/** The runs that all brushes let pass; null where there is no brush. */
export function brushRuns(axes: readonly Pick<Axis, "options" | "scale">[], shown: RunMask | null): RunMask | null {
  const brushed = axes.filter(({ options }) => options.brush);
  if (brushed.length === 0) return null;
  const mask = shown?.slice() ?? new Uint8Array(brushed[0]?.scale.at.length ?? 0).fill(1);
  for (const { scale, options } of brushed) keepPassing(mask, scale, options.brush ?? {});
  return mask;
}

function keepPassing(mask: RunMask, scale: Scale, brush: Brush): void {
  const [low, high] = spanOf(scale, brush);
  const lanes = scale.lanes.map((lane) => brush.lanes?.includes(lane) === true);
  const { at, laneOf } = scale;
  for (let run = 0; run < mask.length; run++) {
    const place = at[run] as number;
    const lane = laneOf[run] as number;
    const passes = lane < 0 ? place >= low && place <= high : lanes[lane] === true;
    if (!passes) mask[run] = 0;
  }
}

const NOTHING = [2, -2] as const;
/** Values lie on the ends of brushes that were made from them. */
const EDGE = 1e-9;

/** The part of an axis that a brush lets pass, from 0 to 1; its start is above its end where that is nothing. */
function spanOf(scale: Scale, brush: Brush): readonly [number, number] {
  if (scale.kind === "text") return textSpan(scale, brush.texts ?? []);
  if (brush.range === undefined) return NOTHING;
  const [low, high] = brush.range.map((value) => boundAt(scale, value)) as [number, number];
  return [low - EDGE, high + EDGE];
}

/** A bound without a place, such as 0 on a logarithmic axis, lies below all. */
function boundAt(scale: Scale, value: number): number {
  const at = scale.placeOf(value);
  return Number.isNaN(at) ? -1 : at;
}

function textSpan(scale: Scale, texts: readonly string[]): readonly [number, number] {
  const places = texts.map((text) => scale.texts.indexOf(text)).filter((place) => place >= 0);
  if (places.length === 0) return NOTHING;
  const half = 0.5 / scale.texts.length;
  return [scale.placeOf(Math.min(...places)) - half, scale.placeOf(Math.max(...places)) + half];
}

/** The brush between two heights of an axis, from the top of the lines. */
export function brushBetween(layout: Layout, axis: Axis, one: number, other: number): Brush {
  const [top, bottom] = [Math.min(one, other), Math.max(one, other)];
  const lanes = axis.scale.lanes.filter((lane) => layout.laneAt(lane) >= top && layout.laneAt(lane) <= bottom);
  const ends = [unplace(layout, axis, top), unplace(layout, axis, bottom)].sort((a, b) => a - b) as [number, number];
  return { ...spanBrush(axis.scale, ends), ...(lanes.length > 0 ? { lanes } : {}) };
}

function spanBrush(scale: Scale, [low, high]: [number, number]): Brush {
  if (high < 0 || low > 1) return {};
  const [from, to] = [Math.max(0, low), Math.min(1, high)];
  if (scale.kind !== "text") return { range: [scale.valueAt(from), scale.valueAt(to)] };
  const [first, last] = [Math.ceil(scale.valueAt(from) - 0.5), Math.floor(scale.valueAt(to) + 0.5)];
  return { texts: scale.texts.slice(Math.max(0, first), last + 1) };
}

/** Where a brush is drawn: top and bottom of each of its parts. */
export function brushBoxes(layout: Layout, axis: Axis): [number, number][] {
  const { brush } = axis.options;
  if (!brush) return [];
  const [low, high] = spanOf(axis.scale, brush);
  const ends = [placeOn(layout, axis, Math.max(0, low)), placeOn(layout, axis, Math.min(1, high))].sort(
    (a, b) => a - b,
  );
  const span: [number, number][] = low <= high ? [ends as [number, number]] : [];
  const isThere = (lane: Lane) => axis.scale.lanes.includes(lane);
  const lanes = (brush.lanes ?? [])
    .filter(isThere)
    .map((lane): [number, number] => [layout.laneAt(lane) - 7, layout.laneAt(lane) + 7]);
  return [...span, ...lanes];
}
