/** The comparison: charts and a table of the same runs, one of them at a time, and one selection in all of them. */

import "./compare.css";
import "./compare-table.css";
import { useId } from "preact/hooks";
import type { ChartName } from "../compare-protocol";
import { IconButton } from "../panels/controls";
import { FaultBox, Loading, NoticeBar, WaitingBar } from "../panels/notices";
import { Over } from "../panels/over";
import { bring, strings } from "../strings";
import { en as texts } from "../strings/compare";
import { CHARTS } from "./chart-list";
import { ChartPane } from "./chart-pane";
import { ColumnChoice } from "./choice";
import { Notes } from "./notes";
import { SaveMenu } from "./save-menu";
import type { CompareState } from "./state";
import { ComparisonTable } from "./table";

bring(texts);

export function CompareApp({ state }: { state: CompareState }) {
  return (
    <section class="ts-panel ts-compare" aria-label={strings.compare} data-lm-suppress-shortcuts="true">
      <Body state={state} />
      <WaitingBar />
      <SelectionLine state={state} />
      <NoticeBar />
      <Over />
    </section>
  );
}

function Body({ state }: { state: CompareState }) {
  const panel = useId();
  const fault = state.fault.value;
  if (state.compared.value === null) return fault === null ? <Loading /> : <FaultBox fault={fault} />;
  const tab = state.tab.value;
  return (
    <>
      <header class="ts-compare-head">
        <Tabs state={state} panel={panel} />
        <span class="ts-compare-count">{strings.comparedRuns(state.frame.runs.ids.length)}</span>
        <ColumnChoice state={state} />
        <SaveMenu state={state} />
      </header>
      <Notes state={state} />
      <div id={panel} role="tabpanel" class="ts-compare-body" aria-label={strings.chartNames[tab]}>
        {tab === "table" ? <ComparisonTable state={state} /> : <ChartPane key={tab} state={state} chart={tab} />}
      </div>
    </>
  );
}

function Tabs({ state, panel }: { state: CompareState; panel: string }) {
  const charts = state.view.value.charts.filter((chart) => chart === "table" || chart in CHARTS);
  const press = (event: KeyboardEvent) => {
    const at = charts.indexOf(state.tab.value);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: charts.length - 1 }[event.key];
    const next = to === undefined ? undefined : charts[(to + charts.length) % charts.length];
    if (next === undefined) return;
    event.preventDefault();
    state.tab.value = next;
    (event.currentTarget as HTMLElement).querySelector<HTMLElement>(`[data-chart=${next}]`)?.focus();
  };
  return (
    <div class="ts-tabs" role="tablist" aria-label={strings.compare} onKeyDown={press}>
      {charts.map((chart) => (
        <Tab key={chart} state={state} chart={chart} panel={panel} />
      ))}
    </div>
  );
}

function Tab({ state, chart, panel }: { state: CompareState; chart: ChartName; panel: string }) {
  const isOpen = state.tab.value === chart;
  return (
    <button
      type="button"
      role="tab"
      class="ts-tab"
      data-chart={chart}
      aria-selected={isOpen}
      aria-controls={panel}
      tabIndex={isOpen ? 0 : -1}
      onClick={() => {
        state.tab.value = chart;
      }}
    >
      {strings.chartNames[chart]}
    </button>
  );
}

/** How many runs are selected, in whatever chart it was done. */
function SelectionLine({ state }: { state: CompareState }) {
  const count = state.selectedCount.value;
  return (
    <div class="ts-compare-selection" role="status" hidden={count === 0}>
      {count > 0 && <span>{strings.selectedCount(count)}</span>}
      {count > 0 && <IconButton icon="close" label={strings.clearSelected} onClick={() => state.select(null)} />}
    </div>
  );
}
