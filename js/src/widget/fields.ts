/** Fields of runs, named as in filters and orders: `metrics.acc`, ``params.`my key` ``, `start_time`. */

import { formatDate, formatExact, formatNumber, formatParam, formatRunTime } from "./format";
import type { RunRow } from "./protocol";
import type { ListedRun } from "./runs";
import { strings } from "./strings";

type FieldKind = "metrics" | "params" | "tags" | "attributes";

export interface Field {
  kind: FieldKind;
  key: string;
}

/** The attributes that make columns and orders. */
const ATTRIBUTES = ["start_time", "duration", "status", "run_name", "user_id", "end_time"] as const;
export type Attribute = (typeof ATTRIBUTES)[number];

/** Tags of the system that people look at as they do at attributes; filters and orders know them by these names. */
export const NOTE_TAG = "mlflow.note.content";
const NOTE = `tags.${NOTE_TAG}`;
export const SOURCE = "tags.mlflow.source.name";
/** What runs have whatever was logged. */
export const ABOUT_RUNS: readonly string[] = [...ATTRIBUTES, SOURCE, NOTE];

const isAttribute = (name: string): name is Attribute => (ATTRIBUTES as readonly string[]).includes(name);

export function readField(name: string): Field {
  const found = /^(metrics|params|tags)\.([\s\S]+)$/.exec(name);
  const [, kind, key] = found ?? [];
  if (kind === undefined || key === undefined) return { kind: "attributes", key: name };
  const quoted = /^(["'`])([\s\S]*)\1$/.exec(key);
  return { kind: kind as FieldKind, key: quoted?.[2] ?? key };
}

/** The key of the metric that a field is, or null. */
export function metricOf(name: string): string | null {
  const { kind, key } = readField(name);
  return kind === "metrics" ? key : null;
}

/** What people call a field; what was logged is called by its key. */
export function labelOf(name: string): string {
  if (name === NOTE) return strings.note;
  if (name === SOURCE) return strings.source;
  const { kind, key } = readField(name);
  return kind === "attributes" && isAttribute(key) ? strings.attributes[key] : key;
}

/** The chosen tags that a card shows as chips; the note has a place of its own. */
export const tagsOfChips = ({ tags }: RunRow) => tags.filter(({ key }) => `tags.${key}` !== NOTE);

/** How many lines of chips the card of a run has: one of metrics, one of texts. */
export function linesOfChips({ metrics, row }: ListedRun): 0 | 1 | 2 {
  const texts = row.params.length + tagsOfChips(row).length;
  if (metrics.length > 0 && texts > 0) return 2;
  return metrics.length > 0 || texts > 0 ? 1 : 0;
}

export interface Cell {
  text: string;
  /** All of it. */
  title: string;
  isNumber: boolean;
}

/** What a run has in a column, or null. */
export function cellOf(run: ListedRun, name: string, now: number): Cell | null {
  const { kind, key } = readField(name);
  if (kind === "attributes") return attributeOf(run, key, now);
  if (kind === "metrics") {
    const metric = run.metrics.find((one) => one.key === key);
    return metric ? { text: formatNumber(metric.value), title: formatExact(metric.value), isNumber: true } : null;
  }
  const text = run.row[kind].find((one) => one.key === key)?.value;
  if (text === undefined) return null;
  const shown = kind === "params" ? formatParam(text.text) : name === NOTE ? firstLine(text.text) : text.text;
  return {
    text: shown,
    title: `${text.text}${text.cut ? "…" : ""}`,
    isNumber: /^[-+]?[\d.]+(e[-+]?\d+)?$/i.test(text.text),
  };
}

const firstLine = (text: string) => text.trimStart().split("\n", 1)[0] ?? "";

function attributeOf({ row }: ListedRun, key: string, now: number): Cell | null {
  const isRunning = row.status === "RUNNING";
  const texts: Record<string, string> = {
    start_time: row.start_time === null ? "" : formatDate(row.start_time, now),
    end_time: row.end_time === null ? "" : formatDate(row.end_time, now),
    duration: formatRunTime(row.start_time, row.end_time, isRunning, now),
    status: strings.status[row.status],
    run_name: row.name,
    user_id: row.user,
  };
  const text = texts[key] ?? "";
  return text === "" ? null : { text, title: text, isNumber: key === "duration" };
}

/** The columns of the list. A table has the times as well, which cards always show, unless people chose others. */
export function columnsOf(chosen: readonly string[] | null, telling: readonly string[], isTable: boolean): string[] {
  return chosen === null && isTable ? ["start_time", ...telling, "duration"] : [...(chosen ?? telling)];
}

export interface Step {
  field: string;
  isAscending: boolean;
}

/** A step of an order. */
export function readStep(text: string): Step {
  const found = /^([\s\S]*?)\s+(ASC|DESC)$/i.exec(text.trim());
  return { field: found?.[1] ?? text.trim(), isAscending: found?.[2]?.toUpperCase() !== "DESC" };
}

export const stepText = ({ field, isAscending }: Step) => `${field} ${isAscending ? "ASC" : "DESC"}`;

/**
 * The order after a click on a column's head: first the direction that shows most, then the other, then none.
 * With `keep` the steps before it stay.
 */
export function sortedBy(order: readonly string[], field: string, keep = false): string[] {
  const steps = order.map(readStep);
  const now = steps.find((step) => step.field === field);
  const others = keep ? steps.filter((step) => step.field !== field) : [];
  const first = startsAscending(field);
  if (now === undefined) return [...others, { field, isAscending: first }].map(stepText);
  if (now.isAscending !== first) return others.map(stepText);
  const turned = steps.map((step) => (step.field === field ? { field, isAscending: !first } : step));
  return (keep ? turned : turned.filter((step) => step.field === field)).map(stepText);
}

/** Texts are looked for from A on, numbers and times from the largest. */
function startsAscending(name: string): boolean {
  const { kind, key } = readField(name);
  return kind === "params" || kind === "tags" || ["run_name", "user_id", "status"].includes(key);
}
