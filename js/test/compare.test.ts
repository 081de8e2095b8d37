/** The comparison of runs: what a kernel sends or a notebook keeps, as people see it. */

import { deflateSync } from "node:zlib";
import { afterEach, describe, expect, it, vi } from "vitest";
import changed from "../../tests/protocol/compare/compare.changed.json";
import curves from "../../tests/protocol/compare/compare.curves.json";
import opened from "../../tests/protocol/compare/compare.open.json";
import read from "../../tests/protocol/compare/compare.read.json";
import select from "../../tests/protocol/compare/compare.select.json";
import type { Model } from "../src/widget/bridge";
import { mainMetric } from "../src/widget/charts/main-metric";
import { chosenColumns, frameOf } from "../src/widget/compare/chosen";
import { readCompared } from "../src/widget/compare/data";
import { toCsv } from "../src/widget/compare/files";
import { mountComparison } from "../src/widget/compare/mount";
import { readSaved, unpack } from "../src/widget/compare/saved";
import { CompareState } from "../src/widget/compare/state";
import { tableGroups } from "../src/widget/compare/table-rows";
import { compareSource } from "../src/widget/compare-action";
import type { CompareData, ComparePush, CompareRequests, CompareView } from "../src/widget/compare-protocol";
import { hearMarked } from "../src/widget/marks";
import { type Loose, toBinary } from "./exchange";
import { settle, type } from "./screen";

const held: {
  [K in keyof CompareRequests]: Loose<{ data: CompareRequests[K]["data"]; reply: CompareRequests[K]["reply"] }>;
} = {
  "compare.read": { data: read.request.data, reply: read.reply.reply },
  "compare.curves": { data: curves.request.data, reply: curves.reply.reply },
  "compare.select": { data: select.request.data, reply: select.reply.reply },
  "compare.open": { data: opened.request.data, reply: opened.reply.reply },
};
const pushed: Loose<ComparePush> = changed.push;

const DATA = read.reply.reply.data as CompareData;
const VIEW = { ...read.reply.reply.view, charts: ["table"] } as CompareView;
const BUFFERS = toBinary(read.buffers);

let end: (() => void) | undefined;
afterEach(() => end?.());

async function showSaved(view: CompareView = VIEW) {
  const state = new CompareState(null);
  state.showSaved(DATA, BUFFERS, view);
  const element = document.createElement("div");
  document.body.append(element);
  const remove = mountComparison(state, element);
  end = () => {
    remove();
    element.remove();
  };
  await settle();
  const rows = () => [...element.querySelectorAll("tbody tr:not(.ts-compare-group)")].map((row) => row.textContent);
  return { state, element, rows };
}

describe("a comparison", () => {
  it("speaks as the examples do", () => {
    expect(Object.keys(held)).toHaveLength(4);
    expect(pushed.data.selected).toEqual(select.request.data.run_ids);
  });

  it("shows what was asked for in that order, the first metric as the main one", () => {
    const { frame } = readCompared(DATA, BUFFERS);
    const [first, second] = frame.columns.filter(({ kind }) => kind === "metric").map(({ key }) => key) as [
      string,
      string,
    ];
    const view = { ...VIEW, metrics: [second, first] };
    const chosen = frameOf(frame, chosenColumns(frame, view, null), view);
    expect(chosen.columns.filter(({ kind }) => kind === "metric").map(({ key }) => key)).toEqual([second, first]);
    expect(mainMetric(chosen)?.key).toBe(second);
  });

  it("reads columns: numbers, texts, and what is missing", () => {
    const { frame } = readCompared(DATA, BUFFERS);
    const column = (id: string) => frame.columns.find((one) => one.id === id);
    expect(frame.runs.names).toEqual(["sweep <b>1</b>", "depth 3 🌲"]);
    expect(column("metrics.loss")).toMatchObject({ type: "number", missing: null, direction: "smaller" });
    expect(column("metrics.gain")).toMatchObject({ missing: new Uint8Array([0, 1]) });
    expect(column("params.depth")).toMatchObject({ type: "number", missing: new Uint8Array([1, 0]) });
    expect(column("params.search")).toMatchObject({ type: "text", codes: new Int32Array([0, -1]) });
  });

  it("shows runs side by side without a kernel, markup as text", async () => {
    const { element, rows } = await showSaved();
    expect([...element.querySelectorAll("thead th bdi")].map((name) => name.textContent)).toEqual([
      "sweep <b>1</b>",
      "depth 3 🌲",
    ]);
    expect(element.querySelector("b")).toBeNull();
    expect(rows().some((row) => row?.startsWith("loss0.25best0.5"))).toBe(true);
    await type(element.querySelector<HTMLInputElement>("input[type=search]") as HTMLInputElement, "GAI");
    expect(rows()).toHaveLength(1);
  });

  it("measures by a baseline, and knows that a smaller loss is better", () => {
    const compared = readCompared(DATA, BUFFERS);
    const options = { runs: [0, 1], baseline: 1, onlyDifferences: true, search: "loss" };
    const [group] = tableGroups(compared, options);
    expect(group?.group).toBe("metrics");
    expect(group?.rows[0]?.cells.map(({ verdict, change }) => [verdict, change])).toEqual([
      ["better", -0.5],
      ["neutral", null],
    ]);
  });

  it("says how runs ended as the list does", () => {
    const compared = readCompared(DATA, BUFFERS);
    const options = { runs: [0], baseline: null, onlyDifferences: false, search: "status" };
    const [group] = tableGroups(compared, options);
    expect(group?.rows[0]?.cells.map(({ text, exact }) => [text, exact])).toEqual([["Failed", "FAILED"]]);
  });

  it("tells the page what is selected, and marks runs that are gone", async () => {
    const { state, element } = await showSaved();
    let marked: ReadonlySet<string> = new Set();
    const stop = hearMarked((ids) => {
      marked = ids;
    });
    state.toggleSelected(1);
    stop();
    state.gone.value = new Set([DATA.run_ids[0] ?? ""]);
    await settle();
    expect([...marked]).toEqual([DATA.run_ids[1]]);
    expect(element.querySelectorAll("thead th")).toHaveLength(1);
    state.select(null);
    await settle();
    expect(element.querySelector("th[data-gone=true]")?.textContent).toContain("deleted since");
    expect(element.querySelector(".ts-compare-notes")?.textContent).toContain("1 run was deleted since.");
  });

  it("says what a notebook does not keep", async () => {
    const { element, state } = await showSaved();
    state.showSaved({ ...DATA, total: 9000, left_out: ["params.text"] }, BUFFERS, VIEW);
    await settle();
    const notes = element.querySelector(".ts-compare-notes")?.textContent;
    expect(notes).toContain("keeps 2 of 9,000 runs");
    expect(notes).toContain("params.text");
  });

  it("is written as CSV with everything that was logged", () => {
    const text = toCsv(readCompared(DATA, BUFFERS), [0]);
    expect(text).toMatch(/^run_id,attributes.name/);
    expect(text).toContain("sweep <b>1</b>");
    expect(text).toContain('"First with the *new* split.\n');
    expect(text).toMatch(/,inf,0.25,/);
  });

  it("is written as CSV that no spreadsheet computes with", () => {
    const compared = readCompared(DATA, BUFFERS);
    const ids = ["=1+1", " @SUM(A1)", "-1+cmd|x", "-0.5", "-1e-7", "a=b"];
    const frame = { ...compared.frame, runs: { ...compared.frame.runs, ids }, columns: [] };
    const text = toCsv({ ...compared, frame }, [0, 1, 2, 3, 4, 5]);
    expect(text.split("\n").slice(1, -1)).toEqual(["'=1+1", "' @SUM(A1)", "'-1+cmd|x", "-0.5", "-1e-7", "a=b"]);
  });

  it("is inserted as code that names its runs", () => {
    expect(compareSource(["a", "b"])).toBe('import trackside\n\ntrackside.compare([\n    "a",\n    "b",\n])');
  });
});

