/** Where an axis has marks, and what stands at them. */

import { formatNumber } from "../format";
import { locale } from "../language";

export interface Tick {
  value: number;
  /** Empty for a mark between the labelled ones. */
  label: string;
}

/** Round numbers from `low` to `high`, about `count` of them. */
export function linearTicks(low: number, high: number, count: number): Tick[] {
  if (low === high) return [{ value: low, label: formatNumber(low) }];
  const span = high - low;
  const values = Number.isFinite(span) ? roundNumbers(low, high, count) : [low, 0, high];
  const labels = values.map((value) => formatTick(value, span));
  return values.map((value, index) => ({ value, label: labels[index] ?? "" }));
}

/** As `linearTicks`, of values that are all whole: nothing stands between two of them that are in sight. */
export const wholeTicks = (low: number, high: number, count: number): Tick[] =>
  linearTicks(low, high, Math.min(count, Math.max(1, high - low)));

/** Multiples of 1, 2 or 5 times a power of ten, about `count` of them. */
function roundNumbers(low: number, high: number, count: number): number[] {
  const step = (high - low) / count;
  const power = Math.floor(Math.log10(step));
  const part = step / 10 ** power;
  const factor = FACTORS.find(([from]) => part >= from)?.[1] ?? 1;
  const times = (whole: number) => (power < 0 ? (whole * factor) / 10 ** -power : whole * factor * 10 ** power);
  const [first, last] = [low, high].map((end) => Math.round(end / times(1))) as [number, number];
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last)) return [low, high];
  const found = Array.from({ length: last - first + 1 }, (_, index) => times(first + index));
  return found.filter((value) => value >= low && value <= high);
}

/** What a step is rounded to, by its first digits. */
const FACTORS = [
  [Math.sqrt(50), 10],
  [Math.sqrt(10), 5],
  [Math.sqrt(2), 2],
] as const;

/** Numbers near each other, as 1000.001 and 1000.002 are, need all the digits that tell them apart. */
function formatTick(value: number, span: number): string {
  const digits = Math.ceil(Math.log10(Math.abs(value) / span)) + 2;
  return digits > 4 && digits < 16
    ? Number(value.toPrecision(digits)).toLocaleString(locale, { maximumSignificantDigits: 17, useGrouping: false })
    : formatNumber(value);
}

/** Powers of ten, with 2 and 5 times them where there is room, and unlabelled marks between them. */
export function logTicks(low: number, high: number, count: number): Tick[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const decades = Math.log10(high) - Math.log10(low);
  if (decades < 1) return logFew(low, high, count);
  const every = Math.max(1, Math.ceil(decades / (count * CLOSER)));
  const labelled = decades * 3 <= count ? [1, 2, 5] : [1];
  const powers = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const found = powers.filter((power) => power % every === 0).flatMap((power) => decade(power, labelled, every === 1));
  return found.filter(({ value }) => value >= low && value <= high);
}

/** Powers of ten are short, and may stand closer than other numbers. */
const CLOSER = 1.5;

function decade(power: number, labelled: readonly number[], hasBetween: boolean): Tick[] {
  const factors = hasBetween ? [1, 2, 3, 4, 5, 6, 7, 8, 9] : [1];
  return factors.map((factor) => {
    const value = Number(`${factor}e${power}`);
    return { value, label: labelled.includes(factor) ? formatPower(factor, power) : "" };
  });
}

/** Less than a power of ten is labelled as on a linear axis. */
function logFew(low: number, high: number, count: number): Tick[] {
  return linearTicks(low, high, count).filter(({ value }) => value > 0);
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** 0.001 to 10000 as they are, all beyond as a power. */
function formatPower(factor: number, power: number): string {
  if (power >= -3 && power <= 4) return formatNumber(Number(`${factor}e${power}`));
  const digits = [...String(Math.abs(power))].map((sign) => SUPERSCRIPTS[Number(sign)]);
  return `${factor === 1 ? "" : `${factor}×`}10${power < 0 ? "⁻" : ""}${digits.join("")}`;
}

const UNITS: readonly [number, Intl.DateTimeFormatOptions][] = [
  [60_000, { minute: "2-digit", second: "2-digit" }],
  [86_400_000, { hour: "numeric", minute: "2-digit" }],
  [200 * 86_400_000, { month: "short", day: "numeric" }],
  [Number.POSITIVE_INFINITY, { month: "short", year: "numeric" }],
];
const SPANS = [1, 2, 5, 10, 15, 30].flatMap((step) => [step * 1000, step * 60_000]);
const STEPS = [...SPANS, ...[1, 2, 3, 6, 12, 24, 48, 168, 720, 2160, 8760].map((hours) => hours * 3_600_000)].sort(
  (a, b) => a - b,
);

/** Round times of the local clock. */
export function timeTicks(low: number, high: number, count: number): Tick[] {
  const step = timeStep(high - low, count);
  const offset = new Date(low).getTimezoneOffset() * 60_000;
  const format = new Intl.DateTimeFormat(locale, UNITS.find(([most]) => step < most)?.[1] ?? {});
  return steps(low - offset, high - offset, step).map((value) => ({
    value: value + offset,
    label: format.format(value + offset),
  }));
}

/** Round spans of time in milliseconds. */
export function durationTicks(low: number, high: number, count: number): Tick[] {
  const step = timeStep(high - low, count);
  return steps(low, high, step).map((value) => ({ value, label: formatSpan(value, step) }));
}

const timeStep = (span: number, count: number) =>
  STEPS.find((step) => span / step <= count) ?? Math.ceil(span / count / 31_536_000_000) * 31_536_000_000;

function steps(low: number, high: number, step: number): number[] {
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, index) => (first + index) * step);
}

function formatSpan(ms: number, step: number): string {
  if (ms === 0) return "0";
  const seconds = Math.round(ms / 1000);
  if (step >= 3_600_000) return `${formatNumber(ms / 3_600_000)} h`;
  if (step < 60_000 && Math.abs(ms) < 60_000) return `${formatNumber(ms / 1000)} s`;
  if (step < 60_000) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} min`;
  if (Math.abs(ms) < 3_600_000) return `${seconds / 60} min`;
  return `${Math.floor(seconds / 3600)}:${String(Math.floor(seconds / 60) % 60).padStart(2, "0")} h`;
}
