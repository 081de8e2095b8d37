/** What people do with runs besides deleting them: name, tag, note, star, export, link, interrupt, close. */

import { change, question } from "./changes";
import { idsOf } from "./choosing";
import { readBytes } from "./columns";
import { NOTE_TAG } from "./fields";
import { formatName } from "./format";
import { askHost, saveFile } from "./host";
import type { RunRow } from "./protocol";
import { strings } from "./strings";
import type { AnyView } from "./view";

const STAR = "trackside.starred";
/** From this many runs on a file takes long enough to say that it is being made. */
const MANY = 500;

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

function renameAll(view: AnyView, rows: readonly RunRow[], pattern: string): string {
  if (pattern === "") return strings.nameMissing;
  const names = new Map(rows.map(({ run_id }, index) => [run_id, pattern.replaceAll("{n}", String(index + 1))]));
  const data = (run_ids: string[]) => ({ run_ids, names: run_ids.map((run_id) => names.get(run_id) ?? "") });
  const what = strings.renameMany(rows.length);
  void change(view, { kind: "runs.rename", rows, data, what, done: strings.runsRenamed });
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
    fields: [{ kind: "markdown", name: "note", label: strings.noteLabel, initial: one?.reply.text ?? "" }],
    confirm: strings.save,
    isGrave: false,
    answer: (values) => {
      void setTag(view, rows, NOTE_TAG, values.text("note"), strings.runsNoted);
      return "";
    },
  });
}

function setTag(
  view: AnyView,
  rows: readonly RunRow[],
  key: string,
  value: string,
  done: (count: number) => string,
): Promise<string[]> {
  const data = (run_ids: string[]) => ({ run_ids, key, value });
  return change(view, { kind: "tags.set", rows, data, what: strings.tagRuns(rows.length), done });
}

/** Stars all of them, or takes the stars away where all have one, and shows it as soon as it is stored. */
export async function toggleStar(view: AnyView, rows: readonly RunRow[]): Promise<void> {
  const isStarred = !rows.every(({ is_starred }) => is_starred);
  view.state.showStarred(new Set(await (isStarred ? star(view, rows) : unstar(view, rows))), isStarred);
}

const star = (view: AnyView, rows: readonly RunRow[]) => setTag(view, rows, STAR, "true", strings.runsStarred);

function unstar(view: AnyView, rows: readonly RunRow[]): Promise<string[]> {
  const data = (run_ids: string[]) => ({ run_ids, key: STAR });
  return change(view, { kind: "tags.delete", rows, data, what: strings.action.unstar, done: strings.runsUnstarred });
}

// Files, links

export async function saveCsv(view: AnyView, rows: readonly RunRow[], download: boolean): Promise<void> {
  if (rows.length > MANY) view.state.say(strings.csvBegun(rows.length));
  const answer = await view.state.ask("runs.csv", { run_ids: idsOf(rows), download });
  if (answer === null) return;
  const { path, content } = answer.reply;
  if (content === null) view.state.say(strings.csvSaved(rows.length, formatName(path)));
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
    answer: () => {
      const data = (run_ids: string[]) => ({ run_ids });
      const what = strings.closeRuns(rows.length);
      void change(view, { kind: "runs.close", rows, data, what, done: strings.runsClosed });
      return "";
    },
  });
}
