/** Values of runs as people read them. */

import { formatNumber, formatParam, formatTime } from "../format";
import type { Column } from "./frame";
import type { Fact } from "./picture";
import { words } from "./words";

/** The value of a run in a column; a dash where it has none. */
export function formatValue(column: Column, run: number): string {
  if (column.type === "text") return formatParam(column.texts[column.codes[run] ?? -1] ?? words.noValue);
  if (column.missing?.[run] === 1) return words.noValue;
  const value = column.values[run] ?? Number.NaN;
  return column.isTime === true && Number.isFinite(value) ? formatTime(value) : formatNumber(value);
}

export const factsOf = (columns: readonly (Column | undefined | null)[], run: number): Fact[] =>
  [...new Set(columns)].flatMap((column) => (column ? [[column.key, formatValue(column, run)] as const] : []));

/** Places of the runs that are shown, in the order of a value; those for which it is NaN last. */
export function sortRuns(values: ArrayLike<number>, runs: readonly number[]): number[] {
  const rank = (run: number) => {
    const value = values[run] ?? Number.NaN;
    return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
  };
  return [...runs].sort((a, b) => rank(a) - rank(b) || a - b);
}
