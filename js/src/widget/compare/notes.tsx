/** What people must know of what they look at: that some of it is not here, or not there any more. */

import { strings } from "../strings";
import { type CompareState, isReduced } from "./state";

export function Notes({ state }: { state: CompareState }) {
  const compared = state.compared.value;
  const gone = state.frame.runs.ids.filter((id) => state.gone.value.has(id)).length;
  if (compared === null || (gone === 0 && !isReduced(compared))) return null;
  const { total, leftOut, frame } = compared;
  const kept = frame.runs.ids.length;
  return (
    <div class="ts-compare-notes" role="note">
      {kept < total && <p>{strings.keptOf(kept, total)}</p>}
      {leftOut.length > 0 && <p>{strings.columnsLeftOut(leftOut.join(", "))}</p>}
      {gone > 0 && <p>{strings.goneRuns(gone)}</p>}
    </div>
  );
}
