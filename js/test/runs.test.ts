import { describe, expect, it } from "vitest";
import { type ListedRun, placeRuns, readSnapshot } from "../src/widget/runs";
import { bytes, floats, row, snapshot } from "./fake-kernel";

const listed = (run_id: string, parent_run_id: string | null = null): ListedRun => ({
  row: row({ run_id, parent_run_id }),
  metrics: [],
});
const order = (runs: ListedRun[], folded: string[] = []) =>
  placeRuns(runs, new Set(folded)).map(({ run, isChild, children }) => [run.row.run_id, isChild, children]);

describe("nested runs", () => {
  it("stand below their parent, which knows how many they are", () => {
    expect(order([listed("c2", "p"), listed("x"), listed("c1", "p"), listed("p")])).toEqual([
      ["x", false, 0],
      ["p", false, 2],
      ["c2", true, 0],
      ["c1", true, 0],
    ]);
  });

  it("are left out while the parent is folded", () => {
    expect(order([listed("c", "p"), listed("p")], ["p"])).toEqual([["p", false, 1]]);
  });

  it("stand for themselves where the parent is not listed", () => {
    expect(order([listed("c", "elsewhere")])).toEqual([["c", false, 0]]);
  });

  it("of children stand below the topmost parent", () => {
    expect(order([listed("g", "c"), listed("c", "p"), listed("p")]).map(([id]) => id)).toEqual(["p", "g", "c"]);
  });

  it("that go round in a circle are all shown", () => {
    expect(order([listed("a", "b"), listed("b", "a"), listed("self", "self")]).map(([id]) => id)).toHaveLength(3);
  });
});

describe("a snapshot", () => {
  const rows = [row({ run_id: "r1" }), row({ run_id: "r2" })];
  const metrics = { keys: ["loss", "gain"], values: 0, present: 1 };
  const buffers = (loss: number) => [floats(loss, 0, 3, Number.NaN), bytes(1, 0, 1, 1)];

  it("joins metrics to their runs, column by column, from buffers that start anywhere", () => {
    const { runs } = readSnapshot(snapshot(rows, { metrics }), buffers(1), null);
    expect(runs.map((run) => run.metrics)).toEqual([
      [
        { key: "loss", value: 1 },
        { key: "gain", value: 3 },
      ],
      [{ key: "gain", value: Number.NaN }],
    ]);
  });

  it("keeps the objects of runs that did not change", () => {
    const before = readSnapshot(snapshot(rows, { metrics }), buffers(1), null);
    const after = readSnapshot(snapshot(structuredClone(rows), { metrics }), buffers(2), before);
    expect(after.runs[0]).not.toBe(before.runs[0]);
    expect(after.runs[1]).toBe(before.runs[1]);
  });
});
