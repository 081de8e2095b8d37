/** What a run in the list has beside its name: whether it is chosen, its star, its menu. */

import { chosenWith, openMenu } from "../keys";
import type { RunRow } from "../protocol";
import { strings } from "../strings";
import { useView } from "../view";
import { IconButton } from "./controls";
import { Icon } from "./icons";

/** A box over the run's status, seen when the pointer is near or something is chosen. */
export function SelectBox({ row }: { row: RunRow }) {
  const { selection } = useView().state;
  const click = (event: MouseEvent) => {
    if (event.shiftKey) selection.extendTo(row);
    else selection.toggle(row);
  };
  return (
    <input
      type="checkbox"
      class="ts-select"
      aria-label={strings.select(row.name)}
      title={strings.select(row.name)}
      checked={selection.has(row.run_id)}
      tabIndex={-1}
      onClick={click}
    />
  );
}

/** Seen where there is one; it is taken away and set in the menu or with a key. */
export function Star({ row }: { row: RunRow }) {
  if (!row.is_starred) return null;
  return (
    <span class="ts-star" role="img" aria-label={strings.starred} title={strings.starred}>
      <Icon name="star" />
    </span>
  );
}

export function MenuButton({ row, tabIndex }: { row: RunRow; tabIndex: number }) {
  const view = useView();
  return (
    <IconButton
      icon="more"
      label={strings.actionsOf(row.name)}
      hasMenu
      tabIndex={tabIndex}
      onClick={(event) => openMenu(view, chosenWith(view, row), event.currentTarget as HTMLElement)}
    />
  );
}
