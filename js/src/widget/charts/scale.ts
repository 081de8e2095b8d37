/** Where runs stand along an axis: from 0 to 1 on its scale, or in a lane of its own for values that no scale has. */

import type { Column, NumberColumn, RunMask, TextColumn } from "./frame";
import type { Lane, ScaleKind } from "./options";
import { durationTicks, linearTicks, logTicks, type Tick, timeTicks, wholeTicks } from "./ticks";

export interface PlacedTick {
  /** From 0 to 1. */
  at: number;
  label: string;
}

export interface Scale {
  kind: "linear" | "log" | "text";
  /** For each run from 0 to 1; NaN where it stands in a lane. */
  at: Float64Array;
  /** For each run the place in `lanes`, or -1. */
  laneOf: Int8Array;
  /** The lanes that runs stand in. */
  lanes: readonly Lane[];
  /** Lowest and highest value; of texts the first and last place. */
  domain: readonly [number, number];
  /** The texts of a text axis, from below. */
  texts: readonly string[];
  ticks: (count: number) => PlacedTick[];
  /** From 0 to 1 to the value there. */
  valueAt: (at: number) => number;
  placeOf: (value: number) => number;
  /** Whether all runs have one and the same value. */
  isConstant: boolean;
}

/** From below: what is higher than all numbers stands above them. */
export const LANES: readonly Lane[] = ["missing", "nan", "nonpositive", "-inf", "inf"];
const MISSING = LANES.indexOf("missing");

/** How many times the smallest value the largest is before `auto` takes a logarithmic scale. */
const LOG_SPREAD = 100;

export function makeScale(column: Column, kind: ScaleKind, shown: RunMask | null): Scale {
  return column.type === "text" ? textScale(column, shown) : numberScale(column, kind, shown);
}

function numberScale(column: NumberColumn, asked: ScaleKind, shown: RunMask | null): Scale {
  const spread = spreadOf(column, shown);
  const kind = chooseKind(asked, spread, column.isTime === true);
  const [low, high] = kind === "log" ? [spread.positive, spread.high] : [spread.low, spread.high];
  const axis = numberAxis(kind, low, high, column.isTime === true ? "time" : spread.isWhole ? "whole" : "number");
  const { values, missing } = column;
  const lane = (run: number) => laneOfNumber(values[run] as number, missing?.[run] === 1, kind === "log");
  const placed = placeRuns(values.length, shown, lane, (run) => axis.placeOf(values[run] as number));
  return { ...axis, ...placed, texts: [], isConstant: isConstant(placed, low, high) };
}

const isConstant = ({ at, lanes }: Placed, low: number, high: number) =>
  lanes.length === 0 ? low === high : lanes.length === 1 && at.every(Number.isNaN);

export type AxisUnit = "number" | "whole" | "time" | "duration";

type NumberAxis = Pick<Scale, "kind" | "domain" | "ticks" | "valueAt" | "placeOf">;

/** The scale of an axis alone, without runs on it. */
export function numberAxis(kind: "linear" | "log", low: number, high: number, unit: AxisUnit = "number"): NumberAxis {
  const isLog = kind === "log";
  const [from, to] = Number.isFinite(low) && Number.isFinite(high) ? [low, high] : [0, 1];
  const [start, end] = isLog ? [Math.log10(from), Math.log10(to)] : [from, to];
  const place = unit01(start, end);
  const placeOf = (value: number) => place(isLog ? Math.log10(value) : value);
  const valueAt = (at: number) => {
    const value = start * (1 - at) + end * at;
    return isLog ? 10 ** value : value;
  };
  const ticksOf = isLog
    ? logTicks
    : { number: linearTicks, whole: wholeTicks, time: timeTicks, duration: durationTicks }[unit];
  const ticks = (count: number) => ticksOf(from, to, count).map((tick) => placeTick(tick, placeOf));
  return { kind, domain: [from, to], ticks, valueAt, placeOf };
}

const placeTick = ({ value, label }: Tick, placeOf: (value: number) => number): PlacedTick => ({
  at: placeOf(value),
  label,
});

/** Halves keep the difference of the largest numbers finite; what has no extent stands in the middle. */
function unit01(start: number, end: number): (value: number) => number {
  const extent = end / 2 - start / 2;
  return extent > 0 ? (value) => (value / 2 - start / 2) / extent : () => 0.5;
}

interface Spread {
  low: number;
  high: number;
  /** The smallest value above 0. */
  positive: number;
  /** Whether all values are whole numbers. */
  isWhole: boolean;
}

