/** Deleting, restoring, and deleting for good: asked for, done, told, and undone where it can be. */

import { inBatches } from "./batches";
import { FaultError } from "./bridge";
import { change, question } from "./changes";
import { idsOf, unseen } from "./choosing";
import { formatSize } from "./format";
import type { Requests, RunRow } from "./protocol";
import type { Question } from "./questions";
import { RETENTION_DAYS } from "./retention";
import { PanelState } from "./state";
import { strings } from "./strings";
import type { AnyView } from "./view";

/** Asks whether runs are to be deleted, and those below them too. */
export async function askToDelete(view: AnyView, rows: readonly RunRow[]): Promise<void> {
  const count = await countDescendants(view, rows, false);
  if (count === null) return;
  view.question.value = question(rows, {
    title: strings.ask(strings.deleteRuns(rows.length)),
    text: strings.deleteText(RETENTION_DAYS),
    fields: descendantsField(count, strings.withDescendants),
    confirm: strings.delete,
    isGrave: true,
    answer: (values) => {
      void remove(view, rows, count !== 0 && values.check("descendants"));
      return "";
    },
  });
}

async function remove(view: AnyView, rows: readonly RunRow[], descendants: boolean): Promise<void> {
  const done = await change(view, {
    kind: "runs.delete",
    rows,
    data: (run_ids) => ({ run_ids, descendants }),
    what: strings.deleteRuns(rows.length),
    done: strings.runsDeleted,
    undo: (deleted) => void bringBack(view, rows, deleted),
  });
  forget(view, done);
}

/** Restores runs; asks first only if there are deleted runs below them. */
export async function restore(view: AnyView, rows: readonly RunRow[]): Promise<void> {
  const count = await countDescendants(view, rows, true);
  if (count === null) return;
  if (count === 0) return restoreNow(view, rows, false);
  view.question.value = question(rows, {
    title: strings.ask(strings.restoreRuns(rows.length)),
    text: "",
    fields: descendantsField(count, strings.restoreDescendants),
    confirm: strings.restore,
    isGrave: false,
    answer: (values) => {
      void restoreNow(view, rows, values.check("descendants"));
      return "";
    },
  });
}

async function restoreNow(view: AnyView, rows: readonly RunRow[], descendants: boolean): Promise<void> {
  const data = (run_ids: string[]) => ({ run_ids, descendants });
  const what = strings.restoreRuns(rows.length);
  forget(view, await change(view, { kind: "runs.restore", rows, data, what, done: strings.runsRestored }));
}

/** Undoes a deletion: exactly what it took away, whether or not that was in sight. */
function bringBack(view: AnyView, rows: readonly RunRow[], deleted: readonly string[]): Promise<string[]> {
  const known = new Map(rows.map((row) => [row.run_id, row]));
  const all = deleted.map((run_id) => known.get(run_id) ?? unseen(run_id, "deleted"));
  const data = (run_ids: string[]) => ({ run_ids, descendants: false });
  const what = strings.restoreRuns(all.length);
  return change(view, { kind: "runs.restore", rows: all, data, what, done: strings.runsRestored });
}

/** Says how many bytes go before it asks. */
export async function askToPurge(view: AnyView, rows: readonly RunRow[]): Promise<void> {
  const would = await inBatches(idsOf(rows), async (run_ids) => {
    return (await view.state.request("runs.purge", { run_ids, dry_run: true })).reply;
  });
  if (would.fault !== null) return view.state.showFault(would.fault.error);
  const free = new Set(would.outcomes.flatMap(({ done }) => done));
  const refused = would.outcomes.flatMap((outcome) => outcome.refused);
  if (free.size === 0 && refused[0]) return view.state.showFault(new FaultError(refused[0].fault));
  const gone = rows.filter(({ run_id }) => free.has(run_id));
  view.question.value = question(gone, {
    title: strings.ask(strings.purgeRuns(gone.length)),
    text: purgeText(would.outcomes, refused.length),
    fields: [],
    confirm: strings.purge,
    isGrave: true,
    answer: () => {
      void purge(view, gone);
      return "";
    },
  });
}

/** What goes along, and what stays. */
function purgeText(outcomes: readonly Purged[], refused: number): string {
  const left = outcomes.reduce((sum, outcome) => sum + outcome.left.length, 0);
  const text = [
    strings.purgeText(formatSize(bytesOf(outcomes))),
    left > 0 ? strings.purgeLeft(left) : "",
    refused > 0 ? strings.purgeRefused(refused) : "",
  ];
  return text.filter(Boolean).join(" ");
}

type Purged = Requests["runs.purge"]["reply"];

const bytesOf = (outcomes: readonly Purged[]) => outcomes.reduce((sum, { bytes }) => sum + bytes, 0);

async function purge(view: AnyView, rows: readonly RunRow[]): Promise<void> {
  const done = await change(view, {
    kind: "runs.purge",
    rows,
    data: (run_ids) => ({ run_ids, dry_run: false }),
    what: strings.purgeRuns(rows.length),
    done: (count, outcomes) => strings.runsPurged(count, formatSize(bytesOf(outcomes))),
  });
  forget(view, done);
}

/** How many descendants are to go along; "unknown" where the store takes longer to say than people wait for a question. */
type Descendants = number | "unknown";

/** So long a question waits to be whole. */
const PATIENCE_MS = 1500;

/** Null where it cannot be found out, which is said. */
function countDescendants(view: AnyView, rows: readonly RunRow[], deleted: boolean): Promise<Descendants | null> {
  const asked = view.state.ask("descendants.count", { run_ids: idsOf(rows), deleted });
  const unknown = new Promise<Descendants>((resolve) => setTimeout(() => resolve("unknown"), PATIENCE_MS));
  return Promise.race([asked.then((answer) => answer?.reply.count ?? null), unknown]);
}

const descendantsField = (count: Descendants, label: (count: Descendants) => string): Question["fields"] =>
  count === 0 ? [] : [{ kind: "check", name: "descendants", label: label(count), initial: true }];

function forget({ state }: AnyView, runIds: readonly string[]): void {
  if (state instanceof PanelState) state.selection.drop(runIds);
}
