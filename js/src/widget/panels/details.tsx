/** All of a run below its card in the list. */

import type { RunHead } from "../run-protocol";
import { useView } from "../view";
import { Coming } from "./controls";
import { Part } from "./part";

export function RunDetails({ row }: { row: RunHead }) {
  const { state } = useView();
  const run = state.list.value?.details.get(row.run_id);
  if (run === undefined) return <DetailsComing />;
  return (
    <Part name="run" waiting={<DetailsComing />}>
      {({ RunSections }) => (
        <div class="ts-details">
          <RunSections head={row} run={run} />
        </div>
      )}
    </Part>
  );
}

/** As high as a run usually begins, so that little moves when it comes. */
const DetailsComing = () => (
  <div class="ts-details-loading" aria-busy="true">
    <Coming />
  </div>
);
