/** The tables of a comparison: rows of what is known of runs, a column for each run. */

import type { Column, ColumnKind } from "../charts/frame";
import { judgeChange, relativeChange, type Verdict } from "../directions";
import { formatDuration, formatNumber, formatParam, formatStore, formatTime } from "../format";
import type { RunStatus } from "../protocol";
import { strings } from "../strings";
import { type Compared, textOf } from "./data";

export interface Cell {
  /** What is shown; "" where the run has nothing. */
  text: string;
  /** All of it, as it was logged. */
  exact: string;
  /** What it means beside the baseline's value. */
  verdict: Verdict;
  /** By which part it differs from the baseline's value, or null. */
  change: number | null;
  /** Whether no other run in the table has a better one. */
  isBest: boolean;
}

export interface Row {
  id: string;
  key: string;
  kind: ColumnKind;
  cells: Cell[];
  isDifferent: boolean;
}

type Group = "details" | "params" | "metrics" | "tags" | "code";

export interface RowGroup {
  group: Group;
  rows: Row[];
}

export interface TableOptions {
  /** The runs that have a column. */
  runs: readonly number[];
  baseline: number | null;
  onlyDifferences: boolean;
  /** Keys have this in them. */
  search: string;
}

const CODE = new Set(["revision", "commit", "environment"]);
/** Said at the head of the columns, or by other rows. */
const UNTOLD = new Set(["name", "stage", "end_time"]);
const SHORT_HASH = 8;

/** The rows that pass, by group; a group without rows is left out. */
export function tableGroups(compared: Compared, options: TableOptions): RowGroup[] {
  const wanted = options.search.trim().toLocaleLowerCase();
  const groups = new Map<Group, Row[]>([
    ["metrics", []],
    ["params", []],
    ["details", []],
    ["tags", []],
    ["code", []],
  ]);
  for (const column of compared.frame.columns) {
    const group = groupOf(column);
    if (group === null || !namesOf(column).some((name) => name.toLocaleLowerCase().includes(wanted))) continue;
    const row = rowOf(column, compared, options);
    if (row.cells.every(({ text }) => text === "")) continue;
    if (row.isDifferent || !options.onlyDifferences) groups.get(group)?.push(row);
  }
  return [...groups].filter(([, rows]) => rows.length > 0).map(([group, rows]) => ({ group, rows }));
}

/** A key, and what people see in its place. */
const namesOf = ({ kind, key }: Column): string[] => [
  key,
  kind === "attribute" ? (strings.detailNames[key] ?? "") : "",
];

function groupOf({ kind, key }: Column): Group | null {
  if (kind === "param") return "params";
  if (kind === "metric") return "metrics";
  if (kind === "tag") return "tags";
  return CODE.has(key) ? "code" : UNTOLD.has(key) ? null : "details";
}

function rowOf(column: Column, compared: Compared, { runs, baseline }: TableOptions): Row {
  const logged = compared.texts.get(column.id);
  const exact = runs.map((run) => (logged ? (logged[run] ?? null) : textOf(column, run)));
  const best = bestOf(column, runs);
  const base = baseline === null ? null : numberOf(column, baseline);
  const cells = runs.map((run, place) => {
    const value = numberOf(column, run);
    const isOther = base !== null && value !== null && run !== baseline;
    return {
      text: shownText(column, exact[place] ?? null, value),
      exact: exact[place] ?? "",
      verdict: isOther ? judgeChange(column.key, base, value) : ("neutral" as const),
      change: isOther && base !== value ? relativeChange(base, value) : null,
      isBest: best !== null && value === best,
    };
  });
  return { id: column.id, key: column.key, kind: column.kind, cells, isDifferent: new Set(exact).size > 1 };
}

/** A metric's value; null of what is no metric, and of a run without it. */
function numberOf(column: Column, run: number): number | null {
  if (column.type !== "number" || column.kind !== "metric" || column.missing?.[run]) return null;
  return column.values[run] ?? null;
}

/** The best value of a metric whose name tells what is better, if the runs do not all have the same. */
function bestOf(column: Column, runs: readonly number[]): number | null {
  if (column.type !== "number" || column.direction === null) return null;
  const values = runs.map((run) => numberOf(column, run)).filter((value) => value !== null && !Number.isNaN(value));
  if (new Set(values).size < 2) return null;
  return column.direction === "smaller" ? Math.min(...(values as number[])) : Math.max(...(values as number[]));
}

function shownText(column: Column, exact: string | null, value: number | null): string {
  if (exact === null) return "";
  if (value !== null) return formatNumber(value);
  if (column.kind === "param") return exact === "" ? "“”" : formatParam(exact);
  if (column.id === "attributes.store") return formatStore(exact);
  if (column.id === "attributes.status") return strings.status[exact as RunStatus] ?? exact;
  if (column.key === "duration") return formatDuration(Number(exact));
  if (column.type === "number" && column.isTime) return formatTime(Number(exact));
  return CODE.has(column.key) && column.kind === "attribute" ? exact.slice(0, SHORT_HASH) : exact;
}
