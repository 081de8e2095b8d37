/** Pictures of the chart that is shown, and the data. */

import { saveFile } from "../host";
import { strings } from "../strings";
import { savePng, saveSvg, toCsv } from "./files";
import { Popover } from "./popover";
import type { CompareState } from "./state";

export function SaveMenu({ state }: { state: CompareState }) {
  return (
    <Popover icon="download" label={strings.saveAs} isMenu>
      {() => <Entries state={state} />}
    </Popover>
  );
}

function Entries({ state }: { state: CompareState }) {
  const picture = state.picture.value;
  const name = `${state.tab.value}-${state.frame.runs.ids.length}`;
  const png = () => {
    if (picture !== null) savePng(name, picture()).catch(() => state.say(strings.pictureFailed));
  };
  return (
    <ul class="ts-save">
      {picture !== null && <Entry label={strings.saveSvg} save={() => saveSvg(name, picture())} />}
      {picture !== null && <Entry label={strings.savePng} save={png} />}
      <Entry label={strings.saveData} save={() => saveData(state)} />
    </ul>
  );
}

function Entry({ label, save }: { label: string; save: () => void }) {
  return (
    <li>
      <button type="button" class="ts-menu-item" onClick={save}>
        {label}
      </button>
    </li>
  );
}

/** The selected runs, or all that are shown. */
function saveData(state: CompareState): void {
  const compared = state.compared.value;
  if (compared === null) return;
  const mask = state.selected.value ?? state.shown.value;
  const runs = [...compared.frame.runs.ids.keys()].filter((run) => mask === null || mask[run] === 1);
  saveFile("runs.csv", toCsv(compared, runs));
}
