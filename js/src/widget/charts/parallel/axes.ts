/** The axes of parallel coordinates, with what stands on them. */

import { type SvgNode, svg } from "../nodes";
import { toCss } from "../palette";
import { fitText, textWidth } from "../text";
import type { Theme } from "../theme";
import { words } from "../words";
import { brushBoxes } from "./brush";
import { type Axis, type Layout, placeOn } from "./layout";

const SIZE = 11;
const TITLE = 12;
const LINE = 15;

/** The pixels from one axis to the next. */
const gapOf = ({ axes, left, right }: Layout) => (right - left) / Math.max(1, axes.length - 1);

export interface TitlePlace {
  x: number;
  y: number;
  width: number;
}

const titleOf = ({ column, options, scale }: Axis) =>
  `${options.isInverted === true ? "↓ " : ""}${column.key}${scale.kind === "log" ? LOG : ""}`;

const LOG = " · log";

/** Where titles do not fit beside each other, every second one goes up a line. */
export function titlePlace(layout: Layout, index: number, pictureWidth: number): TitlePlace {
  const gap = gapOf(layout);
  const isClose = layout.axes.some((axis) => textWidth(titleOf(axis), TITLE) > gap - 8);
  const width = Math.min(isClose ? gap * 2 - 8 : gap - 8, 220);
  const x = layout.axes[index]?.x ?? 0;
  const start = Math.min(Math.max(x - width / 2, 2), Math.max(2, pictureWidth - width - 2));
  return { x: start, y: isClose && index % 2 === 1 ? layout.top - 16 - LINE : layout.top - 16, width };
}

export function axisNodes(layout: Layout, index: number, pictureWidth: number, theme: Theme): SvgNode[] {
  const axis = layout.axes[index];
  if (axis === undefined) return [];
  const line = { x1: axis.x, x2: axis.x, stroke: toCss(theme.muted), "stroke-width": 1.25 };
  const ends = { y1: layout.top + layout.high, y2: layout.top + layout.low };
  const place = titlePlace(layout, index, pictureWidth);
  return [
    svg("line", { ...line, ...ends }),
    ...tickNodes(layout, axis, theme),
    ...laneNodes(layout, axis, theme),
    titleNode(axis, place, pictureWidth, theme),
  ];
}

function titleNode(axis: Axis, { x, y, width }: TitlePlace, pictureWidth: number, theme: Theme): SvgNode {
  const [before = "", after = ""] = titleOf(axis).split(axis.column.key);
  const text = fitText(axis.column.key, TITLE, width - (before.length + after.length) * 6);
  const isFirst = x <= 2;
  const isLast = x + width >= pictureWidth - 2;
  const anchor = isFirst ? "start" : isLast ? "end" : "middle";
  const at = isFirst ? x + 4 : isLast ? x + width - 4 : axis.x;
  const weight = axis.column.kind === "metric" ? 700 : 500;
  const font = { "font-size": TITLE, "font-family": theme.font, "font-weight": weight };
  return svg("text", { x: at, y, "text-anchor": anchor, fill: toCss(theme.text), ...font }, `${before}${text}${after}`);
}

function tickNodes(layout: Layout, axis: Axis, theme: Theme): SvgNode[] {
  const length = layout.low - layout.high;
  const ticks = axis.scale.ticks(Math.max(2, Math.floor(length / (axis.scale.kind === "text" ? 15 : 40))));
  const room = Math.min(gapOf(layout) - 14, 90);
  return ticks.flatMap(({ at, label }) => {
    const y = layout.top + placeOn(layout, axis, at);
    const mark = svg("line", {
      x1: axis.x - (label === "" ? 2 : 4),
      x2: axis.x,
      y1: y,
      y2: y,
      stroke: toCss(theme.muted),
    });
    return label === "" ? [mark] : [mark, tickLabel(label, axis, layout, y, room, theme)];
  });
}

/** Left of its axis, on a halo that keeps it readable over lines. */
function tickLabel(label: string, axis: Axis, layout: Layout, y: number, room: number, theme: Theme): SvgNode {
  const isFirst = axis === layout.axes[0];
  const text = fitText(label, SIZE, isFirst ? layout.left - 8 : room);
  return haloText(text, axis.x - 6, y + 4, theme);
}

function haloText(text: string, x: number, y: number, theme: Theme): SvgNode {
  const paper = toCss(theme.background);
  const halo = {
    stroke: paper,
    "stroke-width": 3,
    "stroke-linejoin": "round",
    "stroke-opacity": 0.85,
    "paint-order": "stroke",
  };
  const font = { "font-size": SIZE, "font-family": theme.font, "text-anchor": "end" };
  return svg("text", { x, y, fill: toCss(theme.text), ...font, ...halo }, text);
}

function laneNodes(layout: Layout, axis: Axis, theme: Theme): SvgNode[] {
  return axis.scale.lanes.flatMap((lane) => {
    const y = layout.top + layout.laneAt(lane);
    const dash = svg("line", {
      x1: axis.x - 8,
      x2: axis.x + 8,
      y1: y,
      y2: y,
      stroke: toCss(theme.muted),
      "stroke-width": 1.25,
    });
    return [dash, haloText(words.lane[lane], axis.x - 10, y + 4, theme)];
  });
}

const HALF = 8;

export function brushNodes(layout: Layout, theme: Theme): SvgNode[] {
  const look = { fill: toCss(theme.accent), "fill-opacity": 0.25, stroke: toCss(theme.accent), rx: 2 };
  return layout.axes.flatMap((axis) =>
    brushBoxes(layout, axis).map(([top, bottom]) =>
      svg("rect", {
        x: axis.x - HALF,
        width: HALF * 2,
        y: layout.top + top,
        height: Math.max(2, bottom - top),
        ...look,
      }),
    ),
  );
}
