/** Two axes at right angles, with a grid, for charts of x and y. */

import { spacedLabels } from "./legend";
import { type SvgNode, svg } from "./nodes";
import { toCss } from "./palette";
import type { PlacedTick, Scale } from "./scale";
import { fitText, textWidth } from "./text";
import type { Theme } from "./theme";

/** The part of the picture between the axes. */
export interface Plane {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

type Ticked = Pick<Scale, "ticks" | "kind">;

const SIZE = 11;
const TITLE = 12;
const TOP = 26;
const BOTTOM = 40;

/** As much room as the labels of the y-axis need, up to a third of the width. */
export function makePlane(width: number, height: number, y: Ticked): Plane {
  const labels = y.ticks(tickCount(height - TOP - BOTTOM, y)).map(({ label }) => textWidth(label, SIZE));
  const left = Math.min(Math.max(30, ...labels) + 16, width / 3);
  return { left: Math.round(left), right: width - 16, top: TOP, bottom: height - BOTTOM };
}

const tickCount = (length: number, { kind }: Ticked) => Math.max(2, Math.floor(length / (kind === "text" ? 14 : 44)));

export const acrossOf = ({ left, right }: Plane, at: number) => left + (right - left) * at;
export const downOf = ({ top, bottom }: Plane, at: number) => bottom - (bottom - top) * at;

export interface PlaneAxis extends Ticked {
  title: string;
}

/** The grid, ticks and titles. The title of the y-axis stands above it, where it is read without turning the head. */
export function planeNodes(plane: Plane, x: PlaneAxis, y: PlaneAxis, theme: Theme): SvgNode[] {
  return [...yNodes(plane, y, theme), ...xNodes(plane, x, theme)];
}

const text = (content: string, x: number, y: number, theme: Theme, more: SvgNode["attributes"] = {}) =>
  svg("text", { x, y, "font-size": SIZE, "font-family": theme.font, fill: toCss(theme.muted), ...more }, content);

const rule = (x1: number, y1: number, x2: number, y2: number, theme: Theme, opacity = 1) =>
  svg("line", { x1, y1, x2, y2, stroke: toCss(theme.line), "stroke-opacity": opacity });

const title = (axis: PlaneAxis, room: number) =>
  `${fitText(axis.title, TITLE, room)}${axis.kind === "log" ? " · log" : ""}`;

function yNodes(plane: Plane, axis: PlaneAxis, theme: Theme): SvgNode[] {
  const ticks = within(axis.ticks(tickCount(plane.bottom - plane.top, axis)));
  const lines = ticks.map(({ at, label }) =>
    rule(plane.left, downOf(plane, at), plane.right, downOf(plane, at), theme, label === "" ? 0.4 : 1),
  );
  const labels = ticks.map(({ at, label }) => {
    const fitted = fitText(label, SIZE, plane.left - 12);
    return text(fitted, plane.left - 6, downOf(plane, at) + 4, theme, { "text-anchor": "end" });
  });
  const style = { "font-size": TITLE, "font-weight": 600, fill: toCss(theme.text) };
  return [...lines, ...labels, text(title(axis, plane.right - 60), 8, 14, theme, style)];
}

function xNodes(plane: Plane, axis: PlaneAxis, theme: Theme): SvgNode[] {
  const length = plane.right - plane.left;
  const longest =
    axis.kind === "text" ? Math.max(30, ...axis.ticks(500).map(({ label }) => textWidth(label, SIZE))) : 56;
  const ticks = within(axis.ticks(Math.max(2, Math.floor(length / (Math.min(longest, 90) + 14)))));
  const marks = ticks.map(({ at }) =>
    rule(acrossOf(plane, at), plane.bottom, acrossOf(plane, at), plane.bottom + 4, theme),
  );
  const room = axis.kind === "text" ? Math.min(90, length / Math.max(1, ticks.length) - 8) : 120;
  const fitted = ticks.map(({ at, label }) => ({ at, label: fitText(label, SIZE, room) }));
  const labels = spacedLabels(fitted, length).map(({ at, label }) =>
    text(label, acrossOf(plane, at), plane.bottom + 16, theme, { "text-anchor": "middle" }),
  );
  const name = text(title(axis, length - 40), plane.right, plane.bottom + 33, theme, {
    "text-anchor": "end",
    "font-size": TITLE,
    "font-weight": 600,
    fill: toCss(theme.text),
  });
  const base = svg("line", {
    x1: plane.left,
    y1: plane.bottom,
    x2: plane.right,
    y2: plane.bottom,
    stroke: toCss(theme.muted),
  });
  return [base, ...marks, ...labels, name];
}

const within = (ticks: readonly PlacedTick[]) => ticks.filter(({ at }) => at >= -1e-9 && at <= 1 + 1e-9);
