/** What people do with runs: asked for, done in the kernel, and told; with an undo where there is one. */

import { inBatches } from "./batches";
import { readBytes } from "./columns";
import { formatSentence, formatSize } from "./format";
import { askHost, saveFile } from "./host";
import type { Requests, RunRow, RunsOutcome, RunsState } from "./protocol";
import type { Question, Values } from "./questions";
import { PanelState } from "./state";
import { strings } from "./strings";
import { begin } from "./unfinished";
import type { View } from "./view";
import { faultOf, type WidgetState } from "./widget-state";

export type AnyView = View<WidgetState>;

const STAR = "trackside.starred";
const NOTE = "mlflow.note.content";
/** How many runs are named where not all can be. */
const NAMED = 5;
export const RETENTION_DAYS = 30;

/** The requests that change several runs. */
type Change = {
  [K in keyof Requests]: Requests[K]["reply"] extends RunsOutcome ? K : never;
}[keyof Requests];

interface Order<K extends Change> {
  kind: K;
  rows: readonly RunRow[];
  data: (runIds: string[]) => Requests[K]["data"];
  /** In words, for the notice while it goes on, and for a kernel that dies meanwhile. */
  what: string;
  /** What is said of the runs that were changed. */
  done: (count: number, outcomes: readonly Requests[K]["reply"][]) => string;
  undo?: (done: string[]) => void;
}

/** Has runs changed, says what came of it run by run, and returns the ids of those that were changed. */
async function change<K extends Change>(view: AnyView, order: Order<K>): Promise<string[]> {
  const { state } = view;
  const ids = order.rows.map(({ run_id }) => run_id);
  const answered = begin(notebookOf(state), order.what);
  const ask = async (part: string[]) =>
    (await state.request(order.kind, order.data(part))).reply as Requests[K]["reply"] & RunsOutcome;
  const progress = (count: number) => state.say(strings.progress(order.what, count, ids.length));
  const { outcomes, fault, unanswered } = await inBatches(ids, ask, progress);
  answered();
  const done = outcomes.flatMap((outcome) => outcome.done);
  const refused = outcomes.flatMap((outcome) => outcome.refused);
  const { undo } = order;
  const action = undo && done.length > 0 ? { label: strings.undo, run: () => undo(done) } : null;
  const told = done.length > 0 ? order.done(done.length, outcomes) : "";
  if (fault === null && refused.length === 0) state.show({ text: told, hint: "", isFault: false, action });
  else {
    const lines = refused.map(({ run_id, fault }) => strings.refusal(nameOf(run_id, order.rows), fault.message));
    if (fault !== null) lines.push(formatSentence(faultOf(fault.error).message));
    const text = [told, strings.notDone(refused.length + unanswered.length)].filter(Boolean).join(" ");
    const hint = fault === null ? (refused[0]?.fault.hint ?? "") : faultOf(fault.error).hint;
    state.show({ text, hint: formatSentence(hint), isFault: true, action, lines: shortened(lines) });
  }
  return done;
}

/** Chooses all runs that the list has; the kernel knows those that were never in sight. */
export async function selectAll(view: View<PanelState>): Promise<void> {
  const { list, query, selection } = view.state;
  const known = list.value?.runs.map(({ row }) => row) ?? [];
  if (known.length >= (list.value?.snapshot.lines ?? 0)) return selection.only(known);
  const answer = await view.state.ask("runs.ids", { query: query.value });
  if (answer === null) return;
  const { run_ids, total } = answer.reply;
  const rows = new Map(known.map((row) => [row.run_id, row]));
  selection.only(run_ids.map((run_id) => rows.get(run_id) ?? unseen(run_id, query.value.state)));
  if (total > run_ids.length) view.state.say(strings.notAllSelected(run_ids.length, total));
}

/** A run of which only the id is known, and by the query whether it is deleted. */
const unseen = (run_id: string, state: RunsState): RunRow =>
  ({
    run_id,
    name: run_id.slice(0, 8),
    state: state === "deleted" ? "deleted" : "active",
    maker: "ended",
    is_starred: false,
  }) as RunRow;

const nameOf = (runId: string, rows: readonly RunRow[]) =>
  rows.find(({ run_id }) => run_id === runId)?.name ?? runId.slice(0, 8);

