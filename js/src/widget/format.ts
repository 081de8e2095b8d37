/** Numbers, times and sizes as the widget shows them. */

import { locale } from "./language";
import { translated } from "./sentences";
import { strings } from "./strings";

const DIGITS = 4;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const COUNT = new Intl.NumberFormat(locale);
const POINT = COUNT.formatToParts(0.5).find(({ type }) => type === "decimal")?.value ?? ".";

/** How many there are of something. */
export const formatCount = (count: number): string => COUNT.format(count);

/** A number's text with the language's own decimal sign. */
const localized = (text: string) => text.replace(".", POINT);

/** A metric's value with four significant digits, but never with fewer than it has before the point, up to a million. */
export const formatNumber = (value: number): string => localized(shorten(value));

function shorten(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-4 || size >= 1e6)) return minus(exponential(value));
  const whole = size < 1 ? 0 : Math.floor(Math.log10(size)) + 1;
  return minus(String(Number(value.toPrecision(Math.max(DIGITS, whole)))));
}

/** A mean with its spread: two digits of the spread, and of the mean no more than the spread leaves certain. */
export function formatSpread(mean: number, deviation: number): string {
  if (Number.isNaN(deviation)) return formatNumber(mean);
  const isPlain = [mean, deviation].every((value) => value === 0 || /^[−\d.]+$/.test(shorten(value)));
  if (!isPlain || deviation <= 0) return `${formatNumber(mean)} ± ${formatNumber(deviation)}`;
  const rounded = Number(deviation.toPrecision(2)); // 0.09999… is told as 0.10
  const decimals = Math.max(0, 1 - Math.floor(Math.log10(rounded)));
  return [mean, deviation].map((value) => localized(minus(value.toFixed(decimals)))).join(" ± ");
}

function exponential(value: number): string {
  const [digits, exponent] = value.toExponential(DIGITS - 1).split("e");
  return `${Number(digits)}e${exponent?.replace("+", "")}`;
}

const minus = (text: string) => text.replace(/^-/, "−");

const LONG_DECIMAL = /^-?\d*\.\d{5,}(e[-+]?\d+)?$/i;

/** A param's text for the list: a long decimal is rounded, all else stays as it was logged. */
export function formatParam(text: string): string {
  return LONG_DECIMAL.test(text) ? shorten(Number(text)) : text;
}

const PERCENT = new Intl.NumberFormat(locale, {
  style: "percent",
  signDisplay: "exceptZero",
  maximumSignificantDigits: 2,
});

/** A change as a part of a whole, with its sign. */
export function formatPercent(part: number): string {
  return PERCENT.format(part).replace("-", "−");
}

/** All digits of a number, as Python would print it. */
export function formatExact(value: number): string {
  if (Number.isNaN(value)) return "nan";
  return Number.isFinite(value) ? String(value) : value > 0 ? "inf" : "-inf";
}

/** How long ago something was if it was today, else its date and time. */
export function formatStart(time: number, now: number): string {
  const age = Math.max(0, now - time);
  if (age < 10 * SECOND) return strings.justNow;
  if (age < MINUTE) return strings.secondsAgo(Math.floor(age / SECOND));
  if (age < HOUR) return strings.minutesAgo(Math.floor(age / MINUTE));
  if (age < 6 * HOUR) return strings.hoursAgo(Math.floor(age / HOUR));
  return formatDate(time, now);
}

const CLOCK = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" });
const DAY_OF_YEAR = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric" });
const DATE = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", year: "numeric" });
const WHOLE = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });

/** The time of day, with the date if it is not today. */
export function formatDate(time: number, now: number): string {
  const [date, today] = [new Date(time), new Date(now)];
  if (date.toDateString() === today.toDateString()) return CLOCK.format(date);
  const day = date.getFullYear() === today.getFullYear() ? DAY_OF_YEAR : DATE;
  return `${day.format(date)}, ${CLOCK.format(date)}`;
}

/** Date and time with seconds. */
export function formatTime(time: number): string {
  return WHOLE.format(time);
}

/** A span of time with its two largest units. */
export function formatDuration(ms: number, isRunning = false): string {
  const span = Math.max(0, ms);
  if (span < SECOND && !isRunning) return `${Math.round(span)} ms`;
  if (span < MINUTE)
    return `${isRunning ? Math.floor(span / SECOND) : localized(String(Number((span / SECOND).toPrecision(3))))} s`;
  if (span < HOUR) return twoUnits(span, MINUTE, "min", SECOND, "s");
  if (span < DAY) return twoUnits(span, HOUR, "h", MINUTE, "min");
  return twoUnits(span, DAY, strings.dayUnit, HOUR, "h");
}

function twoUnits(span: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((span % large) / small);
  return `${Math.floor(span / large)} ${largeName}${rest > 0 ? ` ${rest} ${smallName}` : ""}`;
}

/** A file's size with a decimal unit. */
export function formatSize(bytes: number): string {
  const units = strings.sizeUnits;
  let size = bytes;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? size : localized(String(Number(size.toPrecision(3))))} ${units[unit]}`;
}

/** The last part of a path, on whatever system it was written. */
export const formatName = (path: string) => path.split(/[\\/]/).at(-1) ?? path;

/** The last part of a path or of a store's URI, which is what tells stores apart in little room. */
export function formatStore(uri: string): string {
  const path = uri.replace(/[?#].*$/, "").replace(/\/+$/, "");
  if (/^https?:/i.test(path)) return path.replace(/^https?:\/\/(?:[^@/]*@)?/i, "");
  return formatName(path);
}

/** The time a run took, or has taken until now; "" where it has not started. */
export function formatRunTime(start: number | null, end: number | null, isRunning: boolean, now: number): string {
  if (start === null || (end === null && !isRunning)) return "";
  return formatDuration((end ?? now) - start, end === null);
}

const LONGEST_KEY = 500;

/** A key as it is shown: stores allow shorter ones, but files that others wrote may have any. */
export const formatKey = (key: string) => (key.length > LONGEST_KEY ? `${key.slice(0, LONGEST_KEY)}…` : key);

/**
 * A kernel's message as a sentence in the language of the page: a capital first, unless it is part of a name, and
 * a point at the end.
 */
export function formatSentence(text: string): string {
  const trimmed = translated(text.trim());
  const start = /^\p{Ll}+[\s,’]/u.test(trimmed) ? trimmed.charAt(0).toUpperCase() + trimmed.slice(1) : trimmed;
  return start === "" || /[.!?…:)]$/.test(start) ? start : `${start}.`;
}

/** Code with the characters that would show it in another order than it runs in as escapes. */
export const formatCode = (text: string): string =>
  text.replace(
    /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
