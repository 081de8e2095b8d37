/** Puts the notebook of a run back into the notebook that is open. */

import { askHost } from "./host";
import type { RunBrief } from "./run-protocol";
import { strings } from "./strings";
import type { View } from "./view";
import type { WidgetState } from "./widget-state";

export async function restoreRevision(view: View<WidgetState>, { run_id }: RunBrief): Promise<void> {
  try {
    const { reply } = await view.state.request("revision.read", { run_id });
    if (!(await askHost(view.element, { kind: "revision.restore", run_id, ...reply })))
      view.state.say(strings.restoreElsewhere);
  } catch (error) {
    view.state.showFault(error);
  }
}
