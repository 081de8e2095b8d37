/** Filtering, sorting and columns, as people use them. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Requests } from "../src/widget/protocol";
import { FakeKernel, floats, row, START, showing } from "./fake-kernel";
import { click, press, type Screen, settle, show, type } from "./screen";

let screen: Screen;

beforeEach(() => {
  localStorage.clear();
  vi.useFakeTimers();
});

afterEach(() => {
  screen.close();
  vi.useRealTimers();
});

type Help = Requests["filter.help"]["reply"];

const NAMES = { metrics: ["metrics.acc"], params: ["params.`learning rate`", "params.seed"], tags: ["tags.team"] };

async function open(help: Partial<Help> = {}, rows = [row()], total = rows.length): Promise<FakeKernel> {
  const reply = { fault: null, start: 0, end: 0, options: [], ...help };
  const kernel = new FakeKernel({
    ...showing(rows, { columns: ["metrics.acc"], total }),
    "filter.help": () => ({ reply }),
    "names.list": () => ({ reply: NAMES }),
  });
  screen = await show(kernel);
  return kernel;
}

const field = () => screen.named("Filter runs") as HTMLInputElement;
const queries = (kernel: FakeKernel) => kernel.dataOf("runs.watch").map(({ query }) => query);

async function write(text: string): Promise<void> {
  field().focus();
  await type(field(), text);
  await vi.advanceTimersByTimeAsync(150);
  await settle();
}

async function choose(name: string, value: string): Promise<void> {
  const select = screen.find<HTMLSelectElement>(`select[aria-label="${name}"]`);
  select.value = value;
  select.dispatchEvent(new Event("change", { bubbles: true }));
  await settle();
}

describe("the filter", () => {
  it("is applied when it can be read, and remembered when it is used", async () => {
    const kernel = await open();
    await write("metrics.acc > 0.9");
    expect(queries(kernel).at(-1)?.filter).toBe("metrics.acc > 0.9");
    await press(field(), "Enter");
    await click(screen.named("Clear the filter"));
    expect(queries(kernel).at(-1)?.filter).toBe("");
    await vi.advanceTimersByTimeAsync(150);
    await settle();
    expect(screen.all("[role=option]").map((option) => option.textContent)).toEqual(["metrics.acc > 0.9used before"]);
  });

  it("that was left before it could be checked is remembered when it is applied, and never where it is wrong", async () => {
    const fault = { code: "Filter", message: "no", hint: "", text: "metr", position: 0, length: 4 };
    const kernel = await open();
    const leave = async (text: string) => {
      field().focus();
      await type(field(), text);
      field().blur();
      await vi.advanceTimersByTimeAsync(150);
      await settle();
      return JSON.parse(localStorage.getItem(localStorage.key(0) ?? "") ?? "{}").history ?? [];
    };
    kernel.answers["filter.help"] = () => ({ reply: { fault, start: 0, end: 4, options: [] } });
    expect(await leave("metr")).toEqual([]);
    kernel.answers["filter.help"] = () => ({ reply: { fault: null, start: 0, end: 0, options: [] } });
    expect(await leave("metrics.acc > 0.9")).toEqual(["metrics.acc > 0.9"]);
  });

  it("says what is wrong and where, and is not applied", async () => {
    const fault = {
      code: "Filter",
      message: "there is no operator >>",
      hint: "there are > and <",
      text: "metrics.acc >> 1",
      position: 12,
      length: 2,
    };
    const kernel = await open({ fault });
    await write("metrics.acc >> 1");
    expect(screen.text(".ts-filter-mirror mark")).toBe(">>");
    expect(screen.text(".ts-filter-fault")).toBe("There is no operator >>. There are > and <.");
    expect(field().getAttribute("aria-invalid")).toBe("true");
    await press(field(), "Enter");
    expect(queries(kernel).map(({ filter }) => filter)).toEqual([""]);
  });

  it("of which people are done is applied at once, and taken back where it turns out to be wrong", async () => {
    const fault = { code: "Filter", message: "no", hint: "", text: "metr", position: 0, length: 4 };
    const kernel = await open({ fault });
    await write("metr");
    expect(screen.text(".ts-filter-fault")).toContain("no");
    const finish = async (text: string) => {
      await type(field(), text);
      await press(field(), "Enter");
      await settle();
    };
    await finish("also wrong");
    expect(queries(kernel).map(({ filter }) => filter)).toEqual(["", "also wrong", ""]);
    expect(field().value).toBe("also wrong");
    kernel.answers["filter.help"] = () => ({ reply: { fault: null, start: 0, end: 0, options: [] } });
    await finish("metrics.acc > 0.9");
    expect(queries(kernel).at(-1)?.filter).toBe("metrics.acc > 0.9");
    expect(screen.all(".ts-filter-fault, [role=option]")).toEqual([]);
  });

  it("is completed by keys", async () => {
    const options = [
      { text: "metrics.acc", kind: "field" as const },
      { text: "metrics.`a b`", kind: "field" as const },
    ];
    const kernel = await open({ start: 4, end: 6, options });
    await write("NOT ac");
    expect(kernel.dataOf("filter.help").at(-1)).toMatchObject({ filter: "NOT ac", caret: 6 });
    await press(field(), "ArrowDown");
    await press(field(), "ArrowDown");
    expect(screen.all("[role=option]").map((option) => option.getAttribute("aria-selected"))).toEqual([
      "false",
      "true",
    ]);
    await press(field(), "Enter");
    expect(field().value).toBe("NOT metrics.`a b` ");
  });

  it("that finds nothing can be left by a button", async () => {
    const kernel = await open({}, []);
    await click(screen.named("State, status, time, models"));
    await choose("Status", "FAILED");
    await choose("State", "deleted");
    expect(queries(kernel).at(-1)).toMatchObject({ filter: "status = 'FAILED'", state: "deleted" });
    expect(screen.text(".ts-empty > p")).toBe("No run fits the filter.");
    await click(screen.named("Show all runs"));
    expect(queries(kernel).at(-1)).toMatchObject({ filter: "", state: "active" });
  });

  it("lists what it finds from the top, and says how many that are to those who do not see it", async () => {
    await open({}, [row({ run_id: "r1" }), row({ run_id: "r2" })]);
    const frame = screen.find(".ts-scroll");
    frame.scrollTop = 40;
    await write("metrics.acc > 0.9");
    expect(frame.scrollTop).toBe(0);
    expect(screen.text(".ts-panel > [role=status]")).toBe("2 runs");
  });

  it("shows what was chosen beside it while its drawer is closed, and each is taken back by a click", async () => {
    const kernel = await open();
    await click(screen.named("State, status, time, models"));
    const chosen = { Status: "FAILED", State: "all", Created: "7d", "Model version": "with" };
    for (const [name, value] of Object.entries(chosen)) await choose(name, value);
    await click(screen.named("State, status, time, models"));
    const chips = () => screen.all(".ts-choice-chip").map(({ textContent }) => textContent);
    expect(chips()).toEqual(["Deleted ones too", "Failed", "Last 7 days", "With a model version"]);
    screen.named("Take back: Failed").focus();
    await click(screen.named("Take back: Failed"));
    expect(queries(kernel).at(-1)?.filter).toBe("created > -7d AND models > 0");
    expect(document.activeElement).toBe(screen.named("State, status, time, models"));
    for (const text of chips()) await click(screen.named(`Take back: ${text}`));
    expect(queries(kernel).at(-1)).toMatchObject({ filter: "", state: "active" });
    expect(chips()).toEqual([]);
  });
});

describe("the view", () => {
  it("sorts, shows a table with chosen columns, and is as it was left", async () => {
    const kernel = await open();
    await click(screen.named("Order, density, columns"));
    await choose("Sort by", "params.`learning rate`");
    expect(queries(kernel).at(-1)?.order).toEqual(["params.`learning rate` DESC"]);
    await choose("Add a column…", "duration");
    expect(kernel.dataOf("runs.watch").at(-1)?.columns).toEqual(["metrics.acc", "duration"]);
    await choose("Density", "rows");
    expect(screen.find(".ts-run-head").dataset.row).toBe("true");
    await click(screen.named("Sort by acc"));
    expect(queries(kernel).at(-1)?.order).toEqual(["metrics.acc DESC"]);
    screen.close();
    const again = await open();
    expect(queries(again)[0]?.order).toEqual(["metrics.acc DESC"]);
    expect(again.dataOf("runs.watch")[0]?.columns).toEqual(["metrics.acc", "duration"]);
  });

  it("has name, age and duration in a table as in cards, and note and source where they are chosen", async () => {
    const tags = [
      { key: "mlflow.note.content", value: { text: "better\nbecause of this", cut: false } },
      { key: "mlflow.source.name", value: { text: "wine.ipynb", cut: false } },
    ];
    const kernel = await open({}, [row({ start_time: START, end_time: START + 12_300, tags })]);
    const heads = () => screen.all(".ts-head").map(({ textContent }) => textContent);
    const cells = () => screen.all(".ts-cell-text").map(({ textContent }) => textContent);
    await click(screen.named("Order, density, columns"));
    await choose("Density", "rows");
    expect(heads()).toEqual(["Name", "Started", "acc", "Duration"]);
    expect(cells().at(-1)).toBe("12.3 s");
    await click(screen.named("Remove acc"));
    await choose("Add a column…", "tags.mlflow.note.content");
    await choose("Add a column…", "tags.mlflow.source.name");
    const columns = ["start_time", "duration", "tags.mlflow.note.content", "tags.mlflow.source.name"];
    expect(kernel.dataOf("runs.watch").at(-1)?.columns).toEqual(columns);
    expect(heads()).toEqual(["Name", "Started", "Duration", "Note", "Source"]);
    expect(cells().slice(-2)).toEqual(["better", "wine.ipynb"]);
    await choose("Density", "cards");
    expect(screen.all(".ts-chip").map(({ textContent }) => textContent)).toEqual(["Sourcewine.ipynb"]);
  });

  it("folds all runs, and all but one", async () => {
    const kernel = await open({}, [row({ children: 3 })]);
    await click(screen.named("Order, density, columns"));
    await click(screen.named("Fold all"));
    await click(screen.named("3 child runs"));
    expect(kernel.dataOf("runs.watch").at(-1)?.fold).toEqual({ all: true, except: ["r1"] });
  });

  it("groups all but the seed in one click, and lists a group's runs in another", async () => {
    const kernel = await open({}, [row()], 9000);
    const values = [{ field: "params.`learning rate`", value: { text: "0.1", cut: false } }];
    const groups = [{ values, count: 3, filter: "params.`learning rate` = '0.1'" }];
    const reply = { runs: 4, groups_found: 1, groups, metrics: ["acc", "loss"], means: 0, deviations: 1 };
    const nan = Number.NaN;
    kernel.answers["runs.group"] = () => ({ reply, buffers: [floats(0.5, nan), floats(0.25, nan)] });
    await click(screen.named("Order, density, columns"));
    await click(screen.named("All but seed"));
    await vi.advanceTimersByTimeAsync(10);
    await settle();
    expect(kernel.dataOf("runs.group")[0]).toMatchObject({ fields: ["params.seed"], all_but: true });
    expect(screen.text(".ts-group-values")).toBe("learning rate 0.1");
    expect(screen.all(".ts-choice-chip").map(({ textContent }) => textContent)).toEqual(["Grouped: All but seed"]);
    expect(screen.text(".ts-group-note")).toBe(
      "1 group of the first 4 runs (there are 9,000), mean ± standard deviation",
    );
    expect(screen.all(".ts-group .ts-chip").map((chip) => chip.textContent)).toEqual(["acc0.50 ± 0.25"]);
    kernel.answers["runs.ids"] = () => ({ reply: { run_ids: ["r1", "r7", "r8"], total: 3 } });
    await click(screen.named("Select learning rate 0.1"));
    expect(kernel.dataOf("runs.ids")[0]?.query.filter).toBe("params.`learning rate` = '0.1'");
    expect(screen.text(".ts-selection-count")).toBe("3 selected");
    await click(screen.named("3 runs"));
    expect(queries(kernel).at(-1)?.filter).toBe("params.`learning rate` = '0.1'");
    expect(screen.all(".ts-run")).toHaveLength(1);
    await click(screen.named("Back to the groups"));
    expect(queries(kernel).at(-1)?.filter).toBe("");
    expect(screen.all(".ts-group")).toHaveLength(1);
  });

  it("groups by several fields, each of which can be taken back, and keeps them for the notebook", async () => {
    const kernel = await open();
    const asked = () => kernel.dataOf("runs.group").at(-1);
    const chips = () => screen.all(".ts-choice-chip").map(({ textContent }) => textContent);
    const wait = async () => {
      await vi.advanceTimersByTimeAsync(1000);
      await settle();
    };
    await click(screen.named("Order, density, columns"));
    await choose("Group by", "by:tags.team");
    await choose("Add a field…", "params.`learning rate`");
    await choose("Add a field…", "params.seed");
    await wait();
    expect(asked()).toMatchObject({
      fields: ["tags.team", "params.`learning rate`", "params.seed"],
      all_but: false,
    });
    expect(chips()).toEqual(["Grouped: team, learning rate, seed", "learning rate", "seed"]);
    expect(screen.all('select[aria-label="Add a field…"]')).toHaveLength(0);

    await click(screen.named("Take back: learning rate"));
    expect(document.activeElement?.getAttribute("aria-label")).toBe("Group by");
    await choose("Group by", "by:params.`learning rate`");
    await wait();
    expect(asked()?.fields).toEqual(["params.`learning rate`", "params.seed"]);
    expect(Object.values({ ...localStorage }).join()).toContain('"fields":["params.`learning rate`","params.seed"]');

    await choose("Group by", "but:params.seed");
    await choose("Add a field…", "params.`learning rate`");
    await wait();
    expect(asked()).toMatchObject({ fields: ["params.seed", "params.`learning rate`"], all_but: true });
    expect(chips()[0]).toBe("Grouped: All but seed, learning rate");
    await choose("Group by", "");
    expect(chips()).toEqual([]);
  });
});
