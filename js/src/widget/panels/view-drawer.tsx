/** How the list looks: order, density, columns, folding. */

import type { TargetedEvent } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { ABOUT_RUNS, columnsOf, labelOf, readStep, stepText } from "../fields";
import { formatSentence } from "../format";
import type { Fault } from "../protocol";
import { strings } from "../strings";
import { useView } from "../view";
import { useAnswer } from "./answer";
import { Choice } from "./choice-drawer";
import { IconButton } from "./controls";
import { FieldGroup, type Names } from "./field-group";
import { GroupChoice } from "./group-choice";

const NO_NAMES: Names = { metrics: [], params: [], tags: [] };

export function ViewDrawer() {
  const { state } = useView();
  const { names, fault } = useNames();
  const { density } = state.settings.value;
  return (
    <div class="ts-view">
      <div class="ts-choices">
        <OrderChoice names={names} />
        <Choice
          label={strings.density}
          value={density}
          options={[
            ["cards", strings.cards],
            ["rows", strings.rows],
          ]}
          choose={(value) => state.configure({ density: value })}
        />
        <GroupChoice names={names} />
      </div>
      <Columns names={names} />
      {fault !== null && <p class="ts-none">{formatSentence(fault.message)}</p>}
      <div class="ts-buttons">
        <button type="button" class="ts-button" onClick={() => state.foldAll(true)}>
          {strings.foldAll}
        </button>
        <button type="button" class="ts-button" onClick={() => state.foldAll(false)}>
          {strings.unfoldAll}
        </button>
      </div>
    </div>
  );
}

/** What the runs have, asked for when it is wanted; what other runs had stays until it is known. */
function useNames(): { names: Names; fault: Fault | null } {
  const known = useRef(NO_NAMES);
  const { answer, fault } = useAnswer("names.list", { query: useView().state.query.value }, null);
  known.current = answer?.reply ?? known.current;
  return { names: known.current, fault };
}

function OrderChoice({ names }: { names: Names }) {
  const { state } = useView();
  const [first, ...others] = state.settings.value.order;
  const step = first === undefined ? null : readStep(first);
  const choose = (event: TargetedEvent<HTMLSelectElement>) => {
    const field = event.currentTarget.value;
    state.configure({ order: field === "" ? [] : [stepText({ field, isAscending: step?.isAscending ?? false })] });
  };
  const turn = () =>
    step && state.configure({ order: [stepText({ ...step, isAscending: !step.isAscending }), ...others] });
  return (
    <div class="ts-choice" data-marked={step !== null}>
      <span>{strings.sortBy}</span>
      <span class="ts-order">
        <select
          class="ts-input"
          aria-label={strings.sortBy}
          data-lm-suppress-shortcuts="true"
          value={step?.field ?? ""}
          onChange={choose}
        >
          <option value="">{strings.newestFirst}</option>
          <FieldOptions names={names} also={step?.field} />
        </select>
        {step && (
          <IconButton
            icon={step.isAscending ? "up" : "down"}
            label={step.isAscending ? strings.ascending : strings.descending}
            onClick={turn}
          />
        )}
      </span>
    </div>
  );
}

/** All that can be chosen, in groups; what is chosen already stays among it. */
function FieldOptions({ names, also }: { names: Names; also?: string | undefined }) {
  const all = [...ABOUT_RUNS, ...names.metrics, ...names.params, ...names.tags];
  return (
    <>
      {also !== undefined && !all.includes(also) && <option value={also}>{labelOf(also)}</option>}
      <FieldGroup label={strings.aboutRuns} fields={ABOUT_RUNS} />
      <FieldGroup label={strings.metrics} fields={names.metrics} />
      <FieldGroup label={strings.params} fields={names.params} />
      <FieldGroup label={strings.tags} fields={names.tags} />
    </>
  );
}

