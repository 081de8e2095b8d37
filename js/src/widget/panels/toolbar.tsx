/** Between the header and the list: the filter, and what else can be set. */

import { useId, useRef } from "preact/hooks";
import { filterOf } from "../list-settings";
import { strings } from "../strings";
import { useView } from "../view";
import { ChoiceChips } from "./choice-chips";
import { escapeTo } from "./controls";
import { FilterBox } from "./filter-box";
import { Icon, type IconName } from "./icons";
import { Part } from "./part";

export function Toolbar() {
  const { state } = useView();
  const { drawer } = state;
  const body = useId();
  const { status, created, models, state: shown, group } = state.settings.value;
  const toolbar = useRef<HTMLDivElement>(null);
  const leave = escapeTo(
    () => toolbar.current?.querySelector<HTMLElement>('.ts-drawer-button[aria-expanded="true"]'),
    () => {
      drawer.value = "";
    },
  );
  const isChosen = `${status}${created}${models}` !== "" || shown !== "active";
  return (
    <div ref={toolbar} class="ts-toolbar">
      <div class="ts-toolbar-line">
        <FilterBox />
        <DrawerButton name="choice" icon="funnel" label={strings.moreFilters} body={body} isMarked={isChosen} />
        <DrawerButton name="view" icon="sliders" label={strings.viewOptions} body={body} isMarked={group !== null} />
      </div>
      <ChoiceChips />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a key that belongs to all that is inside */}
      <div id={body} class="ts-drawer" hidden={drawer.value !== "choice" && drawer.value !== "view"} onKeyDown={leave}>
        {drawer.value === "choice" && <Part name="drawers">{({ ChoiceDrawer }) => <ChoiceDrawer />}</Part>}
        {drawer.value === "view" && <Part name="drawers">{({ ViewDrawer }) => <ViewDrawer />}</Part>}
      </div>
    </div>
  );
}

interface DrawerButtonProps {
  name: "choice" | "view";
  icon: IconName;
  label: string;
  /** Id of what it opens. */
  body: string;
  /** Whether something in it is not as usual. */
  isMarked: boolean;
}

function DrawerButton({ name, icon, label, body, isMarked }: DrawerButtonProps) {
  const { drawer } = useView().state;
  const isOpen = drawer.value === name;
  const toggle = () => {
    drawer.value = isOpen ? "" : name;
  };
  return (
    <button
      type="button"
      class="ts-icon-button ts-drawer-button"
      aria-label={label}
      aria-expanded={isOpen}
      aria-controls={body}
      data-marked={isMarked}
      title={label}
      onClick={toggle}
    >
      <Icon name={icon} />
    </button>
  );
}

/** Instead of the list, where the filter finds nothing. */
export function NothingFound() {
  const { state } = useView();
  const { settings } = state;
  const isTrash = settings.value.state === "deleted" && filterOf(settings.value) === "";
  return (
    <div class="ts-empty">
      <p>{isTrash ? strings.noDeletedRuns : strings.nothingFound}</p>
      <button type="button" class="ts-button" onClick={() => state.clearFilter()}>
        {strings.showAllRuns}
      </button>
    </div>
  );
}
