/** The metric that charts show before people chose one. */

import { type Frame, findColumn, type NumberColumn } from "./frame";

/** What was asked for, else the last metric whose better side is known, else the last one. */
export function mainMetric(frame: Frame): NumberColumn | undefined {
  const asked = findColumn(frame, frame.main);
  if (asked?.type === "number") return asked;
  const metrics = frame.columns.filter((column) => column.kind === "metric" && column.type === "number");
  const numbers = metrics as NumberColumn[];
  return numbers.filter(({ direction }) => direction !== null).at(-1) ?? numbers.at(-1);
}
