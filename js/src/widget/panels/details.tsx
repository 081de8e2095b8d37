/** All of a run below its card in the list. */

import type { RunHead } from "../run-protocol";
import { useView } from "../view";
import { RunSections } from "./run-view/sections";

export function RunDetails({ row }: { row: RunHead }) {
  const { state } = useView();
  const run = state.list.value?.details.get(row.run_id);
  if (run === undefined) return <div class="ts-details ts-details-loading" aria-busy="true" />;
  return (
    <div class="ts-details">
      <RunSections head={row} run={run} />
    </div>
  );
}
