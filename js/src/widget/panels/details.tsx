/** All of a run below its card in the list. */

import type { RunHead } from "../run-protocol";
import { useView } from "../view";
import { Part } from "./part";

export function RunDetails({ row }: { row: RunHead }) {
  const { state } = useView();
  const run = state.list.value?.details.get(row.run_id);
  if (run === undefined) return <Coming />;
  return (
    <Part name="run" waiting={<Coming />}>
      {({ RunSections }) => (
        <div class="ts-details">
          <RunSections head={row} run={run} />
        </div>
      )}
    </Part>
  );
}

const Coming = () => <div class="ts-details-loading" aria-busy="true" />;
