/** A difference over the panel, where the page around the widget has no tabs. */

import type { Sides } from "../../diff-state";
import { strings } from "../../strings";
import { useAnyView } from "../../view";
import { IconButton } from "../controls";
import { DiffBody } from "./page";

export function DiffSheet({ sides }: { sides: Sides }) {
  const view = useAnyView();
  const close = () => {
    view.difference.value = null;
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Escape") close();
  };
  return (
    <div class="ts-sheet" role="dialog" aria-label={strings.difference} onKeyDown={press}>
      <header class="ts-sheet-bar">
        <IconButton icon="back" label={strings.back} onClick={close} />
        <h3 class="ts-experiment">{strings.difference}</h3>
      </header>
      <DiffBody sides={sides} />
    </div>
  );
}
