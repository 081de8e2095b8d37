/** Has runs changed in the kernel, many in parts, and tells what came of it run by run. */

import { type Batches, inBatches } from "./batches";
import { idsOf } from "./choosing";
import { formatSentence } from "./format";
import type { Requests, RunRow, RunsOutcome } from "./protocol";
import type { Question } from "./questions";
import { translated } from "./sentences";
import { strings } from "./strings";
import { begin } from "./unfinished";
import type { AnyView } from "./view";
import { faultOf, type Notice, type WidgetState } from "./widget-state";

/** How many runs are named where not all can be. */
const NAMED = 5;
/** What is done by then needs no word that it goes on. */
const QUIET_MS = 1500;
const PLAIN = { hint: "", isFault: false, action: null };

/** The requests that change several runs. */
export type Change = {
  [K in keyof Requests]: Requests[K]["reply"] extends RunsOutcome ? K : never;
}[keyof Requests];

export interface Order<K extends Change> {
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
export async function change<K extends Change>(view: AnyView, order: Order<K>): Promise<string[]> {
  const answered = begin(view.state.place, order.what);
  const came = await inParts(view.state, order);
  answered();
  const done = came.outcomes.flatMap((outcome) => outcome.done);
  const { undo } = order;
  const action = undo && done.length > 0 ? { label: strings.undo, run: () => undo(done) } : null;
  const told = done.length > 0 ? order.done(done.length, came.outcomes) : "";
  if (came.fault === null && refusedBy(came).length === 0) view.state.show({ ...PLAIN, text: told, action });
  else view.state.show({ ...failure(order.rows, came, told), action });
  return done;
}

type Answered<K extends Change> = Batches<Requests[K]["reply"] & RunsOutcome>;

/** Says how far it is where that takes long. */
async function inParts<K extends Change>(state: WidgetState, order: Order<K>): Promise<Answered<K>> {
  const ids = idsOf(order.rows);
  const ask = async (part: string[]) =>
    (await state.request(order.kind, order.data(part))).reply as Requests[K]["reply"] & RunsOutcome;
  const progress = (count: number) =>
    state.show({ ...PLAIN, text: strings.progress(order.what, count, ids.length), isGoingOn: true });
  const first = setTimeout(() => progress(0), QUIET_MS);
  const came = await inBatches(ids, ask, (count) => {
    clearTimeout(first);
    progress(count);
  });
  clearTimeout(first);
  return came;
}

const refusedBy = ({ outcomes }: Batches<RunsOutcome>) => outcomes.flatMap(({ refused }) => refused);

/** What was not done, and why not. */
function failure(rows: readonly RunRow[], came: Batches<RunsOutcome>, told: string): Omit<Notice, "action"> {
  const refused = refusedBy(came);
  const lines = refused.map(({ run_id, fault }) => strings.refusal(nameOf(run_id, rows), translated(fault.message)));
  const fault = came.fault === null ? refused[0]?.fault : faultOf(came.fault.error);
  if (came.fault !== null) lines.push(formatSentence(fault?.message ?? ""));
  const text = [told, strings.notDone(refused.length + came.unanswered.length)].filter(Boolean).join(" ");
  return { text, hint: formatSentence(fault?.hint ?? ""), isFault: true, lines: shortened(lines) };
}

const nameOf = (runId: string, rows: readonly RunRow[]) =>
  rows.find(({ run_id }) => run_id === runId)?.name ?? runId.slice(0, 8);

const shortened = (lines: readonly string[]) =>
  lines.length > NAMED ? [...lines.slice(0, NAMED), strings.andMore(lines.length - NAMED)] : [...lines];

const namesOf = (rows: readonly RunRow[]) => shortened(rows.map(({ name }) => name));

/** A question without fields about runs. */
export const question = (rows: readonly RunRow[], parts: Omit<Question, "about">): Question => ({
  ...parts,
  about: namesOf(rows),
});
