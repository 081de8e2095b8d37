/** A run in the list: what it is, how it went, its main numbers; and all of it when it is unfolded. */

import { computed, type Signal, useSignal } from "@preact/signals";
import { useId, useMemo, useRef } from "preact/hooks";
import { formatCount, formatDate, formatRunTime, formatStart, formatTime } from "../format";
import { heightOf } from "../heights";
import type { RunRow } from "../protocol";
import type { ListedRun } from "../runs";
import { strings } from "../strings";
import { useView } from "../view";
import { Chips } from "./chips";
import { IconButton } from "./controls";
import { RunDetails } from "./details";
import { Icon, StatusIcon } from "./icons";
import { RunName } from "./run-name";
import { DaysLeft, MenuButton, marksOf, SelectBox, statusOf } from "./run-tools";
import { OpenRunButton } from "./run-view/open-button";
import { px, type Sizes, useOpenHeight } from "./sizes";
import { Cells } from "./table";

interface RunCardProps {
  run: ListedRun;
  /** The line of the list that it stands on, of how many. */
  line: number;
  total: number;
  /** Whether this run is the one in the tab order. */
  isActive: boolean;
  /** Id of the run that was last focused. */
  active: Signal<string>;
  sizes: Sizes;
  /** Those of a table that the run is a row of, or null. */
  columns: readonly string[] | null;
}

/** It is drawn again only when one of its props is another one, or a signal that it read. */
export function RunCard(props: RunCardProps) {
  const { state } = useView();
  const { row } = props.run;
  const element = useRef<HTMLLIElement>(null);
  const body = useId();
  const isOpen = state.open.value.has(row.run_id);
  useOpenHeight(element, row.run_id, isOpen, props.sizes);
  return (
    <li
      ref={element}
      class="ts-run"
      data-run={row.run_id}
      data-status={row.status}
      data-maker={row.maker}
      data-state={row.state}
      data-found={row.is_found}
      data-open={isOpen}
      data-chosen={state.selected.value.has(row.run_id)}
      data-marked={state.marked.value.has(row.run_id)}
      aria-setsize={props.total}
      aria-posinset={props.line + 1}
      style={{ "--ts-depth": Math.min(row.depth, MAX_INDENT) }}
    >
      <RunHead {...props} body={body} isOpen={isOpen} />
      <div id={body} class="ts-run-body" hidden={!isOpen}>
        {isOpen && <RunDetails row={row} />}
      </div>
    </li>
  );
}

/** From this depth on runs are not moved further to the side: there would be no room left for them. */
const MAX_INDENT = 8;

interface RunHeadProps extends RunCardProps {
  /** Id of what the head unfolds. */
  body: string;
  isOpen: boolean;
}

function RunHead({ run, isActive, active, body, isOpen, sizes, columns }: RunHeadProps) {
  const { state } = useView();
  const { row } = run;
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
    <div
      class="ts-run-head"
      data-row={columns !== null}
      style={isOpen ? {} : { height: px(heightOf(run, sizes.shape.value) - 1) }}
      onClick={click}
      onFocusIn={activate}
    >
      <RunToggle row={row} tabIndex={tabIndex} body={body} isOpen={isOpen} />
      <RunTitle row={row} tabIndex={tabIndex} />
      {columns ? (
        <RowCells run={run} columns={columns} tabIndex={tabIndex} />
      ) : (
        <CardLines run={run} isOpen={isOpen} tabIndex={tabIndex} />
      )}
    </div>
  );
}

/** How it stands, whether it is chosen, its name, and what people do with it. */
function RunTitle({ row, tabIndex }: { row: RunRow; tabIndex: number }) {
  const isRenaming = useSignal(false);
  return (
    <div class="ts-run-title">
      <span class="ts-status-slot">
        <StatusIcon status={row.status} />
        <SelectBox row={row} />
      </span>
      <RunName row={row} isEditing={isRenaming} tabIndex={tabIndex}>
        <OpenRunButton row={row} tabIndex={tabIndex} />
        <MenuButton row={row} tabIndex={tabIndex} />
      </RunName>
    </div>
  );
}

