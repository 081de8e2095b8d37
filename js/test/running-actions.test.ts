/** What people do with runs that go on, and with the differences of runs. */

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HOST_EVENT, type HostDetail } from "../src/widget/host";
import type { RunRow } from "../src/widget/protocol";
import { FakeKernel, row, showing } from "./fake-kernel";
import { click, press, type Screen, show, submit } from "./screen";

let screen: Screen;

beforeEach(() => sessionStorage.clear());
afterEach(() => screen.close());

const outcome = (...done: string[]) => ({ reply: { done, refused: [] } });

async function open(answers: FakeKernel["answers"], rows: RunRow[]): Promise<FakeKernel> {
  const kernel = new FakeKernel({ ...showing(rows), ...answers });
  screen = await show(kernel);
  return kernel;
}

const notice = () => screen.text(".ts-notice-text");
const item = (id: string) => screen.find(`[data-action="${id}"]`);
const key = (index: number, name: string) => press(screen.all(".ts-run-toggle")[index] as HTMLElement, name);

describe("a run that goes on", () => {
  const running = (maker: RunRow["maker"]) => [row({ status: "RUNNING", maker })];

  it("is interrupted by the page, or by the kernel itself where the page does not do it", async () => {
    const kernel = await open({ "kernel.interrupt": () => ({ reply: {} }) }, running("here"));
    const asked: string[] = [];
    const listen = (event: Event) => {
      const { detail } = event as CustomEvent<HostDetail>;
      asked.push(detail.kind);
      detail.respond(Promise.resolve());
    };
    document.body.addEventListener(HOST_EVENT, listen, { once: true });
    for (const expected of [0, 1]) {
      await key(0, "i");
      await submit(screen.find(".ts-form"));
      expect(kernel.dataOf("kernel.interrupt")).toHaveLength(expected);
      expect(notice()).toBe("The kernel was interrupted.");
    }
    expect(asked).toEqual(["kernel.interrupt"]);
  });

  it.each([
    ["gone", "What made it is gone"],
    ["unknown", "Trackside cannot tell whether"],
  ] as const)("whose maker is %s is ended after a warning", async (maker, warning) => {
    const kernel = await open({ "runs.close": ({ run_ids }) => outcome(...run_ids) }, running(maker));
    await key(0, "x");
    expect(screen.text(".ts-dialog")).toContain(warning);
    await submit(screen.find(".ts-form"));
    expect(kernel.dataOf("runs.close")).toEqual([{ run_ids: ["r1"] }]);
    expect(notice()).toBe("1 run ended as failed.");
  });
});

describe("the differences", () => {
  const kept = [
    row({ name: "late", start_time: 2000, has_revision: true }),
    row({ run_id: "r2", name: "early", start_time: 1000, has_revision: false }),
    row({ run_id: "r3", name: "third" }),
  ];
  const openDifferences = () => open({ "diff.open": () => ({ reply: { model_id: "m" } }) }, kept);

  it("of two chosen runs are shown by key and from the bar, the earlier one first", async () => {
    const kernel = await openDifferences();
    await key(0, " ");
    expect(screen.all(".ts-selection .ts-icon-difference")).toEqual([]);
    await key(1, " ");
    await key(1, "d");
    await click(screen.named("Show the differences"));
    expect(kernel.dataOf("diff.open")).toEqual([
      { before: "r2", after: "r1" },
      { before: "r2", after: "r1" },
    ]);
  });

  it("of one run are those to the notebook now; of three, or without a notebook, it says why there are none", async () => {
    const kernel = await openDifferences();
    await key(0, "d");
    expect(kernel.dataOf("diff.open")).toEqual([{ before: "r1", after: "" }]);
    await key(1, "d");
    expect(notice()).toContain("No notebook was kept for this run");
    for (const index of [0, 1, 2]) await key(index, " ");
    await key(0, "m");
    expect(item("difference").title).toBe("Differences are shown between two runs");
    expect(kernel.dataOf("diff.open")).toHaveLength(1);
  });
});
