/** What a run in the list has beside its name: whether it is chosen, its star, its menu, its days in the trash. */

import { selectTo } from "../choosing";
import { formatTime } from "../format";
import { chosenWith, openMenu } from "../keys";
import type { RunRow } from "../protocol";
import { RETENTION_DAYS } from "../retention";
import { strings } from "../strings";
import { useView } from "../view";
import { IconButton } from "./controls";
import { Icon } from "./icons";

/** A box over the run's status, seen when the pointer is near or something is chosen. */
export function SelectBox({ row }: { row: RunRow }) {
  const view = useView();
  const { selection } = view.state;
  const click = (event: MouseEvent) => {
    if (event.shiftKey) void selectTo(view, row);
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

/** How a run stands; one whose kernel is gone does not go on, whatever its status says. */
export const statusOf = ({ status, maker }: RunRow) =>
  status === "RUNNING" && maker === "gone" ? strings.kernelGone : strings.status[status];

/** What else those hear of a run who do not see it. */
export function marksOf(row: RunRow, isChosen: boolean): string[] {
  const marks = [
    row.is_starred && strings.starred,
    row.state === "deleted" && strings.deleted,
    isChosen && strings.chosen,
  ];
  return marks.filter((mark) => mark !== false);
}

const DAY_MS = 86_400_000;

/** How long a deleted run is kept at least; nothing where the store does not say when it was deleted. */
export function DaysLeft({ row }: { row: RunRow }) {
  const { now } = useView().state;
  if (row.state !== "deleted" || row.deleted_time === null) return null;
  const days = Math.ceil(RETENTION_DAYS - (now.value - row.deleted_time) / DAY_MS);
  return (
    <span class="ts-days" data-over={days <= 0} title={formatTime(row.deleted_time)}>
      {days > 0 ? strings.daysLeft(days) : strings.overdue}
    </span>
  );
}