function Columns({ names }: { names: Names }) {
  const { state } = useView();
  const { columns: chosen, density } = state.settings.value;
  const columns = columnsOf(chosen, state.list.value?.snapshot.columns ?? [], density === "rows");
  const fields = useRef<HTMLFieldSetElement>(null);
  const held = useRef<ColumnButton | null>(null);
  useLayoutEffect(() => {
    if (held.current !== null) focusColumn(fields.current, held.current);
    held.current = null;
  }, [columns]);
  const set = (changed: string[] | null, focus: ColumnButton | null) => {
    held.current = focus;
    state.configure({ columns: changed });
  };
  return (
    <fieldset ref={fields} class="ts-columns">
      <legend>{chosen === null ? strings.columnsOfItself : strings.columns}</legend>
      <ColumnList columns={columns} set={set} />
      <div class="ts-buttons">
        <NewColumn names={names} columns={columns} add={(field) => set([...columns, field], null)} />
        {chosen !== null && (
          <button type="button" class="ts-button" onClick={() => set(null, { column: "", button: "" })}>
            {strings.columnsReset}
          </button>
        )}
      </div>
    </fieldset>
  );
}

interface ColumnListProps {
  columns: string[];
  /** @param focus What has the focus from then on. */
  set: (columns: string[], focus: ColumnButton) => void;
}

const ColumnList = ({ columns, set }: ColumnListProps) => (
  <ul>
    {columns.map((column, place) => (
      <li key={column} data-column={column}>
        <bdi class="ts-column-name" title={column}>
          {labelOf(column)}
        </bdi>
        <ColumnButtons columns={columns} place={place} set={set} />
      </li>
    ))}
  </ul>
);

interface NewColumnProps {
  names: Names;
  columns: readonly string[];
  add: (field: string) => void;
}

function NewColumn({ names, columns, add }: NewColumnProps) {
  const choose = (event: TargetedEvent<HTMLSelectElement>) => {
    const field = event.currentTarget.value;
    event.currentTarget.value = "";
    if (field !== "" && !columns.includes(field)) add(field);
  };
  return (
    <select class="ts-input" aria-label={strings.addColumn} data-lm-suppress-shortcuts="true" onChange={choose}>
      <option value="">{strings.addColumn}</option>
      <FieldOptions names={names} />
    </select>
  );
}

interface ColumnButton {
  column: string;
  /** Class of the button. */
  button: string;
}

/** What moves or goes away gives up the focus; it comes back to the same button, or to what is next to it. */
function focusColumn(fields: HTMLElement | null, { column, button }: ColumnButton): void {
  const lines = [...(fields?.querySelectorAll<HTMLElement>("[data-column]") ?? [])];
  const place = lines.find(({ dataset }) => dataset.column === column) ?? lines[0] ?? fields;
  const same = button === "" ? null : place?.querySelector<HTMLElement>(`.${button}`);
  (same ?? place?.querySelector<HTMLElement>("button, select"))?.focus();
}

const [UP, DOWN, REMOVE] = ["ts-column-up", "ts-column-down", "ts-column-remove"] as const;

interface ColumnButtonsProps extends ColumnListProps {
  place: number;
}

function ColumnButtons({ columns, place, set }: ColumnButtonsProps) {
  const column = columns[place] ?? "";
  const label = labelOf(column);
  const others = columns.filter((other) => other !== column);
  const move = (to: number, button: string) => {
    set([...others.slice(0, to), column, ...others.slice(to)], { column, button });
  };
  const remove = () => {
    set(others, { column: others[Math.min(place, others.length - 1)] ?? "", button: REMOVE });
  };
  return (
    <>
      {place > 0 && (
        <IconButton icon="up" class={UP} label={strings.moveColumnUp(label)} onClick={() => move(place - 1, UP)} />
      )}
      {place < columns.length - 1 ? (
        <IconButton
          icon="down"
          class={DOWN}
          label={strings.moveColumnDown(label)}
          onClick={() => move(place + 1, DOWN)}
        />
      ) : (
        <span class="ts-icon-button" aria-hidden="true" />
      )}
      <IconButton icon="close" class={REMOVE} label={strings.removeColumn(label)} onClick={remove} />
    </>
  );
}
