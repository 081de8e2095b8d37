/** Which params, metrics and tags the charts show. */

import { useState } from "preact/hooks";
import type { Column } from "../charts/frame";
import { toggled } from "../folding";
import { strings } from "../strings";
import { choosable, chosenColumns } from "./chosen";
import { Popover } from "./popover";
import type { CompareState } from "./state";

/** So many names are listed at once; a search finds the others. */
const MOST_LISTED = 200;

export function ColumnChoice({ state }: { state: CompareState }) {
  return (
    <Popover icon="sliders" label={strings.chooseColumns}>
      {() => <Choice state={state} />}
    </Popover>
  );
}

function Choice({ state }: { state: CompareState }) {
  const [search, setSearch] = useState("");
  const all = choosable(state.frame);
  const chosen = new Set(chosenColumns(state.frame, state.view.value, state.columns.value).map(({ id }) => id));
  const found = all.filter(({ key }) => key.toLocaleLowerCase().includes(search.trim().toLocaleLowerCase()));
  const choose = (ids: ReadonlySet<string> | null) => {
    state.columns.value = ids;
  };
  return (
    <div class="ts-choice">
      <input
        type="search"
        class="ts-input"
        placeholder={strings.searchColumns}
        aria-label={strings.searchColumns}
        value={search}
        onInput={(event) => setSearch(event.currentTarget.value)}
      />
      <ul class="ts-choice-list">
        {found.slice(0, MOST_LISTED).map((column) => (
          <Entry key={column.id} column={column} chosen={chosen} choose={choose} />
        ))}
      </ul>
      <p class="ts-choice-foot">
        <span>{strings.chosenOf(chosen.size, all.length)}</span>
        <button type="button" class="ts-link" onClick={() => choose(null)}>
          {strings.chooseUsual}
        </button>
        <button type="button" class="ts-link" onClick={() => choose(new Set(all.map(({ id }) => id)))}>
          {strings.chooseAll}
        </button>
        <button type="button" class="ts-link" onClick={() => choose(new Set())}>
          {strings.chooseNone}
        </button>
      </p>
    </div>
  );
}

interface EntryProps {
  column: Column;
  chosen: ReadonlySet<string>;
  choose: (ids: ReadonlySet<string>) => void;
}

function Entry({ column: { id, key, kind }, chosen, choose }: EntryProps) {
  return (
    <li>
      <label class="ts-check" title={id}>
        <input type="checkbox" checked={chosen.has(id)} onChange={() => choose(toggled(chosen, id))} />
        <bdi>{key}</bdi>
        <small data-kind={kind}>{kind}</small>
      </label>
    </li>
  );
}