const shortened = (lines: readonly string[]) =>
  lines.length > NAMED ? [...lines.slice(0, NAMED), strings.andMore(lines.length - NAMED)] : [...lines];

const notebookOf = (state: WidgetState) =>
  state instanceof PanelState ? (state.list.peek()?.snapshot.notebook ?? "") : "";

const idsOf = (rows: readonly RunRow[]) => rows.map(({ run_id }) => run_id);
const namesOf = (rows: readonly RunRow[]) => shortened(rows.map(({ name }) => name));

/** A question without fields about runs. */
const question = (rows: readonly RunRow[], parts: Omit<Question, "about">): Question => ({
  ...parts,
  about: namesOf(rows),
});

// Names, tags, notes, stars

export function rename(view: AnyView, rows: readonly RunRow[]): void {
  const [first] = rows;
  if (first === undefined) return;
  if (rows.length === 1) view.renaming.value = first.run_id;
  else
    view.question.value = question(rows, {
      title: strings.renameMany(rows.length),
      text: strings.renameManyText,
      fields: [{ kind: "text", name: "name", label: strings.nameLabel, initial: "run {n}", isRequired: true }],
      confirm: strings.save,
      isGrave: false,
      answer: (values) => renameAll(view, rows, values.text("name").trim()),
    });
}

/** One after the other: there is no request for several names. */
async function renameAll(view: AnyView, rows: readonly RunRow[], pattern: string): Promise<string> {
  if (pattern === "") return strings.nameMissing;
  for (const [index, row] of rows.entries()) {
    const name = pattern.replaceAll("{n}", String(index + 1));
    if (!(await view.state.rename(row.run_id, name))) return "";
  }
  view.state.say(strings.runsRenamed(rows.length));
  return "";
}

export function askForTag(view: AnyView, rows: readonly RunRow[]): void {
  view.question.value = question(rows, {
    title: strings.tagRuns(rows.length),
    text: "",
    fields: [
      { kind: "text", name: "key", label: strings.tagName, initial: "", isRequired: true },
      { kind: "text", name: "value", label: strings.tagValue, initial: "", isRequired: false },
    ],
    confirm: strings.setTag,
    isGrave: false,
    answer: (values) => {
      const key = values.text("key").trim();
      if (key === "") return strings.tagNameMissing;
      void setTag(view, rows, key, values.text("value"), (count) => strings.runsTagged(key, count));
      return "";
    },
  });
}

/** The note of one run is there to be changed; several get one and the same. */
export async function askForNote(view: AnyView, rows: readonly RunRow[]): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const one = rows.length === 1 ? await view.state.ask("note.read", { run_id: first.run_id }) : undefined;
  if (one === null) return;
  view.question.value = question(rows, {
    title: strings.noteOf(rows.length),
    text: one === undefined ? strings.noteText : "",
    fields: [{ kind: "lines", name: "note", label: strings.noteLabel, initial: one?.reply.text ?? "" }],
    confirm: strings.save,
    isGrave: false,
    answer: (values) => {
      void setTag(view, rows, NOTE, values.text("note"), strings.runsNoted);
      return "";
    },
  });
}

export function setTag(
  view: AnyView,
  rows: readonly RunRow[],
  key: string,
  value: string,
  done: (count: number) => string,
): Promise<string[]> {
  const data = (run_ids: string[]) => ({ run_ids, key, value });
  return change(view, { kind: "tags.set", rows, data, what: strings.tagRuns(rows.length), done });
}

/** Stars all of them, or takes the stars away where all have one. */
export function toggleStar(view: AnyView, rows: readonly RunRow[]): Promise<string[]> {
  if (!rows.every(({ is_starred }) => is_starred)) return setTag(view, rows, STAR, "true", strings.runsStarred);
  const data = (run_ids: string[]) => ({ run_ids, key: STAR });
  return change(view, { kind: "tags.delete", rows, data, what: strings.action.unstar, done: strings.runsUnstarred });
}

