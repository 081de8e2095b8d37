/** What the panel keeps of what the kernel sends: the list as it is now, however often it was sent. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, expect, it } from "vitest";
import type { RunsSnapshot } from "../src/widget/protocol";
import { bytes, detail, FakeKernel, floats, row, snapshot } from "./fake-kernel";
import { click, type Screen, settle, show } from "./screen";

const PUSHES = 12;
/** The one that is shown, and the one that a library may compare it with. */
const KEPT = 2;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

let screen: Screen;

afterEach(() => screen.close());

/** Two runs that go on, the first unfolded: two metrics each, and the curve of one. */
function listed(loss: number) {
  const metric = { key: "loss", step: 2, timestamp: 0, points: 3, curve: { steps: 2, values: 3 } };
  const rows = ["r1", "r2"].map((run_id) => row({ run_id, status: "RUNNING", end_time: null }));
  const reply = snapshot(rows, {
    metrics: { keys: ["loss", "error"], values: 0, present: 1 },
    columns: ["metrics.loss"],
    open_lines: [0],
    details: [{ ...detail, metrics: [metric], metric_values: 4 }],
  });
  const buffers = [floats(loss, loss, 1, 1), bytes(1, 1, 1, 1), floats(0, 1, 2), floats(3, 2, loss), floats(loss)];
  return { reply, buffers };
}

const answerCurves = () => ({ reply: { left: [], curves: [], steps: 0, values: 1 }, buffers: [floats(), floats()] });

/** Pushes values that differ from all before; what was pushed is held weakly only. */
function push(kernel: FakeKernel, loss: number): [WeakRef<RunsSnapshot>, ...WeakRef<ArrayBufferLike>[]] {
  const { reply, buffers } = listed(loss);
  kernel.push(reply, buffers);
  return [new WeakRef(reply), ...buffers.map(({ buffer }) => new WeakRef(buffer))];
}

it("lets go of what was pushed before", async () => {
  const kernel = new FakeKernel({ "runs.watch": () => listed(1), "curves.read": answerCurves });
  screen = await show(kernel);
  await click(screen.find(".ts-run-toggle"));
  const pushed: ReturnType<typeof push>[] = [];
  for (let count = 1; count <= PUSHES; count++) {
    pushed.push(push(kernel, 1 / (count + 1)));
    await settle();
  }
  expect(screen.text(".ts-metric-value")).toBe("0.07692");
  collectGarbage();
  await settle();
  collectGarbage();
  const alive = pushed.filter((parts) => parts.some((part) => part.deref() !== undefined));
  expect(alive.length).toBeLessThanOrEqual(KEPT);
});
