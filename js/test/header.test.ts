/** Which experiments are listed, of which store, and how the store is. */

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeKernel, row, showing, snapshot } from "./fake-kernel";
import { click, type Screen, settle, show, type } from "./screen";

let screen: Screen;

beforeEach(() => localStorage.clear());
afterEach(() => screen.close());

const EXPERIMENTS = [
  { id: "1", name: "wine", notebook: "wine.ipynb", time: null },
  { id: "7", name: "<b>digits</b>", notebook: "", time: 1 },
];

async function open(changes: Parameters<typeof showing>[1] = {}): Promise<FakeKernel> {
  const kernel = new FakeKernel({
    ...showing([row()], changes),
    "experiments.list": () => ({ reply: { experiments: EXPERIMENTS } }),
    "store.set": () => ({ reply: {} }),
  });
  screen = await show(kernel);
  return kernel;
}

const asked = (kernel: FakeKernel) => kernel.dataOf("runs.watch").at(-1)?.query.experiments;

describe("experiments", () => {
  it("of the store are offered where the notebook has no runs", async () => {
    const many = Array.from({ length: 7 }, (_, index) => ({
      id: `${index}`,
      name: `e${index}`,
      notebook: "",
      time: 1,
    }));
    const kernel = new FakeKernel({
      ...showing([]),
      "experiments.list": () => ({ reply: { experiments: many } }),
    });
    screen = await show(kernel);
    const offered = screen.all(".ts-empty .ts-experiment-line button").map((button) => button.textContent);
    expect(offered).toEqual(["e0", "e2", "e3", "e4", "e5"]);
    await click(screen.named("Choose experiments and the store"));
    expect(screen.all(".ts-header-drawer .ts-experiment-line")).not.toHaveLength(0);
    await click(screen.named("e3"));
    expect(asked(kernel)).toEqual(["3"]);
  });

  it("are chosen by name, several by their boxes, and the notebook's own again", async () => {
    const kernel = await open();
    await click(screen.find(".ts-experiment button"));
    await click(screen.named("<b>digits</b>"));
    expect(asked(kernel)).toEqual(["7"]);
    await click(screen.named("List <b>digits</b>"));
    expect(asked(kernel)).toEqual(["1", "7"]);
    await click(screen.find(".ts-view > label input"));
    expect(asked(kernel)).toBeNull();
  });

  it("are found by a part of their name", async () => {
    await open();
    await click(screen.find(".ts-experiment button"));
    await type(screen.named("Find an experiment"), "DIG");
    expect(screen.all(".ts-experiments li")).toHaveLength(1);
    await type(screen.named("Find an experiment"), "none");
    expect(screen.text(".ts-view > .ts-none")).toBe("No experiment has this name.");
  });

  it("are not said to be none while they are on their way; why they do not come is said in their place", async () => {
    const kernel = await open();
    kernel.answers["experiments.list"] = () => null;
    await click(screen.find(".ts-experiment button"));
    expect(screen.text(".ts-header-drawer")).not.toContain("No experiment");
    const fault = { code: "StoreUnreachable", message: "the store is away", hint: "" };
    kernel.say(kernel.asked.find(({ kind }) => kind === "experiments.list")?.id ?? "", { fault });
    await settle();
    expect(screen.text(".ts-header-drawer")).toContain("The store is away.");
    expect(screen.text(".ts-header-drawer")).not.toContain("No experiment");
  });

  it("that are several are counted", async () => {
    await open({ experiments: EXPERIMENTS });
    expect(screen.text(".ts-experiment")).toBe("2 experiments");
  });
});

describe("the store", () => {
  it("is another one for the notebook when its URI is given", async () => {
    const kernel = await open();
    await click(screen.find(".ts-experiment button"));
    await type(screen.named("Tracking URI"), "sqlite:///other.db");
    await click(screen.named("Use this store"));
    await click(screen.named("Default store"));
    expect(kernel.dataOf("store.set")).toEqual([{ uri: "sqlite:///other.db" }, { uri: "" }]);
  });

  it("that went away leaves what it said last, with what waits for it", async () => {
    const kernel = await open();
    const fault = { code: "StoreUnreachable", message: "no answer", hint: "" };
    const { store } = snapshot();
    kernel.push(snapshot([], { store: { ...store, fault, waiting: 3 } }));
    await settle();
    expect(screen.text(".ts-away")).toContain("No answer.");
    expect(screen.text(".ts-store-waiting")).toBe("3 waiting");
    expect(screen.all(".ts-run")).toHaveLength(1);
  });
});
