/** One chart in the page, with what can be chosen for it. The chart itself knows nothing of the comparison around it. */

import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Chart, ChartInput, Frame } from "../charts";
import { strings } from "../strings";
import { useAnyView } from "../view";
import { CHARTS, type ChartKind, type Options } from "./chart-list";
import { ChartTools } from "./chart-tools";
import { chosenColumns, frameOf } from "./chosen";
import type { CompareState } from "./state";

export function ChartPane({ state, chart }: { state: CompareState; chart: ChartKind }) {
  const frame = useChosenFrame(state);
  const options = state.options.value[chart] ?? CHARTS[chart]?.initial ?? {};
  useCurves(state, chart, frame, options);
  return (
    <>
      <ChartTools state={state} chart={chart} frame={frame} options={options} />
      {chart === "curves" && <CurvesNote state={state} frame={frame} />}
      <ChartHost state={state} chart={chart} frame={frame} options={options} />
    </>
  );
}

/** The frame with the columns that people chose; the same object as long as the choice is. */
function useChosenFrame(state: CompareState): Frame {
  const kept = useRef<{ key: readonly unknown[]; frame: Frame } | null>(null);
  const key = [state.compared.value, state.view.value, state.columns.value];
  if (kept.current === null || key.some((part, place) => part !== kept.current?.key[place])) {
    const chosen = chosenColumns(state.frame, state.view.value, state.columns.value);
    kept.current = { key, frame: frameOf(state.frame, chosen) };
  }
  return kept.current.frame;
}

/** Metrics that a curve can be drawn of. */
export const curveKeys = ({ compared }: CompareState, frame: Frame): string[] => {
  const histories = compared.value?.histories ?? [];
  const shown = histories.filter((key) => frame.columns.some((column) => column.id === `metrics.${key}`));
  return shown.length > 0 ? shown : [...histories];
};

/** Fetches the curves of the metric that is shown, once it is. */
function useCurves(state: CompareState, chart: ChartKind, frame: Frame, options: Options): void {
  const metric = chart === "curves" ? String(options.metric ?? curveKeys(state, frame)[0] ?? "") : "";
  const isLive = state.isLive.value;
  useEffect(() => {
    if (metric !== "" && isLive) void state.fetchCurves(metric);
  }, [state, metric, isLive]);
}

function CurvesNote({ state, frame }: { state: CompareState; frame: Frame }) {
  if (state.isFetching.value)
    return (
      <p class="ts-compare-empty" role="status">
        {strings.fetchingCurves}
      </p>
    );
  if (frame.curves.length > 0 || state.isLive.value || curveKeys(state, frame).length === 0) return null;
  return <p class="ts-compare-empty">{strings.noChart.curvesLive}</p>;
}

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
