/** What the panel asks for while an answer is under way. */

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { PanelState } from "../src/widget/state";
import { bytes, FakeKernel, floats, row, snapshot } from "./fake-kernel";

let kernel: FakeKernel;
let state: PanelState;

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  kernel = new FakeKernel();
  state = new PanelState(kernel);
});

afterEach(() => {
  state.close();
  vi.useRealTimers();
});

const watches = () => kernel.asked.filter(({ kind }) => kind === "runs.watch");
const filters = () => kernel.dataOf("runs.watch").map(({ query }) => query.filter);

async function answer(index: number, name: string): Promise<void> {
  const reply = snapshot([row({ name })]);
  kernel.say(watches()[index]?.id ?? "", { reply, buffers: [floats(), bytes()] });
  await vi.advanceTimersByTimeAsync(0);
}

it("of what changes while the kernel waits for its store, only the last is asked for", async () => {
  void state.watch();
  kernel.deliver({ id: watches()[0]?.id, begun: true });
  await vi.advanceTimersByTimeAsync(1000);
  for (const filter of ["a = 1", "a = 12", "a = 123"]) state.configure({ filter });
  expect(filters()).toEqual([""]);
  await answer(0, "early");
  expect(filters()).toEqual(["", "a = 123"]);
  expect(state.isRefreshing.value).toBe(true);
  await answer(1, "late");
  expect(state.list.value?.runs.map((run) => run.row.name)).toEqual(["late"]);
  expect(state.isRefreshing.value).toBe(false);
});

it("a kernel that has not said that it is at work is asked again: the request may have been lost", async () => {
  void state.watch();
  await vi.advanceTimersByTimeAsync(5000);
  state.refresh();
  expect(watches()).toHaveLength(2);
  await answer(1, "there");
  expect(state.list.value?.runs.map((run) => run.row.name)).toEqual(["there"]);
});
