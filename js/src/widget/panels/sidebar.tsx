/** The whole panel. */

import { useMemo, useRef } from "preact/hooks";
import { isFiltered } from "../list-settings";
import { strings } from "../strings";
import { useView } from "../view";
import { DialogLayer } from "./dialog";
import { EmptyList } from "./empty";
import { GroupList } from "./group-list";
import { Header } from "./header";
import { useKeptFocus } from "./kept-focus";
import { KeysHelp } from "./keys-help";
import { MenuLayer } from "./menu";
import { AwayBar, FaultBox, Loading, NoticeBar, WaitingBar } from "./notices";
import { RevisionSheet } from "./revision";
import { runEvents } from "./run-events";
import { RunList } from "./run-list";
import { SelectionBar } from "./selection-bar";
import { NothingFound, Toolbar } from "./toolbar";
import { TrashBar } from "./trash";

export function Sidebar() {
  const view = useView();
  const { state, revision } = view;
  const events = useMemo(() => runEvents(view), [view]);
  const panel = useRef<HTMLElement>(null);
  useKeptFocus(panel, state);
  return (
    <section
      ref={panel}
      class="ts-panel"
      tabIndex={-1}
      aria-label={strings.title}
      data-choosing={state.selection.size > 0}
      {...events}
    >
      <Header />
      <Toolbar />
      <WaitingBar />
      <TrashBar />
      <div class="ts-body">
        <Body />
      </div>
      <SelectionBar />
      <NoticeBar />
      <div class="ts-hidden" role="status" aria-live="polite">
        {state.announcement.value}
      </div>
      <MenuLayer />
      <DialogLayer />
      <KeysHelp />
      {revision.value !== null && <RevisionSheet revision={revision.value} />}
    </section>
  );
}

function Body() {
  const { state } = useView();
  const list = state.list.value;
  const fault = list === null ? state.fault.value : list.snapshot.store.fault;
  if (fault !== null && !list?.runs.length) return <FaultBox fault={fault} />;
  if (list === null) return <Loading />;
  const grouping = state.settings.value.group;
  if (list.snapshot.lines > 0) {
    return (
      <>
        {fault && <AwayBar fault={fault} />}
        {grouping ? <GroupList grouping={grouping} /> : <RunList list={list} />}
      </>
    );
  }
  return isFiltered(state.settings.value) ? <NothingFound /> : <EmptyList />;
}