// Trash

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
      void remove(view, rows, count > 0 && values.check("descendants"));
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
  if (free.size === 0 && refused[0]) {
    const { message, hint } = refused[0].fault;
    return view.state.show({ text: formatSentence(message), hint: formatSentence(hint), isFault: true, action: null });
  }
  const left = would.outcomes.reduce((sum, outcome) => sum + outcome.left.length, 0);
  const bytes = formatSize(would.outcomes.reduce((sum, outcome) => sum + outcome.bytes, 0));
  const text = [
    strings.purgeText(bytes),
    left > 0 ? strings.purgeLeft(left) : "",
    refused.length > 0 ? strings.purgeRefused(refused.length) : "",
  ];
  const gone = rows.filter(({ run_id }) => free.has(run_id));
  view.question.value = question(gone, {
    title: strings.ask(strings.purgeRuns(gone.length)),
    text: text.filter(Boolean).join(" "),
    fields: [],
    confirm: strings.purge,
    isGrave: true,
    answer: () => {
      void purge(view, gone);
      return "";
    },
  });
}

async function purge(view: AnyView, rows: readonly RunRow[]): Promise<void> {
  const done = await change(view, {
    kind: "runs.purge",
    rows,
    data: (run_ids) => ({ run_ids, dry_run: false }),
    what: strings.purgeRuns(rows.length),
    done: (count, outcomes) =>
      strings.runsPurged(count, formatSize(outcomes.reduce((sum, { bytes }) => sum + bytes, 0))),
  });
  forget(view, done);
}

async function countDescendants(view: AnyView, rows: readonly RunRow[], deleted: boolean): Promise<number | null> {
  const answer = await view.state.ask("descendants.count", { run_ids: idsOf(rows), deleted });
  return answer?.reply.count ?? null;
}

const descendantsField = (count: number, label: (count: number) => string): Question["fields"] =>
  count === 0 ? [] : [{ kind: "check", name: "descendants", label: label(count), initial: true }];

function forget({ state }: AnyView, runIds: readonly string[]): void {
  if (state instanceof PanelState) state.selection.drop(runIds);
}

// Files, links

export async function saveCsv(view: AnyView, rows: readonly RunRow[], download: boolean): Promise<void> {
  const answer = await view.state.ask("runs.csv", { run_ids: idsOf(rows), download });
  if (answer === null) return;
  const { path, content } = answer.reply;
  if (content === null) view.state.say(strings.csvSaved(rows.length, path.split(/[\\/]/).at(-1) ?? path));
  else saveFile(path, readBytes(answer.buffers[content]));
}

export async function openPage(view: AnyView, row: RunRow): Promise<void> {
  const url = await findPage(view, row);
  if (url !== "") window.open(url, "_blank", "noopener,noreferrer");
}

export async function copyLink(view: AnyView, row: RunRow): Promise<void> {
  const url = await findPage(view, row);
  if (url !== "") await view.copy(url);
}

async function findPage(view: AnyView, { run_id }: RunRow): Promise<string> {
  const answer = await view.state.ask("run.page", { run_id });
  if (answer?.reply.url === "") view.state.say(`${strings.hasNoPage}.`);
  return answer?.reply.url ?? "";
}

// Runs that go on

export function askToInterrupt(view: AnyView, row: RunRow): void {
  view.question.value = question([], {
    title: strings.ask(strings.interruptTitle),
    text: strings.interruptText(row.name),
    fields: [],
    confirm: strings.interrupt,
    isGrave: true,
    answer: () => {
      void interrupt(view);
      return "";
    },
  });
}

/** By the page, which reaches kernels that answer nothing else; where it does not, by the kernel itself. */
async function interrupt(view: AnyView): Promise<void> {
  try {
    if (!(await askHost(view.element, { kind: "kernel.interrupt" }))) await view.state.request("kernel.interrupt", {});
    view.state.say(strings.interrupted);
  } catch (error) {
    view.state.showFault(error);
  }
}

export function askToClose(view: AnyView, rows: readonly RunRow[]): void {
  const isSure = rows.every(({ maker }) => maker === "gone");
  view.question.value = question(rows, {
    title: strings.ask(strings.closeRuns(rows.length)),
    text: isSure ? strings.closeGone : strings.closeUnknown,
    fields: [],
    confirm: strings.endAsFailed,
    isGrave: !isSure,
    answer: (_values: Values) => {
      const data = (run_ids: string[]) => ({ run_ids });
      const what = strings.closeRuns(rows.length);
      void change(view, { kind: "runs.close", rows, data, what, done: strings.runsClosed });
      return "";
    },
  });
}
