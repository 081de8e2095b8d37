/** The name of a run, which leads to it. */

import type { RunBrief } from "../../run-protocol";
import { useAnyView } from "../../view";
import { StatusIcon } from "../icons";

export function RunLink({ run }: { run: RunBrief }) {
  const view = useAnyView();
  return (
    <button type="button" class="ts-run-link" title={run.name} onClick={() => void view.goTo(run)}>
      <StatusIcon status={run.status} />
      <bdi>{run.name}</bdi>
    </button>
  );
}
