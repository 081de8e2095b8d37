/** What people do with runs, one or many, by mouse and by keyboard. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keyLines } from "../src/widget/keys";
import type { RunRow } from "../src/widget/protocol";
import { bytes, FakeKernel, floats, row, showing, snapshot } from "./fake-kernel";
import { click, press, type Screen, settle, show, submit, type } from "./screen";

let screen: Screen;

beforeEach(() => sessionStorage.clear());
afterEach(() => {
  screen.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const HOSTILE = "<img src=x onerror=alert(1)> ‮txt.exe";
const three = [row({ name: "one" }), row({ run_id: "r2", name: HOSTILE }), row({ run_id: "r3", name: "three" })];
const outcome = (...done: string[]) => ({ reply: { done, refused: [] } });
const gone = (run_id: string) => ({
  run_id,
  fault: { code: "RunNotFound", message: `there is no run ${run_id}`, hint: "" },
});

async function open(answers: FakeKernel["answers"] = {}, rows: RunRow[] = three): Promise<FakeKernel> {
  const kernel = new FakeKernel({ ...showing(rows), "descendants.count": () => ({ reply: { count: 0 } }), ...answers });
  screen = await show(kernel);
  return kernel;
}

const toggle = (index: number) => screen.all(".ts-run-toggle")[index] as HTMLElement;
const chosen = () => screen.all('.ts-run[data-chosen="true"]').map((run) => run.dataset.run);
const notice = () => screen.text(".ts-notice-text");
const item = (id: string) => screen.find(`[data-action="${id}"]`);
const key = (index: number, name: string, held: KeyboardEventInit = {}) => press(toggle(index), name, held);

describe("choosing runs", () => {
  it("goes with Space, up to a run with Shift, all with Ctrl+A, none with Escape", async () => {
    await open();
    await key(0, " ");
    expect(chosen()).toEqual(["r1"]);
    await key(2, " ", { shiftKey: true });
    expect(chosen()).toEqual(["r1", "r2", "r3"]);
    expect(screen.text(".ts-selection-count")).toBe("3 selected");
    await key(1, " ");
    expect(chosen()).toEqual(["r1", "r3"]);
    await key(1, "Escape");
    expect(screen.all(".ts-selection")).toEqual([]);
    await key(0, "a", { ctrlKey: true });
    expect(chosen()).toHaveLength(3);
  });

  it("ends with the store that they are in", async () => {
    const kernel = await open();
    await key(0, " ");
    kernel.push(snapshot(three, { store: { uri: "sqlite:///other.db", fault: null, waiting: 0 } }), [
      floats(),
      bytes(),
    ]);
    await settle();
    expect(screen.all(".ts-selection")).toEqual([]);
  });

  it("reaches over lines that the page does not have", async () => {
    const kernel = await open({
      ...showing(three),
      "runs.between": () => ({ reply: { run_ids: ["r1", "r7", "r8", "r9"] } }),
    });
    await key(0, " ");
    Object.assign(kernel.answers, showing([row({ run_id: "r9", name: "nine" })], { lines: 60 }));
    await click(screen.named("Refresh"));
    await settle();
    await click(screen.find(".ts-run-head"), { shiftKey: true });
    expect(kernel.dataOf("runs.between")).toEqual([{ start: "r1", end: "r9" }]);
    expect(screen.text(".ts-selection-count")).toBe("4 selected");
  });

  it("of all takes those along that were never in sight", async () => {
    const kernel = await open({
      ...showing(three, { lines: 5 }),
      "runs.ids": () => ({ reply: { run_ids: ["r1", "r2", "r3", "r4", "r5"], total: 5 } }),
      "tags.set": ({ run_ids }) => outcome(...run_ids),
    });
    await key(0, "a", { ctrlKey: true });
    expect(screen.text(".ts-selection-count")).toBe("5 selected");
    await key(0, "s");
    expect(kernel.dataOf("tags.set")[0]?.run_ids).toHaveLength(5);
  });

  it("goes with the boxes, and with Ctrl and Shift on the runs, which do not unfold then", async () => {
    await open();
    await click(screen.named("Select one"));
    const head = (index: number) => screen.all(".ts-run-head")[index] as HTMLElement;
    await click(head(2), { shiftKey: true });
    await click(head(1), { ctrlKey: true });
    expect(chosen()).toEqual(["r1", "r3"]);
    expect(screen.all('[data-open="true"]')).toEqual([]);
  });

  it("keeps runs that are out of sight by now", async () => {
    const kernel = await open({ "tags.set": ({ run_ids }) => outcome(...run_ids) });
    await key(0, " ");
    kernel.push(snapshot([row({ run_id: "r9" })]), [floats(), bytes()]);
    await settle();
    await click(screen.named("Star"));
    expect(kernel.dataOf("tags.set")).toEqual([{ run_ids: ["r1"], key: "trackside.starred", value: "true" }]);
    expect(notice()).toBe("1 run starred.");
  });
});

describe("a star", () => {
  const starred = () => screen.all(".ts-run").map((run) => run.querySelector(".ts-star") !== null);

  it("is drawn when the kernel says that it is stored, before it lists the runs anew", async () => {
    const kernel = await open();
    await key(1, "s");
    const [id] = kernel.asked.filter(({ kind }) => kind === "tags.set").map((request) => request.id);
    expect(starred()).toEqual([false, false, false]);
    kernel.say(id ?? "", outcome("r2"));
    await settle();
    expect(starred()).toEqual([false, true, false]);
    Object.assign(kernel.answers, { "tags.delete": ({ run_ids }: { run_ids: string[] }) => outcome(...run_ids) });
    await key(1, "s");
    expect(starred()).toEqual([false, false, false]);
    expect(kernel.asked.filter(({ kind }) => kind === "runs.watch")).toHaveLength(1);
  });

  it("is not drawn on a run that was refused", async () => {
    await open({ "tags.set": () => ({ reply: { done: ["r1"], refused: [gone("r2")] } }) });
    await key(0, " ");
    await key(1, " ");
    await key(0, "s");
    expect(starred()).toEqual([true, false, false]);
  });
});

describe("the menu", () => {
  it("opens at the button, moves with arrows and letters, and gives the focus back", async () => {
    await open();
    const button = screen.named("Actions on three");
    await click(button);
    const menu = screen.find("[role=menu]");
    expect(document.activeElement).toBe(item("openTab"));
    await press(menu, "ArrowUp");
    expect(document.activeElement).toBe(item("delete"));
    await press(menu, "d");
    expect(document.activeElement).toBe(item("difference"));
    await press(menu, "Escape");
    expect(screen.all("[role=menu]")).toEqual([]);
    expect(document.activeElement).toBe(button);
  });

  it("says why something cannot be done, and does not do it", async () => {
    const kernel = await open();
    await click(screen.named("Actions on one"));
    expect(item("page").title).toBe("The store has no web pages");
    await click(item("page"));
    expect(kernel.dataOf("run.page")).toEqual([]);
    await press(screen.find("[role=menu]"), "Escape");
    await key(0, "o");
    expect(notice()).toBe("Open on the tracking server: The store has no web pages");
  });

  it("of a run in the trash restores and purges, and does not change", async () => {
    await open({}, [row({ state: "deleted", deleted_time: 1 })]);
    await click(screen.named("Actions on brave-otter"));
    expect(screen.all("[data-action=delete]")).toEqual([]);
    expect(item("restore").getAttribute("aria-disabled")).toBe("false");
    expect(item("tag").title).toBe("The run is in the trash");
  });

  it("ends only runs whose maker is gone or unknown, and interrupts only the one of this kernel", async () => {
    await open({}, [
      row({ status: "RUNNING", maker: "here" }),
      row({ run_id: "r2", status: "RUNNING", maker: "gone" }),
    ]);
    await key(0, "m");
    expect([item("interrupt").title, item("close").title]).toEqual([
      "",
      "The run goes on in this kernel: interrupt it instead",
    ]);
    await press(screen.find("[role=menu]"), "Escape");
    await key(1, "m");
    expect([item("interrupt").title, item("close").title]).toEqual(["Only the run that goes on in this kernel", ""]);
  });
});

describe("deleting", () => {
  it("asks about descendants, takes them along unless told otherwise, and is undone whole", async () => {
    const kernel = await open({
      "descendants.count": () => ({ reply: { count: 2 } }),
      "runs.delete": () => outcome("r1", "c1", "c2"),
      "runs.restore": ({ run_ids }) => outcome(...run_ids),
    });
    await key(0, "Delete");
    expect(screen.text(".ts-dialog")).toContain("Delete 2 descendants as well");
    await submit(screen.find(".ts-form"));
    expect(kernel.dataOf("runs.delete")).toEqual([{ run_ids: ["r1"], descendants: true }]);
    expect(notice()).toBe("3 runs deleted.");
    await key(1, "z", { ctrlKey: true });
    expect(kernel.dataOf("runs.restore")).toEqual([{ run_ids: ["r1", "c1", "c2"], descendants: false }]);
    expect(notice()).toBe("3 runs restored.");
  });

  it("asks without their number where the store takes its time, and takes them along all the same", async () => {
    vi.useFakeTimers();
    const kernel = await open({ "runs.delete": () => outcome("r1") });
    kernel.answers["descendants.count"] = () => null;
    await key(0, "Delete");
    expect(screen.all(".ts-dialog")).toEqual([]);
    await vi.advanceTimersByTimeAsync(1500);
    expect(screen.text(".ts-dialog")).toContain("Delete their descendants as well, if there are any");
    await submit(screen.find(".ts-form"));
    expect(kernel.dataOf("runs.delete")).toEqual([{ run_ids: ["r1"], descendants: true }]);
  });

  it("says how far it is where that takes long, until it is done", async () => {
    vi.useFakeTimers();
    const kernel = await open({ "runs.delete": () => null });
    await key(0, "Delete");
    await submit(screen.find(".ts-form"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(notice()).toBe("Delete 1 run: 0 of 1…");
    const asked = kernel.asked.find(({ kind }) => kind === "runs.delete");
    kernel.say(asked?.id ?? "", outcome("r1"));
    await settle();
    expect(notice()).toBe("1 run deleted.");
  });

  it("is left by Escape with nothing done, and the focus goes back", async () => {
    const kernel = await open();
    toggle(1).focus();
    await key(1, "Delete");
    expect(screen.text(".ts-about")).toBe(HOSTILE);
    expect(screen.element.querySelector("img")).toBeNull();
    await press(screen.find(".ts-dialog"), "Escape");
    expect(screen.all(".ts-dialog")).toEqual([]);
    expect(kernel.dataOf("runs.delete")).toEqual([]);
    expect(document.activeElement).toBe(toggle(1));
  });

  it("that is done in part says so run by run, and the rest stays chosen", async () => {
    await open({ "runs.delete": () => ({ reply: { done: ["r1"], refused: [gone("r2")] } }) });
    await key(0, " ");
    await key(1, " ", { shiftKey: true });
    await key(1, "Delete");
    await submit(screen.find(".ts-form"));
    expect(screen.find(".ts-notice").getAttribute("role")).toBe("alert");
    expect(notice()).toBe(`1 run deleted. Not done for 1 run.${HOSTILE}: there is no run r2`);
    expect(screen.element.querySelector("img")).toBeNull();
    expect(chosen()).toEqual(["r2"]);
  });

  it("of a run that someone else removed while its menu was open is told", async () => {
    const kernel = await open({ "runs.delete": () => ({ reply: { done: [], refused: [gone("r3")] } }) });
    await click(screen.named("Actions on three"));
    kernel.push(snapshot(three.slice(0, 2)), [floats(), bytes()]);
    await settle();
    await click(item("delete"));
    await submit(screen.find(".ts-form"));
    expect(notice()).toBe("Not done for 1 run.three: there is no run r3");
  });
});

describe("purging", () => {
  const trash = [row({ state: "deleted", deleted_time: 1, name: "old" })];

  it("says how many bytes go before it asks", async () => {
    const kernel = await open(
      { "runs.purge": () => ({ reply: { done: ["r1"], refused: [], bytes: 2_500_000, left: ["s3://b"] } }) },
      trash,
    );
    await key(0, "Delete", { shiftKey: true });
    expect(screen.text(".ts-dialog")).toContain("2.5 MB of artifacts are removed as well. This cannot be undone.");
    expect(screen.text(".ts-dialog")).toContain("The artifacts of 1 run stay");
    expect(kernel.dataOf("runs.purge").map(({ dry_run }) => dry_run)).toEqual([true]);
    await submit(screen.find(".ts-form"));
    expect(kernel.dataOf("runs.purge").map(({ dry_run }) => dry_run)).toEqual([true, false]);
    expect(notice()).toBe("1 run deleted for good, 2.5 MB of artifacts freed.");
  });

  it("that cannot be is not asked for", async () => {
    await open({ "runs.purge": () => ({ reply: { done: [], refused: [gone("r1")], bytes: 0, left: [] } }) }, trash);
    await key(0, "Delete", { shiftKey: true });
    expect(screen.all(".ts-dialog")).toEqual([]);
    expect(notice()).toBe("There is no run r1.");
  });
});

describe("a tag on several runs", () => {
  it("needs a name", async () => {
    const kernel = await open({ "tags.set": ({ run_ids }) => outcome(...run_ids) });
    await key(0, "t");
    await submit(screen.find(".ts-form"));
    expect(screen.text(".ts-form-fault")).toBe("A tag needs a name.");
    await type(screen.find("[name=key]"), " color ");
    await type(screen.find("[name=value]"), "blue");
    await submit(screen.find(".ts-form"));
    expect(kernel.dataOf("tags.set")).toEqual([{ run_ids: ["r1"], key: "color", value: "blue" }]);
    expect(notice()).toBe("Tag “color” set on 1 run.");
  });
});

describe("a note", () => {
  it("of one run is there to be changed, and Ctrl+Enter keeps it", async () => {
    const kernel = await open({
      "note.read": () => ({ reply: { text: HOSTILE } }),
      "tags.set": ({ run_ids }) => outcome(...run_ids),
    });
    await key(0, "n");
    const field = screen.find<HTMLTextAreaElement>("[name=note]");
    expect(field.value).toBe(HOSTILE);
    await type(field, "**better**");
    await click(screen.named("Preview"));
    await settle();
    expect(screen.text(".ts-note-preview strong")).toBe("better");
    expect(field.hidden).toBe(true);
    await click(screen.named("Write"));
    expect(screen.all(".ts-note-preview")).toEqual([]);
    await press(field, "Enter", { ctrlKey: true });
    expect(kernel.dataOf("tags.set")).toEqual([{ run_ids: ["r1"], key: "mlflow.note.content", value: "**better**" }]);
  });
});

describe("names", () => {
  it("of several runs are given by number", async () => {
    const fault = { code: "RunNotFound", message: "there is no run r2", hint: "" };
    const kernel = await open({
      "runs.rename": () => ({ reply: { done: ["r1", "r3"], refused: [{ run_id: "r2", fault }] } }),
    });
    await key(0, "a", { ctrlKey: true });
    await key(0, "F2");
    const field = screen.find<HTMLInputElement>("[name=name]");
    expect(field.value.slice(field.selectionStart ?? 0, field.selectionEnd ?? 0)).toBe("run {n}");
    await type(field, "try {n}");
    await submit(screen.find(".ts-form"));
    expect(kernel.dataOf("runs.rename")).toEqual([{ run_ids: ["r1", "r2", "r3"], names: ["try 1", "try 2", "try 3"] }]);
    expect(notice()).toContain("2 runs renamed. Not done for 1 run.");
  });

  it("of one are changed in their place, also from the menu", async () => {
    await open();
    await click(screen.named("Actions on three"));
    await click(item("rename"));
    expect(screen.find<HTMLInputElement>(".ts-name-input").value).toBe("three");
  });
});

describe("the focus", () => {
  it("goes to the run that takes the place of one that went away, and to the panel without runs", async () => {
    const kernel = await open();
    toggle(1).focus();
    const turn = () => new Promise((resolve) => requestAnimationFrame(resolve));
    kernel.push(snapshot([three[0], three[2]] as RunRow[]), [floats(), bytes()]);
    await settle();
    await turn();
    expect(document.activeElement).toBe(toggle(1));
    kernel.push(snapshot([]), [floats(), bytes()]);
    await settle();
    await turn();
    expect(document.activeElement).toBe(screen.find(".ts-panel"));
  });

  it("goes to the filter with /, and back with Escape", async () => {
    await open();
    await key(0, "/");
    expect(document.activeElement).toBe(screen.find(".ts-filter-input"));
    await press(screen.find(".ts-filter-input"), "Escape");
    expect(document.activeElement).toBe(toggle(0));
  });
});

describe("the help", () => {
  it("is of a table in which no key stands twice", () => {
    const keys = keyLines().flatMap((line) => line.keys);
    expect(keys).toEqual([...new Set(keys)]);
  });

  it("has every key of the table", async () => {
    await open();
    await key(0, "?", { shiftKey: true });
    expect(screen.text(".ts-keys")).toContain("Delete for goodShift+Del");
    expect(screen.text(".ts-keys")).toContain("Select a runSpace");
    await press(screen.find(".ts-dialog"), "Escape");
    expect(screen.all(".ts-dialog")).toEqual([]);
  });
});

describe("a run", () => {
  it("in the trash has days left; without a time of deletion none are told", async () => {
    const day = 86_400_000;
    const deleted = (days: number) =>
      row({ run_id: `d${days}`, state: "deleted", deleted_time: Date.now() - days * day });
    await open({}, [deleted(0.1), deleted(29.5), deleted(31), row({ state: "deleted", deleted_time: null })]);
    expect(screen.all(".ts-days").map((span) => span.textContent)).toEqual([
      "30 days left",
      "1 day left",
      "30 days are over",
    ]);
    expect(screen.all(".ts-duration")).toEqual([]);
  });

  it("whose kernel is gone does not look as if it went on, and its marks are said", async () => {
    await open({}, [row({ status: "RUNNING", maker: "gone", is_starred: true })]);
    await key(0, " ");
    expect(screen.text(".ts-run-status")).toBe("Kernel gone");
    expect(toggle(0).getAttribute("aria-label")).toMatch(/^brave-otter, Kernel gone, .*, Starred, Selected$/);
  });
});
