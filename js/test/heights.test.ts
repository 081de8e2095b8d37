import { describe, expect, it } from "vitest";
import { Heights, heightOf } from "../src/widget/heights";
import { Layout } from "../src/widget/layout";
import { readSnapshot } from "../src/widget/runs";
import { bytes, floats, row, snapshot } from "./fake-kernel";

const value = { text: "1", cut: false };
const FULL = { params: [{ key: "rate", value }] };
const EMPTY = { params: [] };

/** A window of the list; metrics: which of its runs have one. */
function list(
  offset: number,
  lines: number,
  runs: readonly (typeof FULL | typeof EMPTY)[],
  metrics: readonly number[],
) {
  const rows = runs.map((run, line) => row({ run_id: `r${offset + line}`, tags: [], ...run }));
  const columns = { keys: ["loss"], values: 0, present: 1 };
  return readSnapshot(
    snapshot(rows, { offset, lines, metrics: columns }),
    [floats(...metrics), bytes(...metrics)],
    null,
  );
}

describe("a folded card", () => {
  it("is no higher than what it shows", () => {
    const { runs } = list(0, 4, [FULL, FULL, EMPTY, EMPTY], [1, 0, 1, 0]);
    expect(runs.map((run) => heightOf(run, "card"))).toEqual([96, 74, 74, 50]);
    expect(runs.map((run) => heightOf(run, "row"))).toEqual([28, 28, 28, 28]);
  });

  it("needs no room for a note, which stands beside the times", () => {
    const [run] = list(0, 1, [EMPTY], [0]).runs;
    if (run === undefined) throw new Error("no run");
    const note = { key: "mlflow.note.content", value };
    expect(heightOf({ ...run, row: { ...run.row, tags: [note] } }, "card")).toBe(50);
    expect(heightOf({ ...run, row: { ...run.row, tags: [{ key: "team", value }] } }, "card")).toBe(74);
  });
});

describe("the heights of a list", () => {
  it("are those of the most for lines that were not sent, and do not change while it is scrolled", () => {
    const heights = new Heights("card");
    const first = heights.learn(list(0, 100, [EMPTY, FULL, FULL], [0, 1, 1]));
    expect([first.usual, [...first.extras]]).toEqual([96, [[0, -46]]]);
    const next = heights.learn(list(50, 100, [EMPTY, EMPTY, FULL], [1, 0, 1]));
    expect(next.usual).toBe(96);
    expect(new Map(next.extras)).toEqual(
      new Map([
        [0, -46],
        [50, -22],
        [51, -46],
      ]),
    );
    const layout = new Layout(100, next.usual, next.extras);
    expect(layout.total).toBe(100 * 96 - 46 - 22 - 46);
    for (let line = 0; line < 60; line += 1) expect(layout.lineAt(layout.top(line))).toBe(line);
  });

  it("are learnt anew when the list is another one", () => {
    const heights = new Heights("card");
    heights.learn(list(0, 100, [EMPTY], [0]));
    const { usual, extras } = heights.learn(list(0, 99, [FULL, FULL], [1, 1]));
    expect([usual, extras.size]).toEqual([96, 0]);
  });
});
