/** Says above deleted runs what becomes of them; what can be done with them stands below, once some are chosen. */

import { selectAll } from "../choosing";
import { strings } from "../strings";
import { useView } from "../view";

export function TrashBar() {
  const view = useView();
  const { state } = view;
  if (state.query.value.state !== "deleted" || state.list.value?.snapshot.lines === 0) return null;
  return (
    <div class="ts-trash">
      <p>{strings.trashText}</p>
      <button type="button" class="ts-button" onClick={() => void selectAll(view)}>
        {strings.selectAll}
      </button>
    </div>
  );
}
