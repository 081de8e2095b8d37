/** What the colours of runs mean, in one line with numbers. */

import type { Direction } from "./frame";
import { type SvgNode, svg } from "./nodes";
import { type Colouring, OTHER, type Rgb, toCss } from "./palette";
import type { PlacedTick } from "./scale";
import { fitText, textWidth } from "./text";
import type { Theme } from "./theme";
import { words } from "./words";

const SIZE = 11;
const RAMP = 160;
export const LEGEND_HEIGHT = 38;

export interface LegendPlace {
  x: number;
  y: number;
  width: number;
}

/** Nothing where runs are not coloured by a column. */
export function legendNodes(colouring: Colouring, place: LegendPlace, theme: Theme): SvgNode[] {
  const { column, scale } = colouring;
  if (column === null || scale === null) return [];
  const title = fitText(column.key, SIZE, place.width * 0.35);
  const start = place.x + textWidth(title, SIZE) + 12;
  const rest = { x: start, y: place.y, width: place.width - (start - place.x) };
  const name = legendText(title, place.x, place.y + 10, theme, { "font-weight": 600, fill: toCss(theme.text) });
  if (column.type === "text") return [name, ...namedNodes(namedEntries(colouring), rest, theme)];
  return [name, ...rampNodes(colouring.table.slice(0, 255), scale.ticks(4), rest, theme, column.direction)];
}

export const legendText = (text: string, x: number, y: number, theme: Theme, more: SvgNode["attributes"] = {}) =>
  svg("text", { x, y, "font-size": SIZE, "font-family": theme.font, fill: toCss(theme.muted), ...more }, text);

/** A ramp of colours with ticks below it, and which end is better. */
export function rampNodes(
  table: readonly Rgb[],
  ticks: readonly PlacedTick[],
  { x, y, width }: LegendPlace,
  theme: Theme,
  direction: Direction | null,
): SvgNode[] {
  const length = Math.max(60, Math.min(RAMP, width * 0.5));
  const pieces = 32;
  const rects = Array.from({ length: pieces }, (_, index) => {
    const colour = table[Math.round((index / (pieces - 1)) * (table.length - 1))] ?? theme.muted;
    return svg("rect", {
      x: x + (index * length) / pieces,
      y: y + 2,
      width: length / pieces + 0.5,
      height: 9,
      fill: toCss(colour),
    });
  });
  const labels = spacedLabels(ticks, length).map(({ at, label }) =>
    legendText(label, x + at * length, y + 24, theme, { "text-anchor": "middle" }),
  );
  const note = direction === null ? "" : direction === "smaller" ? words.smallerBetter : words.largerBetter;
  const room = width - length - 12;
  const hint = note !== "" && textWidth(note, SIZE) < room ? [legendText(note, x + length + 12, y + 10, theme)] : [];
  return [...rects, ...labels, ...hint];
}

/** The labels that do not touch the one before them. */
export function spacedLabels(ticks: readonly PlacedTick[], length: number, size = SIZE): PlacedTick[] {
  let end = Number.NEGATIVE_INFINITY;
  const inOrder = ticks.filter(({ label, at }) => label !== "" && at >= 0 && at <= 1).sort((a, b) => a.at - b.at);
  return inOrder.filter(({ at, label }) => {
    const half = textWidth(label, size) / 2;
    if (at * length - half < end + 6) return false;
    end = at * length + half;
    return true;
  });
}

interface Entry {
  text: string;
  colour: Rgb;
}

const namedEntries = ({ named, others }: Colouring): Entry[] =>
  others > 0 ? [...named, { text: words.otherTexts(others), colour: OTHER }] : [...named];

/** Names beside their colours, in at most two lines. */
export function namedNodes(entries: readonly Entry[], { x, y, width }: LegendPlace, theme: Theme): SvgNode[] {
  const room = Math.max(30, width / entries.length - 20);
  let at = x;
  let line = y;
  return entries.flatMap(({ text, colour }) => {
    const label = fitText(text, SIZE, Math.max(room, 60));
    if (at + 14 + textWidth(label, SIZE) > x + width && at > x) [at, line] = [x, line + 15];
    const nodes = [
      svg("circle", { cx: at + 4, cy: line + 6, r: 4, fill: toCss(colour) }),
      legendText(label, at + 12, line + 10, theme),
    ];
    at += 26 + textWidth(label, SIZE);
    return line > y + 16 ? [] : nodes;
  });
}
