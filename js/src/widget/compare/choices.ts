/** What people chose in a comparison: a notebook keeps it beside what the kernel gave, and opens as it was left. */

import { effect } from "@preact/signals";
import type { Frame, RunMask } from "../charts/frame";
import type { ChartName } from "../compare-protocol";
import { idsOf, inverted, maskOf } from "./data";
import { readOptions } from "./option-forms";
import type { CompareState } from "./state";

/** Fit for JSON. */
export interface Choices {
  tab: ChartName;
  /** Ids of the columns that charts show; null are those that differ. */
  columns: string[] | null;
  /** The baseline's run id. */
  baseline: string | null;
  differences: boolean;
  options: Partial<Record<ChartName, Record<string, unknown>>>;
  /** A digit for each run that the notebook keeps, 1 for those in the set; null where there is none. */
  hidden: string | null;
  selected: string | null;
}

const DIGITS = /^[01]+$/;
/** What is chosen with one movement is written once. */
const AFTER_MS = 600;

export function choicesOf(state: CompareState): Choices {
  const { frame, keptIds } = state;
  const baseline = state.baseline.value;
  return {
    tab: state.tab.value,
    columns: state.columns.value === null ? null : [...state.columns.value],
    baseline: baseline === null ? null : (frame.runs.ids[baseline] ?? null),
    differences: state.onlyDifferences.value,
    options: state.options.value,
    hidden: digitsOf(inverted(state.shown.value), frame, keptIds),
    selected: digitsOf(state.selected.value, frame, keptIds),
  };
}

/** Chooses what was chosen before, as far as it is still there. */
export function restoreChoices(state: CompareState, choices: Choices): void {
  const { frame, keptIds } = state;
  const baseline = frame.runs.ids.indexOf(choices.baseline ?? "");
  state.quietly(() => {
    if (state.view.peek().charts.includes(choices.tab)) state.tab.value = choices.tab;
    state.columns.value = choices.columns && new Set(choices.columns);
    state.baseline.value = baseline < 0 ? null : baseline;
    state.onlyDifferences.value = choices.differences;
    state.options.value = choices.options;
    state.shown.value = inverted(maskOf(idsIn(choices.hidden, keptIds), frame));
    state.selected.value = maskOf(idsIn(choices.selected, keptIds), frame);
  });
}

/** What a notebook keeps, as far as it has the right form; null where it keeps none or something else. */
export function readChoices(value: unknown): Choices | null {
  if (typeof value !== "object" || value === null) return null;
  const found = (value as { choices?: unknown }).choices;
  if (typeof found !== "object" || found === null) return null;
  const { tab, columns, baseline, differences, options, hidden, selected } = found as Partial<
    Record<keyof Choices, unknown>
  >;
  return {
    tab: String(tab) as ChartName,
    columns: Array.isArray(columns) ? columns.map(String) : null,
    baseline: typeof baseline === "string" ? baseline : null,
    differences: differences === true,
    options: readOptions(options),
    hidden: readDigits(hidden),
    selected: readDigits(selected),
  };
}

/** Hands on what people choose, a moment after they did; not what came from a notebook or from Python. */
export class ChoiceKeeper {
  readonly #state: CompareState;
  readonly #keep: (choices: Choices) => void;
  readonly #stop: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #known = "";

  constructor(state: CompareState, keep: (choices: Choices) => void) {
    this.#state = state;
    this.#keep = keep;
    this.#stop = effect(() => this.#hear());
  }

  /** Hands on at once what waits to be. */
  flush(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const choices = choicesOf(this.#state);
    const text = JSON.stringify(choices);
    if (text === this.#known) return;
    this.#known = text;
    this.#keep(choices);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#stop();
  }

  #hear(): void {
    const { tab, columns, baseline, onlyDifferences, options, shown, selected, isQuiet } = this.#state;
    void [tab.value, columns.value, baseline.value, onlyDifferences.value, options.value, shown.value, selected.value];
    if (!isQuiet && this.#known !== "") this.#timer ??= setTimeout(() => this.flush(), AFTER_MS);
    else if (this.#timer === undefined) this.#known = JSON.stringify(choicesOf(this.#state));
  }
}

/** Runs of the frame that the notebook does not keep are in no set. */
function digitsOf(mask: RunMask | null, frame: Frame, keptIds: readonly string[]): string | null {
  if (mask === null) return null;
  const ids = new Set(idsOf(mask, frame));
  const digits = keptIds.map((id) => (ids.has(id) ? "1" : "0")).join("");
  return digits.includes("1") ? digits : null;
}

const idsIn = (digits: string | null, keptIds: readonly string[]): string[] =>
  digits === null ? [] : keptIds.filter((_, place) => digits[place] === "1");

const readDigits = (value: unknown): string | null => (typeof value === "string" && DIGITS.test(value) ? value : null);
