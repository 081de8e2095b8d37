/** Puts the notebook of a run back into the notebook that is open. */

import { askHost } from "./host";
import type { RunBrief } from "./run-protocol";
import { strings } from "./strings";
import type { AnyView, RevisionReply } from "./view";

export async function restoreRevision(view: AnyView, { run_id }: RunBrief): Promise<void> {
  try {
    const { reply } = await view.state.request("revision.read", { run_id });
    await putBack(view, { ...reply, run_id });
  } catch (error) {
    view.state.showFault(error);
  }
}

/** The same with a revision that is on the page already; true if the page can do it. */
export async function restoreShown(view: AnyView, revision: RevisionReply): Promise<boolean> {
  try {
    return await putBack(view, revision);
  } catch (error) {
    view.state.showFault(error);
    return false;
  }
}

async function putBack(view: AnyView, { run_id = "", ...reply }: RevisionReply): Promise<boolean> {
  const isDone = await askHost(view.element, { kind: "revision.restore", run_id, ...reply });
  if (!isDone) view.state.say(strings.restoreElsewhere);
  return isDone;
}
