/** What people chose in a comparison: kept, and shown again. */

import "../src/widget/compare/app";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import read from "../../tests/protocol/compare/compare.read.json";
import { ChoiceKeeper, type Choices, choicesOf, readChoices, restoreChoices } from "../src/widget/compare/choices";
import { curveRuns } from "../src/widget/compare/chosen";
import { CurveFetcher, type CurveSource, MOST_CURVES } from "../src/widget/compare/curve-fetcher";
import { readCompared } from "../src/widget/compare/data";
import { differingParts } from "../src/widget/compare/difference-row";
import { CompareState } from "../src/widget/compare/state";
import type { CompareData, CompareView } from "../src/widget/compare-protocol";
import { askForRun, hearRun } from "../src/widget/marks";
import { toBinary } from "./exchange";
import { FakeKernel } from "./fake-kernel";

const DATA = read.reply.reply.data as CompareData;
const VIEW = { ...read.reply.reply.view, charts: ["parallel", "table"] } as CompareView;
const BUFFERS = toBinary(read.buffers);
const AXES = [{ column: "metrics.loss", scale: "log", isInverted: true, brush: { range: [0.1, 0.5] } }];

function make(): CompareState {
  const state = new CompareState(null);
  state.showSaved(DATA, BUFFERS, VIEW);
  return state;
}

describe("choices", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("are kept once for one movement, and come back as they were", () => {
    const state = make();
    const kept: Choices[] = [];
    const keeper = new ChoiceKeeper(state, (choices) => kept.push(choices));
    vi.runOnlyPendingTimers();
    expect(kept).toEqual([]);
    state.tab.value = "table";
    state.columns.value = new Set(["metrics.loss"]);
    state.baseline.value = 1;
    state.onlyDifferences.value = true;
    state.setOptions("parallel", { axes: AXES, colour: "metrics.loss" });
    state.shown.value = new Uint8Array([0, 1]);
    state.selected.value = new Uint8Array([0, 1]);
    vi.runOnlyPendingTimers();
    expect(kept).toHaveLength(1);
    keeper.stop();

    const other = make();
    const found = readChoices({ choices: JSON.parse(JSON.stringify(kept[0])) });
    restoreChoices(other, found as Choices);
    expect(choicesOf(other)).toEqual(choicesOf(state));
    expect(other.tab.value).toBe("table");
    expect([...(other.shown.value ?? [])]).toEqual([0, 1]);
    expect(other.options.value.parallel).toEqual({ axes: AXES, colour: "metrics.loss" });
  });

  it("are kept at once when the notebook is saved, and not when they only come from a notebook", () => {
    const state = make();
    const kept: Choices[] = [];
    const keeper = new ChoiceKeeper(state, (choices) => kept.push(choices));
    restoreChoices(state, { ...choicesOf(state), tab: "table", hidden: "10" });
    vi.runOnlyPendingTimers();
    keeper.flush();
    expect(kept).toEqual([]);
    state.tab.value = "parallel";
    keeper.flush();
    keeper.flush();
    vi.runOnlyPendingTimers();
    expect(kept.map(({ tab }) => tab)).toEqual(["parallel"]);
    keeper.stop();
  });

  it("that somebody else wrote are taken as far as they have the right form", () => {
    expect(readChoices(undefined)).toBeNull();
    expect(readChoices({ choices: "x" })).toBeNull();
    const options = {
      parallel: { axes: [{ column: 5 }], colour: { constructor: 1 }, height: "tall" },
      scatter: { x: "metrics.loss", yScale: "cubic", constructor: 1 },
      curves: { zoom: { x: [0, 1] }, smoothing: 0.5, across: "moon" },
      pie: { x: 1 },
    };
    const found = readChoices({
      choices: { tab: "pie", columns: 3, baseline: {}, options, hidden: "1x", selected: "" },
    });
    expect(found?.options).toEqual({
      parallel: { axes: null, colour: null },
      scatter: { x: "metrics.loss", y: null, colour: null },
      curves: { metric: null, across: "step", smoothing: 0.5, group: null },
    });
    expect(found).toMatchObject({ columns: null, baseline: null, hidden: null, selected: null, differences: false });
    const state = make();
    restoreChoices(state, found as Choices);
    expect(state.tab.value).toBe("parallel");
    expect(state.shown.value).toBeNull();
  });
});

