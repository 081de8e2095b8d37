/** A run in the list: what it is, how it went, its main numbers; and all of it when it is unfolded. */

import { computed, type Signal, useSignal } from "@preact/signals";
import { useId, useMemo } from "preact/hooks";
import { formatDate, formatRunTime, formatStart, formatTime } from "../format";
import type { RunRow } from "../protocol";
import type { ListedRun } from "../runs";
import { strings } from "../strings";
import { useView } from "../view";
import { Chips } from "./chips";
import { IconButton } from "./controls";
import { RunDetails } from "./details";
import { Icon, StatusIcon } from "./icons";
import { RunName } from "./run-name";

interface RunCardProps {
  run: ListedRun;
  isChild: boolean;
  childCount: number;
  /** Whether this run is the one in the tab order. */
  isActive: boolean;
  /** Id of the run that was last focused. */
  active: Signal<string>;
}

/** It is drawn again only when one of its props is another one, or a signal that it read. */
export function RunCard(props: RunCardProps) {
  const { state } = useView();
  const { row } = props.run;
  const body = useId();
  const isOpen = state.open.value.has(row.run_id);
  return (
    <li class="ts-run" data-status={row.status} data-child={props.isChild} data-open={isOpen}>
      <RunHead {...props} body={body} isOpen={isOpen} />
      <div id={body} class="ts-run-body" hidden={!isOpen}>
        {isOpen && <RunDetails row={row} />}
      </div>
    </li>
  );
}

interface RunHeadProps extends RunCardProps {
  /** Id of what the head unfolds. */
  body: string;
  isOpen: boolean;
}

function RunHead({ run, childCount, isActive, active, body, isOpen }: RunHeadProps) {
  const { state } = useView();
  const { row } = run;
  const isRenaming = useSignal(false);
  const tabIndex = isActive ? 0 : -1;
  const activate = () => {
    active.value = row.run_id;
  };
  const click = (event: MouseEvent) => {
    if (!(event.target as Element).closest("button, input")) state.toggleRun(row.run_id);
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a larger target for the button inside
    // biome-ignore lint/a11y/noStaticElementInteractions: a larger target for the button inside
    <div class="ts-run-head" onClick={click} onFocusIn={activate}>
      <RunToggle row={row} isRenaming={isRenaming} tabIndex={tabIndex} body={body} isOpen={isOpen} />
      <div class="ts-run-title">
        <StatusIcon status={row.status} />
        <RunName row={row} isEditing={isRenaming} tabIndex={tabIndex} />
      </div>
      <RunMeta row={row} />
      {row.note !== "" && !isOpen && <p class="ts-run-note">{row.note}</p>}
      {!isOpen && <Chips run={run} />}
      {childCount > 0 && <ChildrenButton runId={row.run_id} count={childCount} tabIndex={tabIndex} />}
      <RevisionButton row={row} tabIndex={tabIndex} />
    </div>
  );
}

interface RunToggleProps {
  row: RunRow;
  isRenaming: Signal<boolean>;
  tabIndex: number;
  body: string;
  isOpen: boolean;
}

/** What the keyboard moves between, and what stands for the run to those who do not see it. */
function RunToggle({ row, isRenaming, tabIndex, body, isOpen }: RunToggleProps) {
  const { state } = useView();
  const press = (event: KeyboardEvent) => {
    if (event.key === "ArrowRight") state.toggleRun(row.run_id, true);
    else if (event.key === "ArrowLeft") state.toggleRun(row.run_id, false);
    else if (event.key === "F2") isRenaming.value = true;
    else return;
    event.preventDefault();
  };
  return (
    <button
      type="button"
      class="ts-run-toggle"
      aria-expanded={isOpen}
      aria-controls={body}
      aria-label={strings.runLabel([row.name, strings.status[row.status], startOf(row, state.now.peek())])}
      tabIndex={tabIndex}
      onClick={() => state.toggleRun(row.run_id)}
      onKeyDown={press}
    >
      <Icon name="chevron" />
    </button>
  );
}

function RevisionButton({ row, tabIndex }: { row: RunRow; tabIndex: number }) {
  const view = useView();
  return (
    <IconButton
      icon="notebook"
      class="ts-open-revision"
      label={strings.openRevision(row.name)}
      unavailable={row.has_revision ? "" : strings.noRevision}
      isBusy={view.opening.value === row.run_id}
      tabIndex={tabIndex}
      onClick={() => void view.openRevision(row)}
    />
  );
}

/** When the run started; of one that goes on not how long ago, because its duration says that. */
function startOf({ start_time, status }: RunRow, now: number): string {
  if (start_time === null) return strings.notStarted;
  return status === "RUNNING" ? formatDate(start_time, now) : formatStart(start_time, now);
}

const durationOf = ({ start_time, end_time, status }: RunRow, now: number) =>
  formatRunTime(start_time, end_time, status === "RUNNING", now);

/** How the run stands, when it started, how long it took. The times move by themselves, without drawing the run again. */
function RunMeta({ row }: { row: RunRow }) {
  const { now } = useView().state;
  const start = useMemo(() => computed(() => startOf(row, now.value)), [row]);
  const duration = useMemo(() => computed(() => durationOf(row, now.value)), [row]);
  const hasDuration = durationOf(row, now.peek()) !== "";
  return (
    <p class="ts-run-meta">
      {row.status !== "FINISHED" && <span class="ts-run-status">{strings.status[row.status]}</span>}
      <span title={row.start_time === null ? "" : formatTime(row.start_time)}>{start}</span>
      {hasDuration && <span class="ts-duration">{duration}</span>}
    </p>
  );
}

function ChildrenButton({ runId, count, tabIndex }: { runId: string; count: number; tabIndex: number }) {
  const { state } = useView();
  const isOpen = !state.foldedParents.value.has(runId);
  return (
    <button
      type="button"
      class="ts-children"
      aria-expanded={isOpen}
      tabIndex={tabIndex}
      onClick={() => state.toggleParent(runId)}
    >
      <Icon name="chevron" />
      {strings.childRuns(count)}
    </button>
  );
}
