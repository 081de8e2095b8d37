/** Which params a metric depends on, as bars. */

import { formatNumber, formatPercent } from "../../format";
import { type ChartInput, type CreateChart, findColumn, type NumberColumn } from "../frame";
import { mainMetric } from "../main-metric";
import { messagePicture } from "../messages";
import { mount } from "../mount";
import { type SvgNode, svg } from "../nodes";
import type { ImportanceOptions } from "../options";
import { toCss } from "../palette";
import { NO_RUNS, type Picture, type Room } from "../picture";
import { fitText, textWidth } from "../text";
import type { Theme } from "../theme";
import { words } from "../words";
import { type Weight, type Weights, weighParams } from "./weigh";

type Input = ChartInput<ImportanceOptions>;

/** Fewer runs than this say little, whatever the method. */
const FEW = 30;
/** What is explained below this part is little. */
const WEAK = 0.3;
const MOST_BARS = 16;
const TOP = 34;
const ROW = 26;
const SIZE = 12;

export const createImportance: CreateChart<ImportanceOptions> = (host, input, events) =>
  mount(host, { draw: drawImportance }, input, events);

export function drawImportance(input: Input, room: Room): Picture {
  const { frame, options, shown } = input;
  const metric = findColumn(frame, options.metric) ?? mainMetric(frame);
  if (metric?.type !== "number") return messagePicture(words.importanceTitle(""), words.nothingToDraw, room);
  const title = words.importanceTitle(metric.key);
  const found = weighParams(frame, metric, shown);
  if (found.weights.length === 0) return messagePicture(title, words.importanceNone, room);
  const weights = found.weights.slice(0, MOST_BARS);
  return {
    width: room.width,
    height: TOP + weights.length * ROW + 8,
    title: [title, ...weights.map(({ column, importance }) => `${column.key} ${percent(importance)}`)].join(", "),
    back: [
      headNode(metric, found, room),
      ...weights.flatMap((weight, index) => rowNodes(weight, index, weights, room)),
    ],
    ...NO_RUNS,
    notes: notesOf(found),
  };
}

/** The warning comes first: who reads only one line reads that one. */
function notesOf({ runs, explained }: Weights): string[] {
  const few = runs < FEW ? [words.importanceFew(runs)] : [];
  const weak = explained < WEAK ? [words.importanceWeak] : [];
  return [...few, ...weak, words.importanceMethod];
}

const percent = (part: number) => formatPercent(part).replace("+", "");

function headNode(metric: NumberColumn, { explained, isLog }: Weights, { width, theme }: Room): SvgNode {
  const text = fitText(
    `${metric.key}${isLog ? " · log" : ""} · ${words.explained(percent(explained))}`,
    SIZE,
    width - 24,
  );
  return svg(
    "text",
    { x: 12, y: 18, "font-size": SIZE, "font-weight": 600, "font-family": theme.font, fill: toCss(theme.text) },
    text,
  );
}

function rowNodes(
  { column, importance, correlation }: Weight,
  index: number,
  weights: readonly Weight[],
  { width, theme }: Room,
): SvgNode[] {
  const longest = Math.max(...weights.map(({ column: { key } }) => textWidth(key, SIZE)));
  const left = Math.min(180, width * 0.35, longest + 24);
  const most = Math.max(...weights.map((weight) => weight.importance), 1e-9);
  const length = (width - left - 130) * (importance / most);
  const y = TOP + index * ROW;
  const strength = correlation === null ? "" : ` · ρ ${formatNumber(Math.round(correlation * 100) / 100)}`;
  return [
    label(fitText(column.key, SIZE, left - 24), left - 8, y + 14, theme, "end", theme.text),
    svg("rect", { x: left, y: y + 2, width: Math.max(1, length), height: ROW - 10, rx: 2, fill: toCss(theme.accent) }),
    label(`${percent(importance)}${strength}`, left + Math.max(1, length) + 6, y + 14, theme, "start", theme.muted),
  ];
}

function label(text: string, x: number, y: number, theme: Theme, anchor: string, colour: Theme["text"]): SvgNode {
  const look = { "font-size": SIZE, "font-family": theme.font, "text-anchor": anchor, fill: toCss(colour) };
  return svg("text", { x, y, ...look }, text);
}
