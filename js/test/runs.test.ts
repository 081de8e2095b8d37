import { describe, expect, it } from "vitest";
import { lineOf, readSnapshot, runAt } from "../src/widget/runs";
import { bytes, detail, floats, row, snapshot } from "./fake-kernel";

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

  it("knows the lines of what it has, and of unfolded runs that are out of sight", () => {
    const list = readSnapshot(
      snapshot(rows, { offset: 40, lines: 90, details: [{ ...detail, run_id: "far" }], open_lines: [80] }),
      [floats(), bytes()],
      null,
    );
    expect(runAt(list, 41)?.row.run_id).toBe("r2");
    expect(runAt(list, 39)).toBeUndefined();
    expect(["r1", "far", "none"].map((id) => lineOf(list, id))).toEqual([40, 80, null]);
  });
});
