/** What leaves runs out besides the filter that was typed, in sight while its drawer is closed, and taken back by a click. */

import { useRef } from "preact/hooks";
import { labelOf } from "../fields";
import { type ListSettings, USUAL } from "../list-settings";
import { strings } from "../strings";
import { useView } from "../view";
import { Icon } from "./icons";

interface ChosenValue {
  text: string;
  without: Partial<ListSettings>;
}

export function ChoiceChips() {
  const { state } = useView();
  const list = useRef<HTMLUListElement>(null);
  const chosen = chosenOf(state.settings.value);
  if (chosen.length === 0) return null;
  const drop = (without: Partial<ListSettings>) => {
    const toolbar = list.current?.closest(".ts-toolbar");
    toolbar?.querySelector<HTMLElement>(".ts-drawer-button")?.focus();
    state.configure(without);
  };
  return (
    <ul ref={list} class="ts-choice-chips" aria-label={strings.chosenFilters}>
      {chosen.map(({ text, without }) => (
        <li key={text}>
          <button
            type="button"
            class="ts-choice-chip"
            aria-label={strings.dropFilter(text)}
            title={strings.dropFilter(text)}
            onClick={() => drop(without)}
          >
            <bdi>{text}</bdi>
            <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** All that is not as usual, each with what makes it so again. */
function chosenOf({ state, status, created, models, group }: ListSettings): ChosenValue[] {
  const chosen: ChosenValue[] = [];
  if (state !== USUAL.state) chosen.push({ text: strings.stateChip[state], without: { state: USUAL.state } });
  if (status !== "") chosen.push({ text: strings.status[status], without: { status: "" } });
  if (created !== "") chosen.push({ text: strings.lastTime[created], without: { created: "" } });
  if (models !== "") chosen.push({ text: strings.modelChip[models], without: { models: "" } });
  if (group !== null) chosen.push({ text: groupText(group), without: { group: null } });
  return chosen;
}

function groupText({ fields, allBut }: NonNullable<ListSettings["group"]>): string {
  const names = fields.map(labelOf).join(", ");
  return strings.groupChip(allBut ? strings.allBut(names) : names);
}
