/** The whole panel. */

import { useEffect, useMemo, useRef } from "preact/hooks";
import { type Grouping, isFiltered } from "../list-settings";
import type { PanelState } from "../state";
import { strings } from "../strings";
import { useView } from "../view";
import { EmptyList } from "./empty";
import { Header } from "./header";
import { useKeptFocus } from "./kept-focus";
import { AwayBar, FaultBox, Loading, NoticeBar, WaitingBar } from "./notices";
import { Over } from "./over";
import { Part } from "./part";
import { runEvents } from "./run-events";
import { RunList } from "./run-list";
import { SelectionBar } from "./selection-bar";
import { NothingFound, Toolbar } from "./toolbar";
import { TrashBar } from "./trash";

export function Sidebar() {
  const view = useView();
  const { state } = view;
  const events = useMemo(() => runEvents(view), [view]);
  const panel = useRef<HTMLElement>(null);
  useKeptFocus(panel, state);
  usePartsSoon(state);
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
      <TrashBar />
      <div class="ts-body">
        <Body />
      </div>
      <WaitingBar />
      <SelectionBar />
      <LostDraft />
      <NoticeBar />
      <div class="ts-hidden" role="status" aria-live="polite">
        {state.announcement.value}
      </div>
      <Over />
    </section>
  );
}

function LostDraft() {
  const draft = useView().state.drafts.lost.value;
  return draft && <Part name="run">{(part) => <part.LostDraft draft={draft} />}</Part>;
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
        {grouping ? <Groups grouping={grouping} /> : <RunList list={list} />}
      </>
    );
  }
  return isFiltered(state.settings.value) ? <NothingFound /> : <EmptyList />;
}

const Groups = ({ grouping }: { grouping: Grouping }) => (
  <Part name="drawers" waiting={<Loading />}>
    {({ GroupList }) => <GroupList grouping={grouping} />}
  </Part>
);

/** So long the list has the page and the kernel for itself. */
const PARTS_AFTER_MS = 500;

/** Has the parts fetched once the list is there and the page has nothing else to do. */
function usePartsSoon(state: PanelState): void {
  const isListed = state.list.value !== null;
  useEffect(() => {
    if (!isListed) return undefined;
    const fetch = async () => {
      await state.parts.loadSoon(atRest);
      await state.reproductions.find().catch(() => undefined);
    };
    const timer = setTimeout(() => void fetch(), PARTS_AFTER_MS);
    return () => clearTimeout(timer);
  }, [state, isListed]);
}

/** A page that scrolls or moves in another way leaves less than a frame at once. */
const REST_MS = 25;
const LONGEST_WAIT_MS = 10_000;

/** Waits until the page draws nothing for a moment, not for ever. Safari does not tell when it is idle. */
function atRest(): Promise<void> {
  if (!("requestIdleCallback" in window)) return Promise.resolve();
  const until = performance.now() + LONGEST_WAIT_MS;
  return new Promise((resolve) => {
    const look = (idle: IdleDeadline): void => {
      if (idle.timeRemaining() >= REST_MS || performance.now() > until) resolve();
      else window.requestIdleCallback(look);
    };
    window.requestIdleCallback(look);
  });
}
