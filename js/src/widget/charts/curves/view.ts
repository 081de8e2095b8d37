/** The window on the lines: which part of them is seen, and where points stand in it. */

import type { CurvesOptions, ScaleKind } from "../options";
import { acrossOf, downOf, makePlane, type Plane } from "../plane";
import { type AxisUnit, numberAxis, suitsLog } from "../scale";
import type { Line } from "./groups";
import type { Extent } from "./lines";
import { type Points, thin } from "./points";

export interface View {
  plane: Plane;
  x: ReturnType<typeof numberAxis>;
  y: ReturnType<typeof numberAxis>;
}

const UNITS = { step: "whole", time: "time", relative: "duration" } as const satisfies Record<string, AxisUnit>;
/** Room above and below the lines. */
const PAD = 0.04;

export function makeView(extent: Extent, options: CurvesOptions, width: number, height: number): View {
  const xKind = options.across === "step" ? kindOf(options.xScale ?? "linear", extent.x, extent.positive[0]) : "linear";
  const yKind = kindOf(options.yScale ?? "auto", extent.y, extent.positive[1]);
  const [x, y] = [
    options.zoom?.x ?? whole(extent.x, extent.positive[0], xKind),
    options.zoom?.y ?? padded(extent, yKind),
  ];
  const across = numberAxis(xKind, x[0], x[1], UNITS[options.across]);
  const down = numberAxis(yKind, y[0], y[1]);
  return { plane: makePlane(width, height, down), x: across, y: down };
}

function kindOf(asked: ScaleKind, [low, high]: readonly [number, number], positive: number): "linear" | "log" {
  if (!Number.isFinite(positive)) return "linear";
  return asked === "log" || (asked === "auto" && suitsLog(low, high)) ? "log" : "linear";
}

const whole = ([low, high]: readonly [number, number], positive: number, kind: "linear" | "log") =>
  [kind === "log" ? positive : low, high] as const;

function padded({ y, positive }: Extent, kind: "linear" | "log"): readonly [number, number] {
  const [low, high] = whole(y, positive[1], kind);
  if (kind === "log") return [low / 1.1, Math.min(high * 1.1, Number.MAX_VALUE)];
  const room = (high / 2 - low / 2) * 2 * PAD;
  return room > 0 && Number.isFinite(room)
    ? [low - room, high + room]
    : [low - Math.abs(low) * 0.1, high + Math.abs(high) * 0.1];
}

/** Points in pixels of the picture, as many as its width shows. */
export function project(points: Points, { plane, x, y }: View): Points {
  const seen = thin(points, x.domain[0], x.domain[1], Math.ceil(plane.right - plane.left));
  return {
    x: seen.x.map((value) => acrossOf(plane, x.placeOf(value))),
    y: seen.y.map((value) => downOf(plane, y.placeOf(value))),
  };
}

/** The outline of a band: along its lower edge and back along its upper one. */
export function projectBand({ points, band }: Line, view: View): Points | null {
  if (band === null) return null;
  const low = project({ x: points.x, y: band.low }, view);
  const high = project({ x: points.x, y: band.high }, view);
  const there = (one: Points) => Array.from(one.x.keys()).filter((at) => Number.isFinite(one.y[at]));
  const [down, up] = [there(low), there(high).reverse()];
  return {
    x: Float64Array.from([...down.map((at) => low.x[at] as number), ...up.map((at) => high.x[at] as number)]),
    y: Float64Array.from([...down.map((at) => low.y[at] as number), ...up.map((at) => high.y[at] as number)]),
  };
}
