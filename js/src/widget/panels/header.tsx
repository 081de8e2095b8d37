/** Which experiment this is, of which store. */

import { formatStore } from "../format";
import { strings } from "../strings";
import { useView } from "../view";
import { IconButton } from "./controls";

export function Header() {
  const { state } = useView();
  const snapshot = state.list.value?.snapshot;
  const name = snapshot?.experiment.name || strings.title;
  return (
    <header class="ts-header">
      <div class="ts-header-text">
        <h3 class="ts-experiment" title={name}>
          {name}
        </h3>
        {snapshot && (
          <p class="ts-store">
            {snapshot.store.fault === null && <span class="ts-total">{strings.runCount(snapshot.total)}</span>}
            <span class="ts-store-name" title={snapshot.store.uri}>
              {formatStore(snapshot.store.uri)}
            </span>
          </p>
        )}
      </div>
      <IconButton
        icon="refresh"
        label={strings.refresh}
        isBusy={state.isRefreshing.value}
        onClick={() => state.refresh()}
      />
    </header>
  );
}
