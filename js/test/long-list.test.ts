/** A list of 100,000 runs, of which the page has a few lines at a time. */

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { bytes, detail, FakeKernel, floats, row, snapshot } from "./fake-kernel";
import { press, type Screen, settle, show } from "./screen";

const LINES = 100_000;
const FRAME_PX = 600;
const UNFOLDED_PX = 700;
const CARD_PX = 50;

let screen: Screen;
let kernel: FakeKernel;
let isAway = false;

beforeEach(async () => {
  isAway = false;
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(FRAME_PX);
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(UNFOLDED_PX);
  kernel = new FakeKernel({
    "runs.watch": ({ window: { offset, limit }, open }) => {
      if (isAway) return null;
      const lines = Array.from({ length: Math.min(limit, LINES - offset) }, (_, index) => offset + index);
      const rows = lines.map((line) => row({ run_id: `r${line}`, name: `run ${line}` }));
      const found = {
        lines: LINES,
        total: LINES,
        offset,
        details: open.map((run_id) => ({ ...detail, run_id })),
        open_lines: open.map((run_id) => Number(run_id.slice(1))),
      };
      return { reply: snapshot(rows, found), buffers: [floats(), bytes()] };
    },
  });
  screen = await show(kernel);
});

afterEach(() => {
  screen.close();
  vi.restoreAllMocks();
});

const head = (line: number) => screen.find(`[data-run=r${line}] .ts-run-toggle`);
const frame = () => screen.find(".ts-scroll");
const drawn = () => screen.all(".ts-run").map(({ dataset }) => dataset.run);

/** As the browser does when something sets how far a frame is scrolled. */
async function scrolled(): Promise<void> {
  frame().dispatchEvent(new Event("scroll"));
  await settle();
}

async function pressAt(line: number, key: string): Promise<void> {
  head(line).focus();
  await press(head(line), key);
  await scrolled();
}

it("draws only the lines in sight and a few around them, and reaches both ends by key", async () => {
  expect(drawn().length).toBeLessThan(40);
  await pressAt(0, "End");
  expect(document.activeElement).toBe(head(LINES - 1));
  expect(drawn().length).toBeLessThan(40);
  expect(screen.find(`[data-run=r${LINES - 1}]`).getAttribute("aria-posinset")).toBe(String(LINES));
  await pressAt(LINES - 1, "Home");
  expect(document.activeElement).toBe(head(0));
});

it("moves by a screen with Page Down and Page Up, to no line beyond the ends", async () => {
  const page = FRAME_PX / CARD_PX;
  const steps = [
    [0, "PageDown", page],
    [page, "PageDown", 2 * page],
    [2 * page, "PageUp", page],
    [page, "PageUp", 0],
    [0, "PageUp", 0],
    [0, "End", LINES - 1],
    [LINES - 1, "PageDown", LINES - 1],
  ] as const;
  for (const [from, key, to] of steps) {
    await pressAt(from, key);
    expect(document.activeElement, `${key} on ${from}`).toBe(head(to));
  }
});

it("leaves the focus where people went while lines were on their way", async () => {
  isAway = true;
  await pressAt(0, "End");
  const elsewhere = document.body.appendChild(document.createElement("input"));
  elsewhere.focus();
  isAway = false;
  const { id } = kernel.asked.at(-1) ?? { id: "" };
  const answer = kernel.answers["runs.watch"]?.(kernel.dataOf("runs.watch").at(-1) as never);
  if (answer) kernel.say(id, answer);
  await settle();
  expect(drawn()).toContain(`r${LINES - 1}`);
  expect(document.activeElement).toBe(elsewhere);
  elsewhere.remove();
});

it("keeps what is in sight in its place when a run above it is unfolded, and ends with the last line", async () => {
  const paddings = () => {
    const { paddingTop, paddingBottom } = screen.find(".ts-runs").style;
    return Number.parseFloat(paddingTop) + Number.parseFloat(paddingBottom) + drawn().length * CARD_PX;
  };
  expect(paddings()).toBe(LINES * CARD_PX);
  frame().scrollTop = 20 * CARD_PX + 10;
  await scrolled();
  await press(head(15), "ArrowRight");
  expect(frame().scrollTop).toBe(20 * CARD_PX + 10 + UNFOLDED_PX - CARD_PX);
  await pressAt(25, "End");
  expect(document.activeElement).toBe(head(LINES - 1));
  expect(paddings()).toBe(LINES * CARD_PX + UNFOLDED_PX - CARD_PX);
});
