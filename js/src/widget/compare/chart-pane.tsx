/** One chart in the page, with what can be chosen for it. The chart itself knows nothing of the comparison around it. */

import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Chart, ChartInput, Frame } from "../charts";
import { strings } from "../strings";
import { useAnyView } from "../view";
import { CHARTS, type ChartKind, type Options } from "./chart-list";
import { ChartTools } from "./chart-tools";
import { chosenColumns, curveKeys, curveRuns, frameOf } from "./chosen";
import type { CompareState } from "./state";

export function ChartPane({ state, chart }: { state: CompareState; chart: ChartKind }) {
  const frame = useChosenFrame(state);
  const options = state.options.value[chart] ?? CHARTS[chart]?.initial ?? {};
  const metric = chart === "curves" ? String(options.metric ?? curveKeys(state, frame)[0] ?? "") : "";
  const hasCurves = metric === "" || state.isLive.value || frame.curves.some(({ key }) => key === metric);
  return (
    <>
      <ChartTools state={state} chart={chart} frame={frame} options={options} />
      {chart === "curves" && <DrawnCurves state={state} metric={metric} />}
      {hasCurves && <ChartHost state={state} chart={chart} frame={frame} options={options} />}
    </>
  );
}

/** The frame with the columns that people chose; the same object as long as the choice is. */
function useChosenFrame(state: CompareState): Frame {
  const kept = useRef<{ key: readonly unknown[]; frame: Frame } | null>(null);
  const key = [state.compared.value, state.view.value, state.columns.value];
  if (kept.current === null || key.some((part, place) => part !== kept.current?.key[place])) {
    const chosen = chosenColumns(state.frame, state.view.value, state.columns.value);
    kept.current = { key, frame: frameOf(state.frame, chosen, state.view.value) };
  }
  return kept.current.frame;
}

/** Fetches the curves of the metric that is shown, and says which of them are drawn. */
function DrawnCurves({ state, metric }: { state: CompareState; metric: string }) {
  const { runs, all } = curveRuns(state, metric);
  const isLive = state.isLive.value;
  const wanted = runs.join();
  useEffect(() => {
    if (metric !== "" && isLive) void state.curves.fetch(metric, runs);
  }, [state, metric, isLive, wanted, state.curves.round.value]);
  if (state.curves.isFetching.value) return <CurvesLine text={strings.fetchingCurves} />;
  const isDrawn = state.frame.curves.some(({ key }) => key === metric);
  if (!isLive && !isDrawn && metric !== "") return <CurvesLine text={strings.noChart.curvesLive} />;
  return runs.length < all ? <CurvesLine text={strings.curvesOf(runs.length, all)} /> : null;
}

const CurvesLine = ({ text }: { text: string }) => (
  <p class="ts-compare-empty" role="status">
    {text}
  </p>
);

interface HostProps {
  state: CompareState;
  chart: ChartKind;
  frame: Frame;
  options: Options;
}

function ChartHost({ state, chart, frame, options }: HostProps) {
  const view = useAnyView();
  const host = useRef<HTMLDivElement>(null);
  const drawn = useRef<Chart<Options> | null>(null);
  const input: ChartInput<Options> = {
    frame,
    options,
    shown: state.shown.value,
    selected: state.selected.value,
    hovered: state.hovered.value,
  };
  useLayoutEffect(() => {
    if (host.current === null) return undefined;
    const made = CHARTS[chart]?.create(host.current, input, events(state, view, chart)) ?? null;
    drawn.current = made;
    state.picture.value = made && (() => made.toSvg());
    return () => {
      state.picture.value = null;
      drawn.current = null;
      made?.destroy();
    };
  }, [state, chart]);
  useTold(drawn, input);
  return <div ref={host} class="ts-chart" data-chart={chart} />;
}

/** Tells the chart what changed since it was drawn or told last. */
function useTold(drawn: { current: Chart<Options> | null }, input: ChartInput<Options>): void {
  const told = useRef({ input, chart: drawn.current });
  useLayoutEffect(() => {
    const before = told.current;
    told.current = { input, chart: drawn.current };
    if (before.chart !== drawn.current) return;
    const changed = Object.entries(input).filter(([name, value]) => before.input[name as keyof typeof input] !== value);
    if (changed.length > 0) drawn.current?.update(Object.fromEntries(changed) as Partial<ChartInput<Options>>);
  });
}

function events(state: CompareState, view: ReturnType<typeof useAnyView>, chart: ChartKind) {
  return {
    onSelect: (mask: Parameters<CompareState["select"]>[0]) => state.select(mask),
    onHover: (run: number | null) => {
      state.hovered.value = run;
    },
    onShow: (mask: CompareState["shown"]["value"]) => {
      state.shown.value = mask;
    },
    onOptions: (options: Options) => state.setOptions(chart, options),
    onOpen: (run: number) => void view.openRun(state.briefOf(run)),
  };
}
