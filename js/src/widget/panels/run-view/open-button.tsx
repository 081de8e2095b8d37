/** Opens a run in a tab beside the notebook. */

import type { RunBrief } from "../../run-protocol";
import { strings } from "../../strings";
import { useAnyView } from "../../view";
import { IconButton } from "../controls";

export function OpenRunButton({ row, tabIndex }: { row: RunBrief; tabIndex: number }) {
  const view = useAnyView();
  return (
    <IconButton
      icon="open"
      class="ts-open-run"
      label={strings.openRun(row.name)}
      tabIndex={tabIndex}
      onClick={() => void view.openRun(row)}
    />
  );
}
