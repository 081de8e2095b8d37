/** What people choose for a chart: its axes, its colour, its scales. */

import type { Frame } from "../charts";
import { strings } from "../strings";
import type { ChartKind, Options } from "./chart-list";
import { curveKeys } from "./chosen";
import type { CompareState } from "./state";

interface ToolsProps {
  state: CompareState;
  chart: ChartKind;
  frame: Frame;
  options: Options;
}

/** A list to choose from; `""` stands for what the chart chooses by itself. */
interface Pick {
  option: string;
  label: string;
  choices: readonly (readonly [value: string, text: string])[];
  /** What the choice without a value is called; without it there is none. */
  nothing?: string;
  /** The option that makes its axis logarithmic. */
  scale?: string;
}

export function ChartTools(props: ToolsProps) {
  const picks = picksOf(props);
  return (
    <div class="ts-compare-tools">
      {picks.map((pick) => (
        <Picker key={pick.option} pick={pick} {...props} />
      ))}
      {props.chart === "curves" && <Smoothing {...props} />}
    </div>
  );
}

function picksOf({ state, chart, frame }: ToolsProps): Pick[] {
  const columns = frame.columns.filter(({ kind }) => kind !== "attribute");
  const all = columns.map(({ id, key }) => [id, key] as const);
  const numbers = columns.filter(({ type }) => type === "number").map(({ id, key }) => [id, key] as const);
  const metrics = columns.filter(({ kind }) => kind === "metric").map(({ id, key }) => [id, key] as const);
  const nothing = strings.automatic;
  const x = { option: "x", label: strings.xAxis, choices: all, nothing, scale: "xScale" };
  const y = { option: "y", label: strings.yAxis, choices: all, nothing, scale: "yScale" };
  const metric = { option: "metric", label: strings.metric, choices: metrics, nothing };
  const colour = { option: "colour", label: strings.colour, choices: all, nothing };
  const picks: Record<ChartKind, Pick[]> = {
    parallel: [colour],
    scatter: [x, y, colour],
    contour: [x, y, { option: "z", label: strings.level, choices: numbers, nothing, scale: "zScale" }],
    bars: [{ ...metric, choices: numbers, scale: "scale" }],
    importance: [metric],
    curves: [
      { ...metric, choices: curveKeys(state, frame).map((key) => [key, key] as const), scale: "yScale" },
      { option: "across", label: strings.across, choices: Object.entries(strings.acrossNames), scale: "xScale" },
      { option: "group", label: strings.groupBy, choices: groupings(frame), nothing: strings.noGroup },
    ],
  };
  return picks[chart];
}

const groupings = ({ columns }: Frame) =>
  columns.filter(({ kind }) => kind === "param" || kind === "tag").map(({ id, key }) => [id, key] as const);

function Picker({ pick, state, chart, options }: ToolsProps & { pick: Pick }) {
  const { option, label, choices, nothing, scale } = pick;
  const choose = (value: string) => state.setOptions(chart, { ...options, [option]: value === "" ? null : value });
  return (
    <span class="ts-pick">
      <label>
        <span>{label}</span>
        <select
          class="ts-input"
          value={String(options[option] ?? "")}
          onChange={(event) => choose(event.currentTarget.value)}
        >
          {nothing !== undefined && <option value="">{nothing}</option>}
          {choices.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      {scale !== undefined && <LogSwitch option={scale} axis={label} {...{ state, chart, options }} />}
    </span>
  );
}

interface SwitchProps extends Omit<ToolsProps, "frame"> {
  option: string;
  axis: string;
}

/** Off is linear, on is logarithmic; before anything was pressed the chart decides. */
function LogSwitch({ state, chart, options, option, axis }: SwitchProps) {
  const scale = options[option] ?? "auto";
  const next = scale === "log" ? "linear" : scale === "linear" ? "auto" : "log";
  return (
    <button
      type="button"
      class="ts-log"
      aria-label={strings.logScale(axis)}
      aria-pressed={scale === "log" ? "true" : scale === "auto" ? "mixed" : "false"}
      title={scale === "auto" ? strings.automatic : strings.logScale(axis)}
      onClick={() => state.setOptions(chart, { ...options, [option]: next })}
    >
      {strings.logShort}
    </button>
  );
}

function Smoothing({ state, chart, options }: ToolsProps) {
  return (
    <label class="ts-pick">
      <span>{strings.smoothing}</span>
      <input
        type="range"
        min="0"
        max="0.99"
        step="0.01"
        value={Number(options.smoothing ?? 0)}
        onInput={(event) =>
          state.setOptions(chart, { ...options, smoothing: Number(event.currentTarget.value), zoom: null })
        }
      />
    </label>
  );
}