describe("what a notebook keeps", () => {
  const pack = (text: string, body: number[]) => {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(text.length);
    const start = Buffer.concat([head, Buffer.from(text)]);
    const padded = Buffer.concat([start, Buffer.alloc((8 - (start.length % 8)) % 8), Buffer.from(body)]);
    return deflateSync(padded).toString("base64");
  };
  const saved = (content: string) => ({ version: 1, comparison: "c", runs: 1, total: 1, view: VIEW, content });

  it("is unpacked with its columns", async () => {
    const content = pack(
      JSON.stringify({
        data: { run_ids: ["a"] },
        buffers: [
          [0, 2],
          [8, 1],
        ],
      }),
      [1, 2, 0, 0, 0, 0, 0, 0, 3],
    );
    const found = readSaved(saved(content));
    expect(found).not.toBeNull();
    const { data, buffers } = await unpack(found as NonNullable<typeof found>);
    expect(data.run_ids).toEqual(["a"]);
    expect(buffers.map((buffer) => [...new Uint8Array(buffer)])).toEqual([[1, 2], [3]]);
  });

  it("is refused where it is damaged, and told apart where it is newer", async () => {
    expect(readSaved(null)).toBeNull();
    expect(readSaved({ version: 1 })).toBeNull();
    expect(readSaved({ version: 9 })?.version).toBe(9);
    await expect(unpack(saved("AAAA"))).rejects.toThrow();
  });
});

describe("a comparison of runs that go on", () => {
  it("is read again when the kernel says that they are further, and keeps what was chosen", async () => {
    const { state } = await showSaved();
    const asked: string[] = [];
    let receive: Parameters<Model["on"]>[1] | undefined;
    state.attach({
      send: (content) => {
        const { id, kind } = content as { id: string; kind: string };
        asked.push(kind);
        if (kind !== "compare.read") return;
        const reply = { ...read.reply.reply, view: VIEW, selected: pushed.data.selected };
        receive?.({ id, reply }, BUFFERS);
      },
      on: (_name, callback) => {
        receive = callback;
      },
      off: () => undefined,
    });
    state.toggleSelected(1);
    const before = state.frame;
    vi.useFakeTimers();
    const push = (round: number) => receive?.({ ...pushed, data: { ...pushed.data, round } }, []);
    push(0);
    push(1);
    push(2);
    await vi.advanceTimersByTimeAsync(1000);
    vi.useRealTimers();
    expect(asked.filter((kind) => kind === "compare.read")).toHaveLength(1);
    expect(state.frame).not.toBe(before);
    expect(state.selected.value?.[1]).toBe(1);
  });

  it("says in a notebook without a kernel what opens differences", async () => {
    const { element, rows } = await showSaved();
    expect(rows().join("\n")).toContain("To open differences and packages, run this cell again");
    expect(element.querySelector<HTMLElement>("thead .ts-link")?.title).toContain("run this cell again");
  });
});
