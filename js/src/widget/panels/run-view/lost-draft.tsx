/** What was being written on a run that was deleted meanwhile: it comes back with the run, and can be taken elsewhere. */

import { restoreRuns } from "../../action-list";
import type { Draft } from "../../drafts";
import { strings } from "../../strings";
import { useAnyView } from "../../view";

export function LostDraft({ draft: { run, text } }: { draft: Draft }) {
  const view = useAnyView();
  return (
    <div class="ts-lost-draft" role="alert">
      <p class="ts-text">{strings.draftLost(run.name)}</p>
      <pre class="ts-code" dir="auto">
        {text}
      </pre>
      <div class="ts-buttons">
        <button type="button" class="ts-button ts-primary" onClick={() => restoreRuns(view, [run])}>
          {strings.restoreRun}
        </button>
        <button type="button" class="ts-button" onClick={() => void view.copy(text)}>
          {strings.copyDraft}
        </button>
        <button type="button" class="ts-button" onClick={() => view.state.drafts.drop(run.run_id)}>
          {strings.discardDraft}
        </button>
      </div>
    </div>
  );
}
