/** Leads from chosen runs to what is different between them, or between one and the notebook now. */

import type { RunRow } from "./protocol";
import type { RunBrief } from "./run-protocol";
import { strings } from "./strings";
import type { AnyView } from "./view";

/** Why the difference of these runs cannot be shown, or "". */
export function noDifferenceOf(rows: readonly RunRow[]): string {
  if (rows.length > 2) return strings.differenceOfTwo;
  return rows.length === 1 && !rows[0]?.has_revision ? strings.noRevision : "";
}

/** Between two runs; of one run, to the notebook now. */
export async function showDifference(view: AnyView, [one, other]: readonly RunRow[]): Promise<void> {
  if (one === undefined) return;
  if (other === undefined) await view.openDifference(one, null);
  else await view.openDifference(...inOrder(one, other));
}

/** The earlier run first. */
export function inOrder<R extends Pick<RunBrief, "start_time">>(one: R, other: R): [R, R] {
  return (one.start_time ?? 0) <= (other.start_time ?? 0) ? [one, other] : [other, one];
}
