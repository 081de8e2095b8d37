/** The view of one run as people use it. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HOST_EVENT, type HostDetail } from "../src/widget/host";
import type { RunChanges, RunSnapshot } from "../src/widget/run-protocol";
import { EXAMPLES, RunKernel } from "./run-examples";
import { click, press, type Screen, settle, show, type } from "./screen";

let screen: Screen;
let kernel: RunKernel;

beforeEach(() => {
  localStorage.clear();
  kernel = new RunKernel();
});
afterEach(() => screen.close());

const open = async () => {
  screen = await show(kernel);
};
const lines = () => screen.all(".ts-change").map((line) => line.textContent);
const section = (name: string) =>
  screen.all(".ts-section").find((found) => found.querySelector("h4")?.textContent?.startsWith(name));

it("every example is held to here", async () => {
  await open();
  const files = readdirSync(join(import.meta.dirname, "../../tests/protocol/run"));
  expect(files.length).toBe(Object.keys(EXAMPLES).length);
});

it("shows a star when it is stored, before it hears of anything else", async () => {
  kernel.answers["tags.set"] = ({ run_ids }) => ({ reply: { done: run_ids, refused: [] } });
  await open();
  expect(screen.all(".ts-star")).toEqual([]);
  await click(screen.find(".ts-page-head [aria-haspopup]"));
  await click(screen.find('[data-action="star"]'));
  expect(screen.all(".ts-star")).toHaveLength(1);
});

describe("what changed", () => {
  it("is told first, with what is better where the name tells", async () => {
    await open();
    expect(screen.all(".ts-section-title")[0]?.textContent).toBe("What changed");
    expect(screen.text(".ts-since")).toContain("sweep <b>1</b>");
    expect(lines().slice(0, 4)).toEqual([
      "loss0.25→0.125▼ −50%better",
      "searchgrid→random",
      "accuracy0.5new",
      "gain∞gone",
    ]);
    expect(screen.all(".ts-verdict").map((badge) => badge.dataset.verdict)).toEqual(["better"]);
    expect(lines().slice(-4)).toEqual([
      "Codechanged",
      "Environment2 packages changed",
      "numpy1.26→2.0",
      "trackside0.1.0new",
    ]);
    expect(screen.element.querySelector("b, i:not(.ts-curve i)")).toBeNull();
  });

  it("is told in a few lines where it is much, and whole when asked for", async () => {
    const param = (number: number) => ({ key: `p${number}`, before: null, after: { text: "1", cut: false } });
    kernel.answerWith("run.changes", (reply: { changes: RunChanges }) => {
      reply.changes.params.push(...Array.from({ length: 20 }, (_, number) => param(number)));
    });
    await open();
    expect(lines()).toHaveLength(8 + 4);
    expect(lines().slice(0, 2)).toEqual(["loss0.25→0.125▼ −50%better", "searchgrid→random"]);
    await click(screen.named("Show all 27 changes"));
    expect(lines()).toHaveLength(3 + 22 + 4);
    await click(screen.named("Show less"));
    expect(lines()).toHaveLength(8 + 4);
  });

  it("says so where nothing did, and where there is nothing to compare with", async () => {
    kernel.answerWith("run.changes", (reply: { changes: RunChanges }) => {
      Object.assign(reply.changes, { params: [], packages: [], code_changed: false, environment_changed: null });
      reply.changes.metrics.keys = [];
    });
    await open();
    expect(lines()).toEqual(["Codethe same"]);
    expect(section("What changed")?.textContent).toContain("Params and metrics are the same.");
    kernel.answerWith("run.changes", (reply: { changes: null }) => {
      reply.changes = null;
    });
    await click(screen.named("Refresh"));
    expect(section("What changed")?.textContent).toContain("There is no run before this one.");
  });

  it("leads to the difference from the run that it reproduces", async () => {
    const original = { run_id: "first", name: "first", status: "FINISHED", start_time: 1, end_time: 2 };
    kernel.answerWith("run.changes", (reply: { reproduces: object; verdict: string }) => {
      reply.reproduces = original;
      reply.verdict = "same";
    });
    kernel.answers["diff.open"] = () => ({ reply: { model_id: "diff1" } });
    await open();
    expect(section("What changed")?.textContent).toContain("Reproduces firstthe same results");
    await click(screen.named("the run that it reproduces"));
    expect(kernel.dataOf("diff.open")).toEqual([{ before: "first", after: "later" }]);
  });
});

describe("the page", () => {
  it("shows the run with its head, and tells the tab its name", async () => {
    const names: string[] = [];
    const listen = (event: Event) => {
      const detail = (event as CustomEvent<HostDetail>).detail;
      if (detail.kind === "run.title") names.push(detail.name);
    };
    document.addEventListener(HOST_EVENT, listen);
    await open();
    document.removeEventListener(HOST_EVENT, listen);
    expect(names).toEqual(["third <i>run</i>"]);
    expect(screen.text(".ts-run-name")).toBe("third <i>run</i>");
    expect(screen.text(".ts-run-meta")).toContain("10 s");
    expect(screen.text(".ts-run-meta")).toContain("wine/quickstart.ipynb");
    expect(screen.named("Next run. There is no run after this one.").getAttribute("aria-disabled")).toBe("true");
  });

  it("goes on to neighbours and does not mix up answers", async () => {
    await open();
    expect(kernel.dataOf("run.watch")).toEqual([{ run_id: "later" }]);
    kernel.answers["run.watch"] = () => null;
    await click(screen.named("Previous run sweep <b>1</b>"));
    expect(kernel.dataOf("run.watch").at(-1)).toEqual({ run_id: "parent" });
    const late = structuredClone(EXAMPLES.watch.reply.reply) as unknown as RunSnapshot;
    kernel.deliver({ kind: "run.changed", data: late }, []);
    await settle();
    expect(screen.text(".ts-run-name")).toBe("third <i>run</i>");
    expect(screen.all(".ts-details").length).toBe(1);
  });

  it("says that the run was deleted by someone else, and keeps what was shown", async () => {
    await open();
    for (const [stage, text] of [
      ["deleted", "This run was deleted. It is in the trash and can be restored."],
      ["gone", "This run is not there any more."],
    ] as const) {
      const nothing = { head: null, detail: null, previous: null, next: null, parent: null };
      kernel.deliver({ kind: "run.changed", data: { ...EXAMPLES.watch.reply.reply, ...nothing, stage } }, []);
      await settle();
      expect(screen.text(".ts-stage")).toBe(text);
      expect(screen.text(".ts-run-name")).toBe("third <i>run</i>");
    }
  });

  it("lists children, which lead to them, and finds a package among many", async () => {
    const packages = Array.from({ length: 40 }, (_, index) => ({ key: `package-${index}`, value: `${index}.0` }));
    kernel.answerWith("run.environment", (reply: { environment: { packages: unknown } }) => {
      reply.environment.packages = packages;
    });
    await open();
    await click(screen.named("depth 3 🌲"));
    expect(kernel.dataOf("run.watch").at(-1)).toEqual({ run_id: "child" });
    await click(screen.named("Environment"));
    expect(section("Environment")?.textContent).toContain("Abacus 9000, 8 cores");
    expect(section("Environment")?.textContent).toContain("The first 12 of 40.");
    await type(screen.named("Find a package"), "GE-39");
    expect(section("Environment")?.textContent).toContain("package-3939.0");
    expect(section("Environment")?.textContent).not.toContain("package-0");
  });

  it("remembers which sections are folded, also for the next view", async () => {
    await open();
    await click(section("Params")?.querySelector("button") as HTMLElement);
    screen.close();
    await open();
    expect(section("Params")?.querySelector("button")?.getAttribute("aria-expanded")).toBe("false");
    expect(section("Metrics")?.querySelector("button")?.getAttribute("aria-expanded")).toBe("true");
  });

  it("has a note that is written with a preview, kept with Ctrl+Enter and left with Escape", async () => {
    kernel.answers["tag.set"] = () => ({ reply: {} });
    await open();
    await click(screen.named("Write a note"));
    await type(screen.named("Note, in Markdown"), "**Fine** <b>x</b>");
    await click(screen.named("Preview"));
    expect(screen.text(".ts-note-preview").trim()).toBe("Fine <b>x</b>");
    await click(screen.named("Write"));
    const field = screen.named("Note, in Markdown");
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true, bubbles: true }));
    await settle();
    const kept = { run_id: "later", key: "mlflow.note.content", value: "**Fine** <b>x</b>" };
    expect(kernel.dataOf("tag.set")).toEqual([kept]);
    await click(screen.named("Write a note"));
    await press(screen.named("Note, in Markdown"), "Escape");
    expect(screen.all(".ts-note-editor")).toEqual([]);
    expect(kernel.dataOf("tag.set").length).toBe(1);
  });

  it("keeps a note that someone else wrote while its editor was open and unchanged", async () => {
    await open();
    await click(screen.named("Write a note"));
    kernel.answerWith("run.watch", (reply: RunSnapshot) => Object.assign(reply.detail ?? {}, { note: "theirs" }));
    await click(screen.named("Refresh"));
    await click(screen.named("Save"));
    expect(kernel.dataOf("tag.set")).toEqual([]);
    expect(screen.text(".ts-note")).toContain("theirs");
  });

  it("says that only the beginning of a very long note is shown, and counts in the page's language", async () => {
    const params = Array.from({ length: 1234 }, (_, index) => ({ key: `p${index}`, value: "1" }));
    const change = (reply: RunSnapshot) => Object.assign(reply.detail ?? {}, { note: "word ".repeat(12_000), params });
    kernel.answerWith("run.watch", change);
    await open();
    expect(screen.text(".ts-note")).toMatch(/word\s+The beginning of the note\./);
    expect(section("Params")?.querySelector(".ts-count")?.textContent).toBe("1,234");
  });

  it("links the commit and the project to https pages only, and else shows what the commit changed", async () => {
    const source = { git_commit: "4f2a91c0d37b", commit_page: "https://x.org/c", project_page: "javascript:alert(1)" };
    const change = (reply: RunSnapshot) => Object.assign(reply.detail?.source ?? {}, { name: "a.ipynb", ...source });
    kernel.answerWith("run.watch", change);
    await open();
    expect(screen.all("a").map((link) => [link.getAttribute("href"), link.getAttribute("rel")])).toEqual([
      ["https://x.org/c", "noopener noreferrer"],
    ]);
    source.commit_page = "";
    kernel.answerWith("run.watch", change);
    await click(screen.named("Refresh"));
    expect(screen.all("a")).toEqual([]);
    await click(screen.named("4f2a91c0"));
    expect(kernel.dataOf("commit.read")).toEqual([{ run_id: "later" }]);
    expect(screen.text(".ts-sheet")).toContain("+depth = 3");
  });

  it("leaves when the last view is removed", async () => {
    await open();
    screen.close();
    expect(kernel.dataOf("run.leave")).toEqual([{}]);
    await open();
  });
});

describe("models", () => {
  it("are shown with the code that predicts with them, which is copied and inserted", async () => {
    const inserted: string[] = [];
    const listen = (event: Event) => {
      const detail = (event as CustomEvent<HostDetail>).detail;
      if (detail.kind !== "cell.insert") return;
      inserted.push(detail.source);
      detail.respond(Promise.resolve());
    };
    document.addEventListener(HOST_EVENT, listen);
    await open();
    const [model] = EXAMPLES.models.reply.reply.models;
    expect(section("Models")?.textContent).toContain("it's <b>");
    expect(screen.text(".ts-snippet")).toBe(model?.pandas.trimEnd());
    await click(screen.named("Spark"));
    expect(screen.text(".ts-snippet")).toBe(model?.spark.trimEnd());
    await click(screen.named("Insert a cell that predicts with model"));
    document.removeEventListener(HOST_EVENT, listen);
    expect(inserted).toEqual([model?.spark]);
    expect(section("Models")?.querySelector("b")).toBeNull();
  });

  it("leave no section where there are none, and no code where MLflow has none", async () => {
    kernel.answers["models.list"] = () => ({ reply: { models: [] } });
    await open();
    expect(section("Models")).toBeUndefined();
    kernel.answers["models.list"] = () => ({
      reply: { models: [{ name: "m", uri: "models:/m-1", flavors: ["spark"], inputs: [], pandas: "", spark: "" }] },
    });
    await click(screen.named("Refresh"));
    expect(section("Models")?.textContent).toContain("no Python function flavor");
  });
});