/** Behind the name in a table. */
function RowCells({ run, columns, tabIndex }: { run: ListedRun; columns: readonly string[]; tabIndex: number }) {
  const { row } = run;
  return (
    <>
      <DaysLeft row={row} />
      {row.children > 0 && <ChildrenButton row={row} tabIndex={tabIndex} />}
      <RevisionButton row={row} tabIndex={tabIndex} />
      <Cells run={run} columns={columns} />
    </>
  );
}

/** Below the name of a card. */
function CardLines({ run, isOpen, tabIndex }: { run: ListedRun; isOpen: boolean; tabIndex: number }) {
  const { row } = run;
  return (
    <>
      <div class="ts-run-line">
        {row.children > 0 && <ChildrenButton row={row} tabIndex={tabIndex} />}
        <RunMeta row={row} />
        {!isOpen && <Remark row={row} />}
      </div>
      {!isOpen && <Chips run={run} />}
      <RevisionButton row={row} tabIndex={tabIndex} />
    </>
  );
}

/** The note, which people wrote about it; else what ended the run. */
function Remark({ row: { note, error } }: { row: RunRow }) {
  if (note !== "") return <p class="ts-run-note">{note}</p>;
  return error === "" ? null : (
    <p class="ts-run-note" data-error="true" title={error}>
      {error}
    </p>
  );
}

interface RunToggleProps {
  row: RunRow;
  tabIndex: number;
  body: string;
  isOpen: boolean;
}

/** What the keyboard moves between, and what stands for the run to those who do not see it. */
function RunToggle({ row, tabIndex, body, isOpen }: RunToggleProps) {
  const { state } = useView();
  const isChosen = state.selected.value.has(row.run_id);
  const press = (event: KeyboardEvent) => {
    if (event.key === "ArrowRight") state.toggleRun(row.run_id, true);
    else if (event.key === "ArrowLeft") state.toggleRun(row.run_id, false);
    else return;
    event.preventDefault();
  };
  return (
    <button
      type="button"
      class="ts-run-toggle"
      aria-expanded={isOpen}
      aria-controls={body}
      aria-label={strings.runLabel([
        row.name,
        statusOf(row),
        startOf(row, state.now.peek()),
        ...marksOf(row, isChosen),
      ])}
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
function startOf({ start_time, status }: Pick<RunRow, "start_time" | "status">, now: number): string {
  if (start_time === null) return strings.notStarted;
  return status === "RUNNING" ? formatDate(start_time, now) : formatStart(start_time, now);
}

type Times = Pick<RunRow, "start_time" | "end_time" | "status">;

const durationOf = ({ start_time, end_time, status }: Times, now: number) =>
  formatRunTime(start_time, end_time, status === "RUNNING", now);

/**
 * How the run stands, when it started, how long it took, or how long it is still in the trash. The times move by
 * themselves, without drawing the run again.
 */
function RunMeta({ row }: { row: RunRow }) {
  const { now } = useView().state;
  const { start_time, end_time, status } = row;
  const start = useMemo(() => computed(() => startOf({ start_time, status }, now.value)), [start_time, status, now]);
  const duration = useMemo(
    () => computed(() => durationOf({ start_time, end_time, status }, now.value)),
    [start_time, end_time, status, now],
  );
  const hasDuration = row.state === "active" && durationOf(row, now.peek()) !== "";
  return (
    <p class="ts-run-meta">
      {row.status !== "FINISHED" && <span class="ts-run-status">{statusOf(row)}</span>}
      <span title={row.start_time === null ? "" : formatTime(row.start_time)}>{start}</span>
      {hasDuration && <span class="ts-duration">{duration}</span>}
      <DaysLeft row={row} />
    </p>
  );
}

function ChildrenButton({ row, tabIndex }: { row: RunRow; tabIndex: number }) {
  const { state } = useView();
  return (
    <button
      type="button"
      class="ts-children"
      aria-expanded={!row.is_folded}
      aria-label={strings.childRuns(row.children)}
      title={strings.childRuns(row.children)}
      tabIndex={tabIndex}
      onClick={() => state.toggleParent(row.run_id)}
    >
      <Icon name="chevron" />
      {formatCount(row.children)}
    </button>
  );
}
