/** Small curves of more runs than the page keeps. */

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ListCurves } from "../src/widget/list-curves";
import type { ListedRun } from "../src/widget/runs";
import { floats, row } from "./fake-kernel";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const SCREEN = 60;
const screenOf = (first: number): ListedRun[] =>
  Array.from({ length: SCREEN }, (_, index) => ({ row: row({ run_id: `r${first + index}` }), metrics: [] }));

it("are there again when people scroll back to runs whose curves had to make room", async () => {
  const asked: string[][] = [];
  const curves = new ListCurves(async ({ run_ids }) => {
    asked.push(run_ids);
    const found = run_ids.map((run_id) => ({ run_id, key: "loss", points: 2 }));
    const column = floats(...run_ids.flatMap(() => [0, 1]));
    return { reply: { left: [], curves: found, steps: 0, values: 1 }, buffers: [column, column] };
  });
  const show = async (first: number) => {
    curves.want(screenOf(first), ["loss"]);
    await vi.advanceTimersByTimeAsync(400);
    expect(screenOf(first).filter(({ row }) => curves.find(row.run_id, "loss") === undefined)).toEqual([]);
  };
  for (let first = 0; first < 2500; first += SCREEN) await show(first);
  await show(2400);
  expect(asked, "what was seen just now is kept").toHaveLength(Math.ceil(2500 / SCREEN));
  await show(0);
  curves.close();
});
