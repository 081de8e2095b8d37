/** The whole panel. */

import { strings } from "../strings";
import { useView } from "../view";
import { EmptyList } from "./empty";
import { Header } from "./header";
import { FaultBox, Loading, NoticeBar, WaitingBar } from "./notices";
import { RevisionSheet } from "./revision";
import { RunList } from "./run-list";

export function Sidebar() {
  const { state, revision } = useView();
  return (
    <section class="ts-panel" aria-label={strings.title}>
      <Header />
      <WaitingBar />
      <div class="ts-body">
        <Body />
      </div>
      <NoticeBar />
      <div class="ts-hidden" role="status" aria-live="polite">
        {state.announcement.value}
      </div>
      {revision.value !== null && <RevisionSheet revision={revision.value} />}
    </section>
  );
}

function Body() {
  const { state } = useView();
  const list = state.list.value;
  const fault = list === null ? state.fault.value : list.snapshot.store.fault;
  if (fault !== null) return <FaultBox fault={fault} />;
  if (list === null) return <Loading />;
  return list.snapshot.lines === 0 ? <EmptyList /> : <RunList list={list} />;
}