function spreadOf(column: NumberColumn, shown: RunMask | null): Spread {
  const [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const spread = { low, high, positive: Number.POSITIVE_INFINITY, isWhole: true };
  const { values, missing } = column;
  for (let run = 0; run < values.length; run++) {
    const value = values[run] as number;
    if (!Number.isFinite(value) || missing?.[run] === 1 || shown?.[run] === 0) continue;
    if (value < spread.low) spread.low = value;
    if (value > spread.high) spread.high = value;
    if (value > 0 && value < spread.positive) spread.positive = value;
    if (spread.isWhole && !Number.isInteger(value)) spread.isWhole = false;
  }
  return spread;
}

function chooseKind(asked: ScaleKind, { low, high, positive }: Spread, isTime: boolean): "linear" | "log" {
  if (isTime || !Number.isFinite(positive)) return "linear";
  if (asked !== "auto") return asked;
  return suitsLog(low, high) ? "log" : "linear";
}

/** Whether `auto` takes a logarithmic scale for values from `low` to `high`. */
export const suitsLog = (low: number, high: number) => low > 0 && high / low > LOG_SPREAD;

/** The place in `LANES`, or -1 for what stands on the scale. */
function laneOfNumber(value: number, isMissing: boolean, isLog: boolean): number {
  if (isMissing) return MISSING;
  if (Number.isNaN(value)) return LANES.indexOf("nan");
  if (!Number.isFinite(value)) return LANES.indexOf(value > 0 ? "inf" : "-inf");
  return isLog && value <= 0 ? LANES.indexOf("nonpositive") : -1;
}

/** Numbers in texts count as numbers: `run-2` comes before `run-10`. */
const COLLATOR = new Intl.Collator("en", { numeric: true });

function textScale(column: TextColumn, shown: RunMask | null): Scale {
  const { texts, placeOfCode } = orderTexts(column, shown);
  const count = texts.length;
  const placeOf = (place: number) => (place + 0.5) / count;
  const codeOf = (run: number) => column.codes[run] as number;
  const lane = (run: number) => (codeOf(run) < 0 ? MISSING : -1);
  const placed = placeRuns(column.codes.length, shown, lane, (run) => placeOf(placeOfCode[codeOf(run)] as number));
  const ticks = (most: number) =>
    sampleTexts(texts, most).map((place) => ({ at: placeOf(place), label: texts[place] ?? "" }));
  const valueAt = (at: number) => at * count - 0.5;
  return {
    kind: "text",
    ...placed,
    texts,
    domain: [0, count - 1],
    ticks,
    valueAt,
    placeOf,
    isConstant: count + placed.lanes.length <= 1,
  };
}

function orderTexts(column: TextColumn, shown: RunMask | null) {
  const codes = new Set(column.codes.filter((code, run) => code >= 0 && shown?.[run] !== 0));
  const sorted = [...codes].sort((a, b) => COLLATOR.compare(column.texts[a] ?? "", column.texts[b] ?? ""));
  const placeOfCode = new Int32Array(column.texts.length);
  sorted.forEach((code, place) => {
    placeOfCode[code] = place;
  });
  return { texts: sorted.map((code) => column.texts[code] ?? ""), placeOfCode };
}

/** Which of many texts have room, evenly spread from the first on. */
function sampleTexts(texts: readonly string[], most: number): number[] {
  const every = Math.max(1, Math.ceil(texts.length / Math.max(1, most)));
  return texts.flatMap((_, place) => (place % every === 0 ? [place] : []));
}

type Placed = Pick<Scale, "at" | "laneOf" | "lanes">;

/** `lane` tells the place in `LANES` of a run that the scale has no place for, and -1 of all others. */
function placeRuns(
  total: number,
  shown: RunMask | null,
  lane: (run: number) => number,
  place: (run: number) => number,
): Placed {
  const at = new Float64Array(total).fill(Number.NaN);
  const laneOf = new Int8Array(total).fill(-1);
  const used = new Set<number>();
  for (let run = 0; run < total; run++) {
    if (shown?.[run] === 0) continue;
    const own = lane(run);
    if (own < 0) at[run] = place(run);
    else {
      laneOf[run] = own;
      used.add(own);
    }
  }
  const ranks = [...used].sort((a, b) => a - b);
  return {
    at,
    laneOf: ranks.length === 0 ? laneOf : laneOf.map((own) => ranks.indexOf(own)),
    lanes: ranks.map((own) => LANES[own] ?? "missing"),
  };
}

/** For each run the pixel where it stands, on the scale or in its lane. */
export function placeAll(
  { at, laneOf }: Scale,
  onScale: (at: number, run: number) => number,
  inLane: (lane: number) => number,
): Float32Array {
  const places = new Float32Array(at.length);
  for (let run = 0; run < at.length; run++) {
    const own = at[run] as number;
    places[run] = Number.isNaN(own) ? inLane(Math.max(0, laneOf[run] as number)) : onScale(own, run);
  }
  return places;
}
