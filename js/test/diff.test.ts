/** A difference as people read it, and the ways that lead to it; messages are those of `tests/protocol/diff`. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import cells from "../../tests/protocol/diff/diff.cells.json";
import choices from "../../tests/protocol/diff/diff.choices.json";
import open from "../../tests/protocol/diff/diff.open.json";
import read from "../../tests/protocol/diff/diff.read.json";
import stale from "../../tests/protocol/diff/diff.stale.json";
import type { CellDiff, Difference } from "../src/widget/diff-protocol";
import { HOST_EVENT, type HostDetail, type HostRequest } from "../src/widget/host";
import { stretches } from "../src/widget/panels/diff/cells";
import { inParts } from "../src/widget/panels/diff/lines";
import type { Exchange } from "./exchange";
import { bytes, floats } from "./fake-kernel";
import { RunKernel } from "./run-examples";
import { click, press, type Screen, settle, show } from "./screen";

const EXAMPLES = {
  cells: cells satisfies Exchange<"diff.cells">,
  read: read satisfies Exchange<"diff.read">,
  open: open satisfies Exchange<"diff.open">,
  choices: choices satisfies Exchange<"diff.choices">,
};

class DiffKernel extends RunKernel {
  constructor(view: "diff" | "run", change: (difference: Difference) => void = () => undefined) {
    super();
    Object.assign(this.traits, { view, before: "parent", after: "later" });
    const { difference } = structuredClone(EXAMPLES.read.reply.reply) as unknown as { difference: Difference };
    change(difference);
    const buffers = [floats(0, Number.POSITIVE_INFINITY, 0.25), floats(0.5, 0, 0.125), bytes(2, 1, 3)];
    this.answers["diff.read"] = () => ({ reply: { difference }, buffers });
    this.answers["diff.cells"] = () => ({ reply: EXAMPLES.cells.reply.reply });
    this.answers["diff.open"] = () => ({ reply: EXAMPLES.open.reply.reply });
    this.answers["diff.choices"] = () => ({ reply: EXAMPLES.choices.reply.reply as never });
  }
}

let screen: Screen | undefined;

beforeEach(() => localStorage.clear());
afterEach(() => screen?.close());

const line = (kind: CellDiff["lines"][number]["kind"]) => ({ kind, before: ["a"], after: ["a"] });
const same = (after: number): CellDiff => ({
  kind: "same",
  moved: false,
  before: after,
  after,
  cell_type: "code",
  source: `x = ${after}`,
  changed: [],
  lines: [],
  cut: false,
});

it("every example is held to here", () => {
  const files = readdirSync(join(import.meta.dirname, "../../tests/protocol/diff"));
  expect(files.sort()).toEqual([...Object.keys(EXAMPLES), "stale"].map((name) => `diff.${name}.json`).sort());
});

it("shows numbers, params, environment and cells; nothing in it is markup", async () => {
  screen = await show(new DiffKernel("diff"));
  expect(screen.text(".ts-diff-title")).toBe("sweep <b>1</b> → third <i>run</i>");
  expect(screen.all(".ts-change").map((found) => found.textContent)).toContain("loss0.25→0.125▼ −50%better");
  expect(screen.text(".ts-diff-counts")).toBe("Cells1 changed1 added");
  const [added, changed] = screen.all(".ts-diff-cell");
  expect(added?.textContent).toBe("+Cell 1codeadded+fit()");
  expect(changed?.textContent).toContain("+and <b>more</b> of it");
  expect(screen.element.querySelector("b, i")).toBeNull();
});

it("folds what is unchanged, cells and lines, and shows it when asked", async () => {
  const kernel = new DiffKernel("diff", (difference) => {
    const changed = difference.cells?.[1] as CellDiff;
    changed.lines = [...Array.from({ length: 9 }, () => line("same")), line("changed")];
    difference.cells = [same(1), same(2), changed, { ...same(4), moved: true, before: 7 }];
  });
  screen = await show(kernel);
  expect(screen.text(".ts-diff-counts")).toBe("Cells1 changed1 moved2 unchanged cells");
  expect(screen.all(".ts-diff-cell").length).toBe(2);
  expect(screen.all(".ts-diff-cell")[1]?.textContent).toBe("↕Cell 4codemoved from 7x = 4");
  expect(screen.all(".ts-diff-line").length).toBe(4);
  await click(screen.named("⋯ 6 unchanged lines"));
  expect(screen.all(".ts-diff-line").length).toBe(10);
  await click(screen.named("2 unchanged cells"));
  expect(screen.all(".ts-diff-cell").length).toBe(4);
});

it("shows code in the order in which it runs, whatever is in it", async () => {
  const kernel = new DiffKernel("diff", (difference) => {
    const cell = difference.cells?.[0];
    if (cell) Object.assign(cell, { source: "if admin: \u202e # txt.exe" });
  });
  screen = await show(kernel);
  expect(screen.text(".ts-diff-cell code")).toBe("if admin: \\u202e # txt.exe");
});

it("goes from change to change by key", async () => {
  screen = await show(new DiffKernel("diff"));
  const body = screen.find(".ts-diff");
  for (const [key, position] of [
    ["n", 0],
    ["n", 1],
    ["n", 1],
    ["p", 0],
  ] as const) {
    await press(document.activeElement instanceof HTMLElement ? document.activeElement : body, key);
    expect(screen.all(".ts-diff-cell").indexOf(document.activeElement as HTMLElement)).toBe(position);
  }
});

it("swaps its sides, and says why there are no cells", async () => {
  const kernel = new DiffKernel("diff", (difference) => {
    Object.assign(difference, { cells: null, missing: "No notebook revision was kept." });
  });
  screen = await show(kernel);
  expect(screen.text(".ts-diff-body")).toContain("No notebook revision was kept.");
  await click(screen.named("Swap the two sides"));
  expect(kernel.dataOf("diff.read").at(-1)).toEqual({
    ...{ before: "later", after: "parent" },
    ...{ path: "", cells: [], key: "" },
  });
  const asked = kernel.dataOf("diff.read").length;
  kernel.deliver(stale.push);
  await settle();
  expect(kernel.dataOf("diff.read")).toHaveLength(asked + 1);
});

it("hands over a notebook that is too large for one message in several, all of it and in order", async () => {
  const kernel = new DiffKernel("diff");
  kernel.traits.after = "";
  const notebook = Array.from({ length: 7 }, (_, index) => ({
    ...{ id: `c${index}`, cell_type: "code", metadata: {}, attachments: {} },
    source: String(index).repeat(900_000),
  }));
  const listen = (event: Event) => {
    const detail = (event as CustomEvent<HostDetail>).detail;
    if (detail.kind === "notebook.read") detail.respond(Promise.resolve({ path: "large.ipynb", cells: notebook }));
  };
  document.addEventListener(HOST_EVENT, listen);
  screen = await show(kernel);
  document.removeEventListener(HOST_EVENT, listen);
  const [asked] = kernel.dataOf("diff.read");
  const ahead = kernel.dataOf("diff.cells");
  expect(ahead.map(({ cells }) => cells.length)).toEqual([2, 2, 2]);
  expect(new Set([asked?.key, ...ahead.map(({ key }) => key)]).size).toBe(1);
  expect(asked?.key).not.toBe("");
  expect([...ahead, asked].flatMap((part) => part?.cells)).toEqual(notebook);
});

it("is reached from the run: with the notebook, the run before, any other, the earlier one first", async () => {
  const kernel = new DiffKernel("run");
  screen = await show(kernel);
  const opened: HostRequest[] = [];
  const listen = (event: Event) => {
    const detail = (event as CustomEvent<HostDetail>).detail;
    opened.push(detail);
    if (detail.kind === "compare.open" || detail.kind === "revision.restore") detail.respond(Promise.resolve());
  };
  document.addEventListener(HOST_EVENT, listen);
  await click(screen.named("the previous run"));
  await click(screen.named("another run…"));
  const field = screen.find<HTMLSelectElement>(".ts-compare-with select");
  field.value = "child";
  field.dispatchEvent(new Event("change", { bubbles: true }));
  await settle();
  document.removeEventListener(HOST_EVENT, listen);
  expect(kernel.dataOf("diff.open").slice(-2)).toEqual([
    { before: "parent", after: "later" },
    { before: "child", after: "later" },
  ]);
  expect(opened.filter(({ kind }) => kind === "compare.open").length).toBeGreaterThan(1);
});

it("lies over the panel where the page has no tabs, until Escape", async () => {
  screen = await show(new DiffKernel("run"));
  await click(screen.named("the previous run"));
  await settle();
  expect(screen.find('[role="dialog"]').getAttribute("aria-label")).toBe("Differences");
  await press(screen.find(".ts-diff"), "Escape");
  expect(screen.all('[role="dialog"]').length).toBe(0);
});

it("parts cells and lines into what changed and what is folded", () => {
  const cells = [same(1), same(2), { ...same(3), kind: "added" as const }, same(4)];
  expect(stretches(cells).map((stretch) => stretch.length)).toEqual([2, 1, 1]);
  const parts = inParts([...Array.from({ length: 5 }, () => line("same")), line("added"), line("same")]);
  expect(parts.map(({ isFolded, lines }) => [isFolded, lines.length])).toEqual([
    [true, 2],
    [false, 5],
  ]);
});
