/** Colours that people with any colour vision tell apart, and that stand out from light and from dark pages. */

import { type Column, type Direction, type Frame, findColumn, type RunMask } from "./frame";
import { makeScale, type Scale } from "./scale";

export type Rgb = readonly [number, number, number];

/** Viridis at eight even places: its lightness rises evenly, also without colours. */
const VIRIDIS: readonly Rgb[] = [
  [68, 1, 84],
  [70, 50, 126],
  [54, 92, 141],
  [39, 127, 142],
  [31, 161, 135],
  [74, 193, 109],
  [160, 218, 57],
  [253, 231, 37],
];

/** Okabe and Ito's colours, ordered so that the first ones differ most; yellow is left out, which no light page shows. */
const CATEGORIES: readonly Rgb[] = [
  [0, 114, 178],
  [230, 159, 0],
  [0, 158, 115],
  [204, 121, 167],
  [213, 94, 0],
  [86, 180, 233],
  [148, 103, 189],
];
/** What has no colour of its own: no value, or one of many texts. */
export const OTHER: Rgb = [140, 140, 140];

/** What every page shows well of Viridis: on a light one not its yellow end, on a dark one not its violet one. */
const RANGE = { light: [0, 0.86], dark: [0.3, 1] } as const;

export const toCss = ([red, green, blue]: Rgb) => `rgb(${Math.round(red)},${Math.round(green)},${Math.round(blue)})`;

/** The colour at a place from 0 to 1 of a palette for numbers. */
function viridis(at: number): Rgb {
  const place = Math.min(Math.max(at, 0), 1) * (VIRIDIS.length - 1);
  const index = Math.min(Math.floor(place), VIRIDIS.length - 2);
  return mix(VIRIDIS[index] ?? OTHER, VIRIDIS[index + 1] ?? OTHER, place - index);
}

export const mix = (from: Rgb, to: Rgb, part: number): Rgb => [
  from[0] + (to[0] - from[0]) * part,
  from[1] + (to[1] - from[1]) * part,
  from[2] + (to[2] - from[2]) * part,
];

const WHITE: Rgb = [255, 255, 255];

/** On dark pages lighter by a fifth. */
export function category(index: number, isDark: boolean): Rgb {
  const colour = CATEGORIES[index] ?? OTHER;
  return isDark ? mix(colour, WHITE, 0.2) : colour;
}
export const CATEGORY_COUNT = CATEGORIES.length;

/** How runs are coloured: each has a place in a table of 256 colours. */
export interface Colouring {
  column: Column | null;
  scale: Scale | null;
  /** For each run its place in the table. */
  codes: Uint8Array;
  table: readonly Rgb[];
  /** Whether mixing neighbours in the table means something, as it does for numbers only. */
  isOrdered: boolean;
  /** Texts with a colour of their own, most frequent first; those of all others share one. */
  named: readonly { text: string; colour: Rgb }[];
  others: number;
}

const MISSING_CODE = 255;

export const colourOf = ({ codes, table }: Colouring, run: number): Rgb => table[codes[run] ?? 0] ?? OTHER;

/** Colours runs by a column; without one all look alike. */
export function colourRuns(
  frame: Frame,
  id: string | null,
  shown: RunMask | null,
  isDark: boolean,
  plain: Rgb,
  scaleOf: (column: Column) => Scale = (column) => makeScale(column, "auto", shown),
): Colouring {
  const column = findColumn(frame, id);
  if (column === undefined) return onlyOne(frame.runs.ids.length, plain);
  const scale = scaleOf(column);
  return column.type === "text" ? byText(column, scale, isDark) : byNumber(column, scale, isDark);
}

function onlyOne(total: number, plain: Rgb): Colouring {
  return {
    column: null,
    scale: null,
    codes: new Uint8Array(total),
    table: [plain],
    isOrdered: false,
    named: [],
    others: 0,
  };
}

function byNumber(column: Column, scale: Scale, isDark: boolean): Colouring {
  const codes = new Uint8Array(scale.at.length).fill(MISSING_CODE);
  for (let run = 0; run < codes.length; run++) {
    const at = scale.at[run] as number;
    if (!Number.isNaN(at)) codes[run] = Math.round(at * 254);
  }
  const direction = column.type === "number" ? column.direction : null;
  const table = Array.from({ length: 255 }, (_, index) => numberColour(index / 254, direction, isDark));
  return { column, scale, codes, table: [...table, OTHER], isOrdered: true, named: [], others: 0 };
}

/** Good values get the strong end: the dark one on a light page, the bright one on a dark page. */
export function numberColour(at: number, direction: Direction | null, isDark: boolean): Rgb {
  const isGoodHigh = direction !== "smaller";
  const strength = isGoodHigh ? at : 1 - at;
  const [low, high] = isDark ? RANGE.dark : RANGE.light;
  return viridis(isDark ? low + (high - low) * strength : high - (high - low) * strength);
}

function byText(column: Column & { type: "text" }, scale: Scale, isDark: boolean): Colouring {
  const ranked = rankTexts(column, scale);
  const ranks = new Map(ranked.map((code, rank) => [code, rank]));
  const codes = Uint8Array.from(column.codes, (code, run) => {
    if (Number.isNaN(scale.at[run])) return MISSING_CODE;
    return Math.min(ranks.get(code) ?? CATEGORY_COUNT, CATEGORY_COUNT);
  });
  const table = Array.from({ length: 256 }, (_, index) => category(index, isDark));
  const named = ranked
    .slice(0, CATEGORY_COUNT)
    .map((code, rank) => ({ text: column.texts[code] ?? "", colour: category(rank, isDark) }));
  return { column, scale, codes, table, isOrdered: false, named, others: Math.max(0, ranked.length - CATEGORY_COUNT) };
}

/** Most frequent texts first; of equally frequent ones the earlier on the axis. */
function rankTexts(column: Column & { type: "text" }, scale: Scale): number[] {
  const counts = new Map<number, number>();
  column.codes.forEach((code, run) => {
    if (!Number.isNaN(scale.at[run])) counts.set(code, (counts.get(code) ?? 0) + 1);
  });
  const place = new Map(scale.texts.map((text, index) => [text, index]));
  const placeOf = (code: number) => place.get(column.texts[code] ?? "") ?? 0;
  const few = counts.size <= CATEGORY_COUNT;
  return [...counts.keys()].sort(
    (a, b) => (few ? 0 : (counts.get(b) ?? 0) - (counts.get(a) ?? 0)) || placeOf(a) - placeOf(b),
  );
}
