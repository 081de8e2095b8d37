/** Which experiments these are, of which store, and how the store is. */

import type { RefObject } from "preact";
import { useId, useRef } from "preact/hooks";
import { formatStore } from "../format";
import type { RunsSnapshot } from "../protocol";
import { strings } from "../strings";
import { useView } from "../view";
import { escapeTo, IconButton } from "./controls";
import { Icon } from "./icons";
import { Part } from "./part";

export function Header() {
  const view = useView();
  const { state } = view;
  const { drawer } = state;
  const body = useId();
  const isOpen = drawer.value === "experiments";
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    drawer.value = "";
  };
  const toggle = () => {
    drawer.value = isOpen ? "" : "experiments";
  };
  return (
    <>
      <header class="ts-header">
        <Title isOpen={isOpen} body={body} button={button} onClick={toggle} />
        <IconButton icon="keys" label={strings.showKeys} onClick={() => (view.isHelpOpen.value = true)} />
        <IconButton
          icon="refresh"
          label={strings.refresh}
          isBusy={state.isRefreshing.value}
          onClick={() => state.refresh()}
        />
      </header>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a key that belongs to all that is inside */}
      <div
        id={body}
        class="ts-drawer ts-header-drawer"
        hidden={!isOpen}
        onKeyDown={escapeTo(() => button.current, close)}
      >
        {isOpen && <Part name="drawers">{({ ExperimentsDrawer }) => <ExperimentsDrawer />}</Part>}
      </div>
    </>
  );
}

interface TitleProps {
  isOpen: boolean;
  /** The id of what its button opens. */
  body: string;
  button: RefObject<HTMLButtonElement | null>;
  onClick: () => void;
}

function Title({ isOpen, body, button, onClick }: TitleProps) {
  const snapshot = useView().state.list.value?.snapshot;
  const name = nameOf(snapshot);
  return (
    <div class="ts-header-text">
      <h3 class="ts-experiment" title={name}>
        <button
          ref={button}
          type="button"
          aria-expanded={isOpen}
          aria-controls={body}
          aria-description={strings.chooseExperiments}
          onClick={onClick}
        >
          <span>{name}</span>
          <Icon name="chevron" />
        </button>
      </h3>
      {snapshot && <StoreLine snapshot={snapshot} />}
    </div>
  );
}

function nameOf(snapshot: RunsSnapshot | undefined): string {
  const shown = snapshot?.experiments ?? [];
  if (shown.length > 1) return strings.experimentCount(shown.length);
  return shown[0]?.name || snapshot?.experiment.name || strings.title;
}

function StoreLine({ snapshot: { store, total } }: { snapshot: RunsSnapshot }) {
  return (
    <p class="ts-store">
      {store.fault === null && <span class="ts-total">{strings.runCount(total)}</span>}
      <span class="ts-store-name" title={store.uri}>
        {formatStore(store.uri)}
      </span>
      {store.waiting > 0 && (
        <span class="ts-store-waiting" title={strings.waitingHint}>
          {strings.waitingRecords(store.waiting)}
        </span>
      )}
    </p>
  );
}
