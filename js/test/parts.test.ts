import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { PartName } from "../src/widget/parts";
import { FakeKernel, row, showing } from "./fake-kernel";
import { click, type Screen, show } from "./screen";

const source = vi.hoisted(() => ({ asked: [] as string[], isAway: true, layers: {} }));
vi.mock("../src/widget/part-source", () => ({
  fetchPart: async (_ask: unknown, name: PartName) => {
    source.asked.push(name);
    const { FaultError } = await import("../src/widget/bridge");
    const fault = { code: "InvalidValue", message: "the kernel is away", hint: "restart it" };
    if (source.isAway && name === "layers") throw new FaultError(fault);
    return { content: name === "layers" ? source.layers : {}, style: `.of-${name} {}` };
  },
}));

let screen: Screen;
const asked = () => source.asked.filter((name) => name === "layers").length;

beforeEach(async () => {
  source.layers = { Layers: () => "the layers" };
  screen = await show(new FakeKernel(showing([row()])));
});
afterEach(() => screen.close());

it("a part that does not come says so, is asked for again, and brings its style sheet when it is there", async () => {
  await vi.waitFor(() => expect(source.asked).toContain("drawers"), 10_000);
  expect(asked()).toBe(1);
  await click(screen.named("Keys (?)"));
  expect(screen.text("[role=alert]")).toContain("The kernel is away. Restart it.");
  expect(asked()).toBe(2);
  source.isAway = false;
  await click(screen.named("Try again"));
  expect(screen.element.textContent).toContain("the layers");
  expect(asked()).toBe(3);
  const styles = screen.all("style").map((style) => style.textContent);
  expect(styles.filter((style) => style !== "")).toEqual([".of-run {}", ".of-drawers {}", ".of-layers {}"]);
});
