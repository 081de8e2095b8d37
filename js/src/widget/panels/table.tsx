/** The list as a table: the heads of its columns, which sort, and the cells of a run. */

import { cellOf, labelOf, metricOf, readStep, sortedBy } from "../fields";
import type { ListedRun } from "../runs";
import { strings } from "../strings";
import { useView } from "../view";
import { Icon } from "./icons";
import { Spark } from "./spark";

const NAME_PX = 176;
const CELL_PX = 88;

/** How wide the table is at least. */
export const tableWidth = (columns: readonly string[]) => NAME_PX + columns.length * CELL_PX;

export function TableHead({ columns }: { columns: readonly string[] }) {
  return (
    <div class="ts-heads" style={{ minWidth: `${tableWidth(columns)}px` }}>
      <Head field="run_name" />
      {columns.map((column) => (
        <Head key={column} field={column} />
      ))}
    </div>
  );
}

/** A click sorts by the column, the next one the other way round, the third one not; with Shift beside other steps. */
function Head({ field }: { field: string }) {
  const { state } = useView();
  const { order } = state.settings.value;
  const step = order.map(readStep).find((one) => one.field === field);
  const label = labelOf(field);
  const direction = step && (step.isAscending ? strings.ascending : strings.descending);
  const sort = (event: MouseEvent) => state.configure({ order: sortedBy(order, field, event.shiftKey) });
  return (
    <button
      type="button"
      class="ts-head"
      title={`${label}. ${strings.sortHint}`}
      aria-label={direction ? strings.sortedBy(label, direction) : strings.sortByColumn(label)}
      onClick={sort}
    >
      <bdi>{label}</bdi>
      {step && <Icon name={step.isAscending ? "up" : "down"} />}
    </button>
  );
}

/** What a run has in the columns. */
export function Cells({ run, columns }: { run: ListedRun; columns: readonly string[] }) {
  const { now } = useView().state;
  return (
    <>
      {columns.map((column) => {
        const cell = cellOf(run, column, readsTime(column) ? now.value : now.peek());
        const metric = cell && metricOf(column);
        return (
          <span key={column} class="ts-cell" data-number={cell?.isNumber ?? false} title={cell?.title}>
            {metric && <Spark runId={run.row.run_id} metric={metric} />}
            <span class="ts-cell-text">{cell?.text}</span>
          </span>
        );
      })}
    </>
  );
}

const readsTime = (column: string) => column === "duration";
