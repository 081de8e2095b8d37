/** Leads from a run to what is different between it and another run, or the notebook now. */

import { useSignal } from "@preact/signals";
import type { RunBrief, RunHead } from "../../run-protocol";
import { inOrder } from "../../show-difference";
import { strings } from "../../strings";
import { useAnyView } from "../../view";

interface CompareWithProps {
  head: RunHead;
  previous: RunBrief | null;
  /** The run that this one reproduces. */
  original: RunBrief | null;
}

export function CompareWith({ head, previous, original }: CompareWithProps) {
  const view = useAnyView();
  return (
    <p class="ts-compare-with">
      {strings.compareWith}
      {head.has_revision && (
        <button type="button" class="ts-link" onClick={() => void view.openDifference(head, null)}>
          {strings.compareNotebookNow}
        </button>
      )}
      {original !== null && (
        <button type="button" class="ts-link" onClick={() => void view.openDifference(original, head)}>
          {strings.compareOriginal}
        </button>
      )}
      {previous !== null && previous.run_id !== original?.run_id && (
        <button type="button" class="ts-link" onClick={() => void view.openDifference(previous, head)}>
          {strings.comparePrevious}
        </button>
      )}
      <OtherRun head={head} />
    </p>
  );
}

/** A list of runs that is asked for when people want it. */
function OtherRun({ head }: { head: RunHead }) {
  const view = useAnyView();
  const runs = useSignal<readonly RunBrief[] | null>(null);
  const ask = async () => {
    const answer = await view.state.ask("diff.choices", { run_id: head.run_id });
    if (answer !== null) runs.value = answer.reply.runs;
  };
  const choose = (event: Event) => {
    const chosen = runs.value?.find(({ run_id }) => run_id === (event.currentTarget as HTMLSelectElement).value);
    if (chosen !== undefined) void view.openDifference(...inOrder(head, chosen));
  };
  if (runs.value === null)
    return (
      <button type="button" class="ts-link" onClick={() => void ask()}>
        {strings.compareOther}
      </button>
    );
  if (runs.value.length === 0) return <span>{strings.noOtherRuns}</span>;
  return (
    <select aria-label={strings.compareOther} value="" onChange={choose} ref={(field) => field?.focus()}>
      <option value="">{strings.compareOther}</option>
      {runs.value.map(({ run_id, name }) => (
        <option key={run_id} value={run_id}>
          {name}
        </option>
      ))}
    </select>
  );
}
