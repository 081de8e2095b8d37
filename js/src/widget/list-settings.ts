/** How people want a notebook's list: which runs, in which order, what of them. The browser keeps it per notebook. */

import type { RunStatus, RunsQuery, RunsState } from "./protocol";

/** Cards show a few values with their names; rows are lines of a table. */
export type Density = "cards" | "rows";

/** What people choose beside the filter they type; it is added to it. */
interface Clauses {
  status: RunStatus | "";
  /** An age as filters have it, or "". */
  created: Created | "";
  /** Whether a version of a registered model comes from the run. */
  models: "with" | "without" | "";
}

/** The values of these fields, or with `allBut` those of all params but these. */
export interface Grouping {
  fields: string[];
  allBut: boolean;
}

export interface ListSettings extends Clauses {
  filter: string;
  state: RunsState;
  /** As `metrics.acc DESC`; without any, newest first. */
  order: string[];
  /** Ids, or null for the notebook's own. */
  experiments: string[] | null;
  /** Named as in an order, or null for what tells runs apart. */
  columns: string[] | null;
  density: Density;
  /** What runs are grouped by, or null where each stands for itself. */
  group: Grouping | null;
  /** Filters that were used, newest first. */
  history: string[];
}

export const CREATED = ["1h", "1d", "7d", "30d"] as const;
type Created = (typeof CREATED)[number];

const NOTHING_CHOSEN: Clauses = { status: "", created: "", models: "" };
export const USUAL: ListSettings = {
  ...NOTHING_CHOSEN,
  filter: "",
  state: "active",
  order: [],
  experiments: null,
  columns: null,
  density: "cards",
  group: null,
  history: [],
};
const MAX_HISTORY = 30;

/** The filter with what was chosen beside it: one text, which `search_runs` takes as well. */
export function filterOf(settings: ListSettings): string {
  const typed = settings.filter.trim();
  const chosen = [
    settings.status && `status = '${settings.status}'`,
    settings.created && `created > -${settings.created}`,
    settings.models && `models ${settings.models === "with" ? "> 0" : "= 0"}`,
  ].filter((clause) => clause !== "");
  if (typed === "" || chosen.length === 0) return typed || chosen.join(" AND ");
  return [`(${typed})`, ...chosen].join(" AND ");
}

/** A filter that finds those of the runs of one that the other finds too. */
export function bothOf(filter: string, other: string): string {
  if (filter.trim() === "" || other === "") return filter.trim() || other;
  return `(${filter.trim()}) AND ${other}`;
}

export function queryOf(settings: ListSettings): RunsQuery {
  const { order, state, experiments } = settings;
  return { filter: filterOf(settings), order, state, experiments };
}

/** Whether the list leaves runs out on purpose. */
export const isFiltered = (settings: ListSettings) => filterOf(settings) !== "" || settings.state !== "active";

export function withHistory(history: readonly string[], filter: string): string[] {
  const used = filter.trim();
  return used === "" ? [...history] : [used, ...history.filter((other) => other !== used)].slice(0, MAX_HISTORY);
}

const placeOf = (notebook: string) => `trackside.list:${notebook}`;

/**
 * What the browser kept for a notebook; what is missing or strange is as usual. `path` is what the notebook was known
 * by before its first run gave it an id.
 */
export function readSettings(notebook: string, path = notebook): ListSettings {
  try {
    const text = localStorage.getItem(placeOf(notebook)) ?? localStorage.getItem(placeOf(path));
    const kept: unknown = JSON.parse(text ?? "null");
    return typeof kept === "object" && kept !== null ? checked(kept as Record<string, unknown>) : USUAL;
  } catch {
    return USUAL;
  }
}

/** Where the browser keeps nothing for pages, it is forgotten with the page. */
export function writeSettings(notebook: string, settings: ListSettings): void {
  try {
    localStorage.setItem(placeOf(notebook), JSON.stringify(settings));
  } catch {
    return;
  }
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((text) => typeof text === "string");

const isGrouping = (value: unknown): value is Grouping =>
  typeof value === "object" &&
  value !== null &&
  "fields" in value &&
  isTexts(value.fields) &&
  "allBut" in value &&
  typeof value.allBut === "boolean";

const CHECKS: { [K in keyof ListSettings]: (value: unknown) => boolean } = {
  filter: (value) => typeof value === "string",
  status: (value) => ["", "RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"].includes(value as string),
  created: (value) => ["", ...CREATED].includes(value as string),
  models: (value) => ["", "with", "without"].includes(value as string),
  state: (value) => ["active", "deleted", "all"].includes(value as string),
  order: isTexts,
  experiments: (value) => value === null || isTexts(value),
  columns: (value) => value === null || isTexts(value),
  density: (value) => value === "cards" || value === "rows",
  group: (value) => value === null || isGrouping(value),
  history: isTexts,
};

function checked(kept: Record<string, unknown>): ListSettings {
  const known = Object.entries(CHECKS).filter(([name, isGood]) => name in kept && isGood(kept[name]));
  return { ...USUAL, ...Object.fromEntries(known.map(([name]) => [name, kept[name]])) };
}
