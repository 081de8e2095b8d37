/** One run with all that is known of it: what a tab beside the notebook shows. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { formatRunTime, formatStart, formatTime } from "../../format";
import { askHost } from "../../host";
import { openMenu } from "../../keys";
import { restoreRevision } from "../../restore";
import type { RunBrief, RunHead, RunSnapshot } from "../../run-protocol";
import type { RunState, ShownRun } from "../../run-state";
import { strings } from "../../strings";
import { useAnyView } from "../../view";
import { IconButton } from "../controls";
import { StatusIcon } from "../icons";
import { FaultBox, Loading, NoticeBar, WaitingBar } from "../notices";
import { Over } from "../over";
import { RunName } from "../run-name";
import { RunLink } from "./run-link";
import { RunSections } from "./sections";

export function RunPage({ state }: { state: RunState }) {
  const shown = state.shown.value;
  return (
    <section class="ts-panel ts-run-page" aria-label={shown?.snapshot.head?.name ?? strings.run}>
      <PageBody shown={shown} state={state} />
      <WaitingBar />
      <NoticeBar />
      <div class="ts-hidden" role="status" aria-live="polite">
        {state.announcement.value}
      </div>
      <Over />
    </section>
  );
}

function PageBody({ shown, state }: { shown: ShownRun | null; state: RunState }) {
  const fault = shown === null ? state.fault.value : shown.snapshot.store.fault;
  const head = shown?.snapshot.head ?? null;
  if (shown === null) return fault === null ? <Loading /> : <FaultBox fault={fault} />;
  return (
    <>
      {head !== null && <PageHead head={head} snapshot={shown.snapshot} />}
      <Stage snapshot={shown.snapshot} />
      {fault !== null && <FaultBox fault={fault} />}
      {head !== null && shown.run !== null && (
        <div class="ts-body">
          <div key={head.run_id} class="ts-details ts-wide">
            <RunSections head={head} run={shown.run} />
          </div>
        </div>
      )}
    </>
  );
}

/** Says that the run was deleted while people looked at it. */
function Stage({ snapshot: { stage, store } }: { snapshot: RunSnapshot }) {
  if (stage === "active" || store.fault !== null) return null;
  return (
    <p class="ts-stage" role="alert">
      {stage === "deleted" ? strings.runDeleted : strings.runGone}
    </p>
  );
}

function PageHead({ head, snapshot }: { head: RunHead; snapshot: RunSnapshot }) {
  const view = useAnyView();
  const isRenaming = useSignal(false);
  const { run_id, name } = head;
  useEffect(
    () => void askHost(view.element, { kind: "run.title", run_id, name }).catch(() => undefined),
    [run_id, name, view],
  );
  return (
    <header class="ts-header ts-page-head">
      <Step run={snapshot.previous} icon="back" label={strings.previousRun} none={strings.noPreviousRun} />
      <Step run={snapshot.next} icon="chevron" label={strings.nextRun} none={strings.noNextRun} />
      <div class="ts-header-text">
        <h3 class="ts-run-title">
          <StatusIcon status={head.status} />
          <RunName row={head} isEditing={isRenaming} tabIndex={0} />
        </h3>
        <PageMeta head={head} snapshot={snapshot} />
      </div>
      <RevisionButtons head={head} />
      <IconButton
        icon="more"
        label={strings.actionsOf(head.name)}
        hasMenu
        onClick={(event) => openMenu(view, [head], event.currentTarget as HTMLElement)}
      />
      <IconButton
        icon="refresh"
        label={strings.refresh}
        isBusy={view.state.isRefreshing.value}
        onClick={() => view.state.refresh()}
      />
    </header>
  );
}

function RevisionButtons({ head }: { head: RunHead }) {
  const view = useAnyView();
  const unavailable = head.has_revision ? "" : strings.noRevision;
  return (
    <>
      <IconButton
        icon="notebook"
        label={strings.openRevision(head.name)}
        unavailable={unavailable}
        isBusy={view.opening.value === head.run_id}
        onClick={() => void view.openRevision(head)}
      />
      <IconButton
        icon="restore"
        label={strings.restoreRevision(head.name)}
        unavailable={unavailable}
        onClick={() => void restoreRevision(view, head)}
      />
    </>
  );
}

interface StepProps {
  run: RunBrief | null;
  icon: "back" | "chevron";
  label: (name: string) => string;
  none: string;
}

function Step({ run, icon, label, none }: StepProps) {
  const view = useAnyView();
  return (
    <IconButton
      icon={icon}
      class="ts-step"
      label={label(run?.name ?? "")}
      unavailable={run === null ? none : ""}
      onClick={() => run !== null && void view.goTo(run)}
    />
  );
}

function PageMeta({ head, snapshot }: { head: RunHead; snapshot: RunSnapshot }) {
  const now = useAnyView().state.now.value;
  const isRunning = head.status === "RUNNING";
  const duration = formatRunTime(head.start_time, head.end_time, isRunning, now);
  return (
    <p class="ts-run-meta">
      <span class="ts-run-status" data-status={head.status}>
        {strings.status[head.status]}
      </span>
      {head.start_time !== null && <span title={formatTime(head.start_time)}>{formatStart(head.start_time, now)}</span>}
      {duration !== "" && <span>{duration}</span>}
      {head.user !== "" && <span>{head.user}</span>}
      <span title={snapshot.experiment.name}>{snapshot.experiment.name}</span>
      {snapshot.parent !== null && (
        <span>
          {strings.below} <RunLink run={snapshot.parent} />
        </span>
      )}
    </p>
  );
}
