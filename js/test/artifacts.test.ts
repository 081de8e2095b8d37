/** Files of a run: how each is shown, and how it is downloaded. */

import { afterEach, expect, it, vi } from "vitest";
import { downloadArtifact, type Progress } from "../src/widget/download";
import { isShowable, previewKind, readable } from "../src/widget/panels/preview";
import { RunState } from "../src/widget/run-state";
import { bytes } from "./fake-kernel";
import { RunKernel } from "./run-examples";

afterEach(() => vi.useRealTimers());

it.each([
  ["a.PNG", "image"],
  ["plots/a.svg", "image"],
  ["report.html", "html"],
  ["conf.json", "json"],
  ["t.csv", "table"],
  ["t.parquet", "table"],
  ["nb.ipynb", "notebook"],
  ["model/MLmodel", "text"],
  ["log.txt", "text"],
  ["model.pkl", null],
  ["constructor", null],
  ["a.toString", null],
  ["", null],
])("a file named %s is shown as %s", (name, kind) => {
  expect(previewKind(name)).toBe(kind);
});

it("what is too large is not loaded to show it", () => {
  expect(isShowable("table", 2_000_000_000)).toBe(false);
  expect(isShowable("text", 2_000_001)).toBe(false);
  expect(isShowable("text", 1000)).toBe(true);
  expect(isShowable("image", null)).toBe(true);
});

it("JSON gets lines, and what is something else stays as it is", () => {
  expect(readable('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}');
  expect(readable('{"a":')).toBe('{"a":');
});

/** A kernel that has these bytes after some questions. */
function serving(content: number[], waits = 0): { kernel: RunKernel; state: RunState } {
  const kernel = new RunKernel();
  let asked = 0;
  kernel.answers["artifact.chunk"] = ({ offset }) => {
    asked += 1;
    const isThere = asked > waits;
    const part = isThere ? content.slice(offset, offset + 2) : [];
    return { reply: { content: 0, size: isThere ? content.length : null }, buffers: [bytes(...part)] };
  };
  return { kernel, state: new RunState(kernel, "later") };
}

it("a file is put together from its chunks, and how far it is is told", async () => {
  const { state } = serving([1, 2, 3, 4, 5]);
  const told: Progress[] = [];
  const parts = await downloadArtifact(state, { run_id: "r", path: "p" }, (now) => told.push(now), never());
  expect([...new Uint8Array(await new Blob(parts ?? []).arrayBuffer())]).toEqual([1, 2, 3, 4, 5]);
  expect(told.map(({ done }) => done)).toEqual([2, 4, 5]);
});

it("a file that is on its way to the kernel is waited for, and an empty one comes", async () => {
  vi.useFakeTimers();
  const { kernel, state } = serving([], 2);
  const done = downloadArtifact(state, { run_id: "r", path: "p" }, () => undefined, never());
  await vi.advanceTimersByTimeAsync(1000);
  expect((await done)?.length).toBe(3);
  expect(kernel.dataOf("artifact.chunk").length).toBe(3);
});

it("a download that was stopped asks for nothing more", async () => {
  const { kernel, state } = serving([1, 2, 3, 4, 5]);
  const stop = new AbortController();
  const done = downloadArtifact(state, { run_id: "r", path: "p" }, () => stop.abort(), stop.signal);
  expect(await done).toBeNull();
  expect(kernel.dataOf("artifact.chunk").length).toBe(2);
});

const never = () => new AbortController().signal;
