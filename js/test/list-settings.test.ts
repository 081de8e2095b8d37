import { beforeEach, describe, expect, it } from "vitest";
import { cellOf, labelOf, readField, sortedBy } from "../src/widget/fields";
import {
  bothOf,
  filterOf,
  queryOf,
  readSettings,
  USUAL,
  withHistory,
  writeSettings,
} from "../src/widget/list-settings";
import { row, START } from "./fake-kernel";

describe("the filter", () => {
  it("is what was typed with what was chosen beside it, as search_runs takes it", () => {
    expect(filterOf(USUAL)).toBe("");
    expect(filterOf({ ...USUAL, filter: " a = 1 OR b = 2 " })).toBe("a = 1 OR b = 2");
    expect(filterOf({ ...USUAL, status: "FAILED", created: "7d", models: "with" })).toBe(
      "status = 'FAILED' AND created > -7d AND models > 0",
    );
    const both = { ...USUAL, filter: "metrics.a > 1 OR metrics.b > 2", models: "without" as const };
    expect(queryOf(both).filter).toBe("(metrics.a > 1 OR metrics.b > 2) AND models = 0");
    expect(bothOf(" a = 1 OR b = 2 ", "c = 3")).toBe("(a = 1 OR b = 2) AND c = 3");
    expect([bothOf("", "c = 3"), bothOf("a = 1", ""), bothOf(" ", "")]).toEqual(["c = 3", "a = 1", ""]);
  });

  it("is remembered once, the newest first", () => {
    expect(withHistory(["b", "a"], " a ")).toEqual(["a", "b"]);
    expect(withHistory(["b"], "  ")).toEqual(["b"]);
    expect(withHistory(Array.from({ length: 40 }, String), "new")).toHaveLength(30);
  });
});

describe("what people set", () => {
  beforeEach(() => localStorage.clear());

  it("is kept for each notebook", () => {
    const settings = {
      ...USUAL,
      filter: "x",
      density: "rows" as const,
      columns: ["metrics.a"],
      order: ["metrics.a DESC"],
    };
    writeSettings("one", settings);
    expect(readSettings("one")).toEqual(settings);
    expect(readSettings("two")).toEqual(USUAL);
  });

  it("is as usual where what was kept makes no sense", () => {
    const strange = { filter: 7, density: "huge", columns: [1], state: "deleted", order: null, other: true };
    localStorage.setItem("trackside.list:one", JSON.stringify(strange));
    expect(readSettings("one")).toEqual({ ...USUAL, state: "deleted" });
    localStorage.setItem("trackside.list:one", "{");
    expect(readSettings("one")).toEqual(USUAL);
  });
});

describe("a field", () => {
  it("is read as filters name it", () => {
    expect(readField("params.`my key`")).toEqual({ kind: "params", key: "my key" });
    expect(readField("metrics.val/acc")).toEqual({ kind: "metrics", key: "val/acc" });
    expect(["start_time", "tags.`a.b`", "nonsense"].map(labelOf)).toEqual(["Started", "a.b", "nonsense"]);
  });

  it("has what the run has, or nothing", () => {
    const run = {
      row: row({ params: [{ key: "lr", value: { text: "0.0003", cut: false } }], end_time: START + 1500 }),
      metrics: [{ key: "loss", value: 0.123456789 }],
    };
    const texts = ["metrics.loss", "params.lr", "tags.none", "duration", "user_id"].map(
      (field) => cellOf(run, field, START)?.text,
    );
    expect(texts).toEqual(["0.1235", "0.0003", undefined, "1.5 s", "ada"]);
  });
});

describe("clicks on a column's head", () => {
  it("sort by it, then the other way round, then not", () => {
    const [once, twice] = [sortedBy([], "metrics.a"), sortedBy(["metrics.a DESC"], "metrics.a")];
    expect([once, twice, sortedBy(twice, "metrics.a")]).toEqual([["metrics.a DESC"], ["metrics.a ASC"], []]);
    expect(sortedBy([], "params.lr")).toEqual(["params.lr ASC"]);
  });

  it("keep the other steps where people hold Shift", () => {
    expect(sortedBy(["params.lr ASC"], "metrics.a", true)).toEqual(["params.lr ASC", "metrics.a DESC"]);
    expect(sortedBy(["params.lr ASC", "metrics.a DESC"], "metrics.a", true)).toEqual([
      "params.lr ASC",
      "metrics.a ASC",
    ]);
    expect(sortedBy(["params.lr ASC"], "metrics.a")).toEqual(["metrics.a DESC"]);
  });
});
