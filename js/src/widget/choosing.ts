/** Choosing runs, also those that were never in sight. */

import { bothOf } from "./list-settings";
import type { RunRow, RunsQuery, RunsState } from "./protocol";
import type { PanelState } from "./state";
import { strings } from "./strings";
import type { View } from "./view";

export const idsOf = (rows: readonly RunRow[]) => rows.map(({ run_id }) => run_id);

/** Chooses all runs that the list has; the kernel knows those that were never in sight. */
export async function selectAll(view: View<PanelState>): Promise<void> {
  const { list, query, selection } = view.state;
  const known = list.value?.runs.map(({ row }) => row) ?? [];
  if (known.length >= (list.value?.snapshot.lines ?? 0)) return selection.only(known);
  const found = await findRows(view, query.value);
  if (found !== null) selection.only(found);
}

/** Chooses the runs of a group, besides those that are chosen already. */
export async function selectGroup(view: View<PanelState>, filter: string): Promise<void> {
  const query = view.state.query.value;
  const found = await findRows(view, { ...query, filter: bothOf(query.filter, filter) });
  if (found !== null) view.state.selection.add(found);
}

/** What a query finds, also what was never in sight; says so where these are not all. */
async function findRows({ state }: View<PanelState>, query: RunsQuery): Promise<RunRow[] | null> {
  const answer = await state.ask("runs.ids", { query });
  if (answer === null) return null;
  const { run_ids, total } = answer.reply;
  const rows = new Map(state.list.value?.runs.map(({ row }) => [row.run_id, row]));
  if (total > run_ids.length) state.say(strings.notAllSelected(run_ids.length, total));
  return run_ids.map((run_id) => rows.get(run_id) ?? unseen(run_id, query.state));
}

/** Chooses the lines up to this run, also where they are so many that the page does not have all of them. */
export async function selectTo({ state }: View<PanelState>, row: RunRow): Promise<void> {
  const { selection } = state;
  if (selection.reaches(row)) return selection.extendTo(row);
  const answer = await state.ask("runs.between", { start: selection.anchor, end: row.run_id });
  if (answer === null) return;
  const rows = new Map(state.list.value?.runs.map((run) => [run.row.run_id, run.row]));
  selection.add(answer.reply.run_ids.map((runId) => rows.get(runId) ?? unseen(runId, state.query.value.state)));
}

/** A run of which only the id is known, and by the query whether it is deleted. */
export const unseen = (run_id: string, state: RunsState): RunRow =>
  ({
    run_id,
    name: run_id.slice(0, 8),
    state: state === "deleted" ? "deleted" : "active",
    maker: "ended",
    is_starred: false,
  }) as RunRow;