describe("a comparison that finds its kernel", () => {
  it("keeps baseline, kept runs and selection by the runs' ids", () => {
    const state = make();
    state.baseline.value = 0;
    state.shown.value = new Uint8Array([1, 0]);
    state.selected.value = new Uint8Array([1, 0]);
    state.showSaved({ ...DATA, run_ids: [...DATA.run_ids].reverse() }, BUFFERS, VIEW);
    expect(state.baseline.value).toBe(1);
    expect([...(state.shown.value ?? [])]).toEqual([0, 1]);
    expect([...(state.selected.value ?? [])]).toEqual([0, 1]);
  });

  it("tells it what people selected before, once", async () => {
    vi.useFakeTimers();
    const [state, kernel] = [make(), new FakeKernel()];
    state.toggleSelected(0);
    await vi.runAllTimersAsync();
    state.attach(kernel);
    state.attach(null);
    state.attach(kernel);
    vi.useRealTimers();
    const selections = kernel.asked.filter(({ kind }) => kind === "compare.select");
    expect(selections.map(({ data }) => data)).toEqual([{ run_ids: [DATA.run_ids[0]] }]);
  });

  it("does not tell it what only came from a notebook", () => {
    const [state, kernel] = [make(), new FakeKernel()];
    state.quietly(() => {
      state.selected.value = new Uint8Array([1, 0]);
    });
    state.attach(kernel);
    expect(kernel.asked).toEqual([]);
  });

  it("leads to a run in a list on the page, or says that there is none", () => {
    const state = make();
    state.reveal("x");
    expect(state.notice.value?.text).toContain("no place on this page");
    const stop = hearRun((runId) => runId === "a");
    expect([askForRun("a"), askForRun("b")]).toEqual([true, false]);
    stop();
    expect(askForRun("a")).toBe(false);
  });
});

describe("curves", () => {
  it("are drawn of the runs that are shown and have the metric, of very many the selected first", () => {
    const state = make();
    const { frame } = readCompared(DATA, BUFFERS);
    const ids = Array.from({ length: MOST_CURVES + 100 }, (_, run) => String(run));
    const loss = frame.columns.find(({ id }) => id === "metrics.loss");
    const missing = Uint8Array.from(ids, (_, run) => (run === 0 ? 1 : 0));
    const columns = loss?.type === "number" ? [{ ...loss, missing }] : [];
    const many = { ...frame, runs: { ids, names: ids }, columns };
    state.compared.value = { frame: many, texts: new Map(), histories: ["loss"], total: ids.length, leftOut: [] };
    state.selected.value = Uint8Array.from(ids, (_, run) => (run === 590 ? 1 : 0));
    const { runs, all } = curveRuns(state, "loss");
    expect([runs.length, all, runs[0], runs[1]]).toEqual([MOST_CURVES, ids.length - 1, 590, 1]);
    state.shown.value = Uint8Array.from(ids, (_, run) => (run < 10 ? 1 : 0));
    expect(curveRuns(state, "loss")).toEqual({ runs: [1, 2, 3, 4, 5, 6, 7, 8, 9], all: 9 });
  });

  it("are fetched once each, and again where they did not come", async () => {
    const asked: number[][] = [];
    let answers = true;
    const ask = async (_: string, runs: readonly number[]) => {
      asked.push([...runs]);
      return answers ? { reply: { curves: [] }, buffers: [] } : null;
    };
    const fetcher = new CurveFetcher({ ask: ask as unknown as CurveSource["ask"], take: () => undefined });
    await Promise.all([fetcher.fetch("loss", [0, 1]), fetcher.fetch("loss", [1, 2])]);
    expect(asked).toEqual([[0, 1], [2]]);
    expect(fetcher.isFetching.value).toBe(false);
    answers = false;
    await fetcher.fetch("loss", [2, 3]);
    answers = true;
    await fetcher.fetch("loss", [2, 3]);
    expect(asked.slice(2)).toEqual([[3], [3]]);
  });
});

it("tells in which parts the code of two runs is not the same", () => {
  const { frame } = readCompared(DATA, BUFFERS);
  const text = (key: string, ...codes: number[]) => ({
    id: `attributes.${key}`,
    key,
    kind: "attribute" as const,
    type: "text" as const,
    codes: Int32Array.from(codes),
    texts: ["a", "b"],
  });
  const columns = [text("revision", 0, 1), text("commit", 0, 0), text("environment", 0, -1)];
  expect(differingParts({ frame: { ...frame, columns } }, 0, 1)).toEqual(["revision"]);
});
