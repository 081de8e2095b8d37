/** Small curves in the list: when they are asked for, and where they are drawn. */

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { RunStatus } from "../src/widget/protocol";
import { bytes, FakeKernel, floats, row, snapshot } from "./fake-kernel";
import { type Screen, settle, show } from "./screen";

let screen: Screen;
let kernel: FakeKernel;
const LEFT: string[] = [];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  LEFT.length = 0;
  kernel = new FakeKernel({
    "runs.watch": () => listed([0.5, 1]),
    "curves.read": ({ run_ids }) => ({
      reply: {
        left: [...LEFT],
        curves: run_ids.filter((runId) => !LEFT.includes(runId)).map((run_id) => ({ run_id, key: "loss", points: 2 })),
        steps: 0,
        values: 1,
      },
      buffers: [floats(...run_ids.flatMap(() => [0, 1])), floats(...run_ids.flatMap(() => [2, 1]))],
    }),
  });
});

afterEach(() => {
  screen.close();
  vi.useRealTimers();
});

function listed(losses: number[], status: RunStatus = "FINISHED") {
  const rows = losses.map((_, index) => row({ run_id: `r${index}`, name: `run ${index}`, status }));
  const metrics = { keys: ["loss"], values: 0, present: 1 };
  const reply = snapshot(rows, { metrics, columns: ["metrics.loss", "params.depth"] });
  return { reply, buffers: [floats(...losses), bytes(...losses.map(() => 1))] };
}

async function wait(): Promise<void> {
  await vi.advanceTimersByTimeAsync(200);
  await settle();
}

const asked = () => kernel.dataOf("curves.read").map(({ run_ids }) => run_ids);

it("are asked for once, for the metrics that the columns show, and drawn beside the values", async () => {
  screen = await show(kernel);
  await wait();
  expect(kernel.dataOf("curves.read")).toEqual([{ run_ids: ["r0", "r1"], keys: ["loss"] }]);
  expect(screen.all(".ts-chip .ts-spark")).toHaveLength(2);
  expect(screen.find(".ts-spark path").getAttribute("d")).toMatch(/^M2 2L34 12$/);
  await wait();
  expect(asked()).toHaveLength(1);
});

it("are asked for again for runs whose values moved, and for those there was no time for", async () => {
  LEFT.push("r1");
  screen = await show(kernel);
  await wait();
  expect(screen.all(".ts-spark")).toHaveLength(1);
  LEFT.length = 0;
  await wait();
  expect(asked()).toEqual([["r0", "r1"], ["r1"]]);
  const { reply, buffers } = listed([0.25, 1]);
  kernel.push(reply, buffers);
  await wait();
  expect(asked().at(-1)).toEqual(["r0"]);
});

it("are left out where the kernel cannot read them, and wanted again when the list changes", async () => {
  const answer = kernel.answers["curves.read"];
  kernel.answers["curves.read"] = () => ({ fault: { code: "StoreUnreachable", message: "away", hint: "" } });
  screen = await show(kernel);
  await wait();
  expect(screen.all(".ts-spark, .ts-notice")).toHaveLength(0);
  if (answer) kernel.answers["curves.read"] = answer;
  const { reply, buffers } = listed([0.5, 1]);
  kernel.push(reply, buffers);
  await wait();
  expect(screen.all(".ts-spark")).toHaveLength(2);
});
