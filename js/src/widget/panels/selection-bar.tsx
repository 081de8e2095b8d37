/** What can be done with the chosen runs, and how many they are. */

import { type Action, actionsOn, nameOfAction } from "../action-list";
import { openMenu } from "../keys";
import { strings } from "../strings";
import { useView } from "../view";
import { IconButton } from "./controls";

/** What the bar itself has; the menu beside it has everything. */
const QUICK = ["compare", "star", "tag", "csv", "restore", "purge", "delete"];
/** The same of two runs, which have differences: there is room for so many. */
const QUICK_OF_TWO = QUICK.map((id) => (id === "csv" ? "difference" : id));

export function SelectionBar() {
  const view = useView();
  const { selection } = view.state;
  if (selection.size === 0) return null;
  const rows = selection.rows;
  const ids = rows.length === 2 ? QUICK_OF_TWO : QUICK;
  const quick = actionsOn(view, rows).filter(({ id }) => ids.includes(id));
  const more = (event: MouseEvent) => openMenu(view, selection.rows, event.currentTarget as HTMLElement);
  return (
    <div class="ts-selection" role="toolbar" aria-label={strings.selection}>
      <IconButton icon="close" label={strings.clearSelection} onClick={() => selection.clear()} />
      <span class="ts-selection-count" role="status">
        {strings.selectedRuns(selection.size)}
      </span>
      {quick.map((action) => (
        <Quick key={action.id} action={action} />
      ))}
      <IconButton icon="more" label={strings.actionsOfMany(selection.size)} hasMenu onClick={more} />
    </div>
  );
}

function Quick({ action }: { action: Action }) {
  const view = useView();
  const { icon, label, unavailable, run } = action;
  return (
    <IconButton
      icon={icon}
      class={`ts-quick-${action.id}`}
      label={nameOfAction(label)}
      unavailable={unavailable}
      onClick={() => run(view)}
    />
  );
}
