/** What the panel says before the first run. */

import { EXAMPLE, strings } from "../strings";
import { useView } from "../view";
import { Part } from "./part";

export function EmptyList() {
  const view = useView();
  return (
    <div class="ts-empty">
      <p>{strings.emptyText}</p>
      <pre class="ts-code">{EXAMPLE}</pre>
      <div class="ts-buttons">
        <button type="button" class="ts-button ts-primary" onClick={() => void view.insertCell(EXAMPLE)}>
          {strings.insertCell}
        </button>
        <button type="button" class="ts-button" onClick={() => void view.copy(EXAMPLE)}>
          {strings.copyCode}
        </button>
      </div>
      <Part name="drawers">{({ OtherExperiments }) => <OtherExperiments />}</Part>
    </div>
  );
}
