/** Runs side by side: what is known of each in a column, with what differs from the baseline. */

import { useState } from "preact/hooks";
import { formatPercent } from "../format";
import { LongText } from "../panels/controls";
import { strings } from "../strings";
import { useAnyView } from "../view";
import { DifferenceRow } from "./difference-row";
import { PackageRows } from "./packages";
import type { CompareState } from "./state";
import { type Cell, type Row, type RowGroup, tableGroups } from "./table-rows";

/** How many runs have a column at first, and how many more at each step. */
const COLUMNS = 12;

export function ComparisonTable({ state }: { state: CompareState }) {
  const [search, setSearch] = useState("");
  const [most, setMost] = useState(COLUMNS);
  const compared = state.compared.value;
  if (compared === null) return null;
  const all = runsInTable(state);
  const runs = all.slice(0, most);
  const options = { runs, baseline: state.baseline.value, onlyDifferences: state.onlyDifferences.value, search };
  const groups = tableGroups(compared, options);
  return (
    <>
      <div class="ts-compare-tools">
        <OnlyDifferences state={state} />
        <input
          type="search"
          class="ts-input"
          placeholder={strings.searchKeys}
          aria-label={strings.searchKeys}
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
        <Missing shown={runs.length} all={all.length} more={() => setMost(most + COLUMNS)} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <section class="ts-compare-scroll" tabIndex={0} aria-label={strings.comparisonTable}>
        <table class="ts-compare-table">
          <Head state={state} runs={runs} />
          {groups.map((group) => (
            <Group key={group.group} state={state} runs={runs} group={group} />
          ))}
        </table>
        {groups.length === 0 && <p class="ts-compare-empty">{strings.noRows}</p>}
      </section>
    </>
  );
}

function OnlyDifferences({ state }: { state: CompareState }) {
  return (
    <label class="ts-check">
      <input
        type="checkbox"
        checked={state.onlyDifferences.value}
        onChange={(event) => {
          state.onlyDifferences.value = event.currentTarget.checked;
        }}
      />
      {strings.onlyDifferences}
    </label>
  );
}

/** Those that are selected, or all that are shown; the baseline first. */
function runsInTable({ frame, selected, shown, baseline }: CompareState): number[] {
  const mask = selected.value ?? shown.value;
  const runs = [...frame.runs.ids.keys()].filter((run) => mask === null || mask[run] === 1);
  const base = baseline.value;
  return base === null ? runs : [base, ...runs.filter((run) => run !== base)];
}

function Missing({ shown, all, more }: { shown: number; all: number; more: () => void }) {
  if (shown >= all) return null;
  return (
    <span class="ts-compare-missing">
      {strings.tableOf(shown, all)}{" "}
      <button type="button" class="ts-link" onClick={more}>
        {strings.showMoreRuns(Math.min(COLUMNS, all - shown))}
      </button>
    </span>
  );
}

function Head({ state, runs }: { state: CompareState; runs: readonly number[] }) {
  return (
    <thead>
      <tr>
        <td />
        {runs.map((run) => (
          <RunHead key={run} state={state} run={run} />
        ))}
      </tr>
    </thead>
  );
}

function RunHead({ state, run }: { state: CompareState; run: number }) {
  const view = useAnyView();
  const id = state.frame.runs.ids[run] ?? "";
  const name = state.frame.runs.names[run] ?? "";
  const isBase = state.baseline.value === run;
  const isGone = state.gone.value.has(id);
  const open = () => void view.openRun(state.briefOf(run));
  const title = state.isLive.value ? name : `${name}\n${strings.runNeedsKernel}`;
  return (
    <th scope="col" data-baseline={isBase} data-gone={isGone}>
      <span class="ts-compare-run">
        <input
          type="checkbox"
          aria-label={strings.selectRun(name)}
          checked={state.selected.value?.[run] === 1}
          onChange={() => state.toggleSelected(run)}
        />
        <button type="button" class="ts-link" title={title} disabled={!state.isLive.value || isGone} onClick={open}>
          <bdi>{name}</bdi>
        </button>
      </span>
      {isGone && <small class="ts-compare-gone">{strings.goneRun}</small>}
      <button
        type="button"
        class="ts-baseline"
        aria-pressed={isBase}
        aria-label={isBase ? strings.isBaseline(name) : strings.makeBaseline(name)}
        title={isBase ? strings.isBaseline(name) : strings.makeBaseline(name)}
        onClick={() => {
          state.baseline.value = isBase ? null : run;
        }}
      >
        {strings.baseline}
      </button>
    </th>
  );
}

interface GroupProps {
  state: CompareState;
  runs: readonly number[];
  group: RowGroup;
}

function Group({ state, runs, group: { group, rows } }: GroupProps) {
  return (
    <tbody data-group={group}>
      <tr class="ts-compare-group">
        <th scope="rowgroup" colSpan={runs.length + 1}>
          <span>{strings.tableGroups[group]}</span>
        </th>
      </tr>
      {rows.map((row) => (
        <RowLine key={row.id} state={state} runs={runs} row={row} />
      ))}
      {group === "code" && <DifferenceRow state={state} runs={runs} />}
      {group === "code" && <PackageRows state={state} runs={runs} />}
    </tbody>
  );
}

function RowLine({ state, runs, row }: { state: CompareState; runs: readonly number[]; row: Row }) {
  const name = row.kind === "attribute" ? (strings.detailNames[row.key] ?? row.key) : row.key;
  return (
    <tr data-differs={row.isDifferent}>
      <th scope="row" title={name}>
        <bdi>{name}</bdi>
      </th>
      {row.cells.map((cell, place) => {
        const run = runs[place] ?? 0;
        const label = strings.copyCell(name, state.frame.runs.names[run] ?? "");
        return <ValueCell key={run} cell={cell} label={label} isBase={state.baseline.value === run} />;
      })}
    </tr>
  );
}

function ValueCell({ cell, label, isBase }: { cell: Cell; label: string; isBase: boolean }) {
  const view = useAnyView();
  const { text, exact, verdict, change, isBest } = cell;
  if (text === "") return <td data-baseline={isBase} />;
  return (
    <td data-baseline={isBase} data-verdict={verdict} data-best={isBest} title={exact}>
      <span class="ts-cell">
        <LongText text={text} />
        {isBest && <span class="ts-hidden">{strings.best}</span>}
        {change !== null && (
          <span class="ts-verdict" data-verdict={verdict}>
            {formatPercent(change)}
            {verdict !== "neutral" && <span class="ts-hidden">{strings.verdict[verdict]}</span>}
          </span>
        )}
        <button type="button" class="ts-copy" aria-label={label} title={label} onClick={() => void view.copy(exact)} />
      </span>
    </td>
  );
}
