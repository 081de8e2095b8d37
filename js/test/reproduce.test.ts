/** The dialog that reproduces a run, as people use it. */

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HOST_EVENT, type HostDetail } from "../src/widget/host";
import { Form, readTolerance } from "../src/widget/reproduce/form";
import type { ReproduceJob, ReproducePlan } from "../src/widget/reproduce-protocol";
import { bytes, FakeKernel, floats, row, showing } from "./fake-kernel";
import { EXAMPLES } from "./reproduce-examples";
import { click, press, type Screen, settle, show, submit, type } from "./screen";

const PLAN = EXAMPLES.plan.reply.reply as ReproducePlan;
const JOB = EXAMPLES.changed.push.data as ReproduceJob;
const NUMBERS = [
  floats(Number.POSITIVE_INFINITY, 0.25, 3),
  floats(Number.POSITIVE_INFINITY, 0.5, 3.5),
  floats(1e-6, 1e-6, 0.5),
  bytes(3, 3, 3),
  bytes(0, 0, 1),
  floats(0, 0.5, 0.14285714285714285),
  floats(0, 0, 7),
  floats(20, 1, 20),
  floats(18, 1, 20),
];
const GOING: ReproduceJob = {
  ...JOB,
  state: "running",
  steps: [
    { name: "read", state: "done", note: "" },
    { name: "libraries", state: "running", note: "" },
  ],
  outcome: null,
  verification: null,
  ended_time: null,
};

let screen: Screen;
let kernel: FakeKernel;
let jobs: ReproduceJob[];
let asked: HostDetail[];
let plan: ReproducePlan;

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  jobs = [];
  asked = [];
  plan = structuredClone(PLAN);
  const list = showing([row({ run_id: "parent", name: "sweep <b>1</b>" })]);
  kernel = new FakeKernel({
    ...list,
    "reproduce.plan": ({ folder }) => ({
      reply: folder === "/full" ? { ...plan, folder_fault: { code: "X", message: "it is not empty", hint: "" } } : plan,
    }),
    "reproduce.check": () => ({ reply: {} }),
    "reproduce.start": () => ({ reply: { job: "job1" } }),
    "reproduce.cancel": () => ({ reply: {} }),
    "reproduce.jobs": () => ({ reply: { jobs }, buffers: NUMBERS }),
  });
});
afterEach(() => screen.close());

async function openDialog(answer: () => unknown = () => undefined): Promise<void> {
  screen = await show(kernel);
  screen.element.addEventListener(HOST_EVENT, (event) => {
    const { detail } = event as CustomEvent<HostDetail>;
    asked.push(detail);
    detail.respond(Promise.resolve(answer()));
  });
  await press(screen.find(".ts-run-toggle"), "p");
  await settle();
}

const dialog = () => screen.find("dialog").textContent ?? "";
const push = async (data: ReproduceJob) => {
  jobs = [data];
  kernel.deliver({ kind: "reproduce.changed", data }, NUMBERS);
  await settle();
};
const labelled = (text: string) => {
  const label = screen.all("dialog label").find((found) => found.textContent?.includes(text));
  return screen.find<HTMLInputElement>(`[id="${label?.getAttribute("for")}"]`);
};
const begin = () => submit(screen.find("dialog form"));

describe("the plan", () => {
  it("says what is made, why, with what, and what needs a tick", async () => {
    await openDialog();
    expect(dialog()).toContain("Reproduce “sweep <b>1</b>”");
    expect(dialog()).toContain("Gets quickstart.ipynb, wine_model.py");
    expect(dialog()).toContain("Its runs go beside the original, to /home/ada/wine/mlflow.db.");
    expect(dialog()).toContain("so the clone lacks it: part of the changes, 2 local modules.");
    expect(dialog()).toContain("Not the original: numpy is 2.0.0 there now, the run had 1.26.4.");
    expect(dialog()).toContain("Install its 5 libraries");
    expect(screen.all(".ts-rp-warning code").map(({ textContent }) => textContent)).toEqual([
      "wine_model.py",
      "tools @ https://example.org/tools-1.0.zip",
      "-e file:///home/ada/own",
      "--pre",
      "evil; rm -rf /",
    ]);
    expect(screen.element.querySelector("b")).toBeNull();
  });

  it("marks what the index does not have any more, and can go on without it", async () => {
    await openDialog();
    expect(dialog()).toContain("Asking the index");
    kernel.deliver(EXAMPLES.checked.push);
    await settle();
    expect(dialog()).toContain("1 library cannot be had any more:");
    await click(labelled("Go on without numpy==1.26.4"));
    await click(labelled("tools @ https"));
    await begin();
    expect(kernel.dataOf("reproduce.start")[0]).toMatchObject({
      without: ["numpy"],
      allowed: ["tools @ https://example.org/tools-1.0.zip"],
      verify: false,
      environment: true,
    });
  });

  it("asks the kernel about the folder while it is typed, and does not begin with a bad one", async () => {
    await openDialog();
    await type(labelled("Folder"), "/full");
    await new Promise((resolve) => setTimeout(resolve, 300));
    await settle();
    expect(dialog()).toContain("It is not empty.");
    await begin();
    expect(kernel.dataOf("reproduce.start")).toEqual([]);
    await type(labelled("Folder"), "  ");
    expect(dialog()).toContain("The clone needs a folder.");
  });

  it("offers the nearest Python before it begins, and none where there is none", async () => {
    plan.pythons = [{ id: "3.12", version: "3.12", way: "download", is_exact: false }];
    plan.python_fault = "uv does not offer it";
    await openDialog();
    expect(dialog()).toContain("Python 3.11.7 cannot be had: uv does not offer it. The nearest is offered.");
    screen.close();
    plan.pythons = [];
    await openDialog();
    expect(screen.named("Reproduce").hasAttribute("disabled")).toBe(true);
    await click(labelled("The environment that the run had"));
    expect(screen.named("Reproduce").hasAttribute("disabled")).toBe(false);
  });

  it("takes the notebook from a commit only where people agree", async () => {
    plan.source = { kind: "commit", version: "0123456789abcdef" };
    await openDialog();
    expect(dialog()).toContain("commit 01234567");
    expect(screen.named("Reproduce").hasAttribute("disabled")).toBe(true);
    await click(labelled("Take it from the commit"));
    await begin();
    expect(kernel.dataOf("reproduce.start")[0]?.from_commit).toBe(true);
  });

  it("goes into a folder of its own below one that people choose from the page's", async () => {
    let chosen: string | null = "work/runs";
    await openDialog(() => chosen);
    await click(screen.named("Choose…"));
    expect(asked).toMatchObject([{ kind: "folder.choose" }]);
    expect(labelled("Folder").value).toBe("/home/ada/work/runs/quickstart-sweep-b-1-b");
    chosen = null;
    await click(screen.named("Choose…"));
    expect(labelled("Folder").value).toBe("/home/ada/work/runs/quickstart-sweep-b-1-b");
    screen.close();
    plan.server_root = null;
    await openDialog();
    expect(dialog()).not.toContain("Choose…");
  });

  it("says what is wrong where there is nothing to clone", async () => {
    kernel.answers["reproduce.plan"] = () => ({ fault: { code: "X", message: "the revision is damaged", hint: "h" } });
    await openDialog();
    expect(screen.text('dialog [role="alert"]')).toContain("The revision is damaged.");
  });
});

describe("a job", () => {
  it("shows its steps and its log, and opens the clone in front when it is done", async () => {
    await openDialog();
    jobs = [GOING];
    await begin();
    expect(screen.all(".ts-rp-steps li").map(({ dataset }) => dataset.state)).toEqual(["done", "running"]);
    expect(screen.text('[role="log"]')).toBe("Installed 2 packages in 12ms");
    await push({ ...JOB, verification: null });
    expect(asked).toMatchObject([{ kind: "clone.open", run_all: false, kernel: JOB.outcome?.kernel }]);
    expect(screen.element.querySelector("dialog")).toBeNull();
    expect(screen.text(".ts-rp-bar")).toContain("sweep <b>1</b>: Reproduced");
    await push({ ...JOB, verification: null });
    expect(asked.length).toBe(1);
  });

  it("is cancelled, and found again in the bar when its window is closed", async () => {
    await openDialog();
    jobs = [GOING];
    await begin();
    await click(screen.named("Continue in the background"));
    expect(screen.text(".ts-rp-bar")).toContain("Install the libraries…");
    await click(screen.named("Show"));
    await click(screen.named("Cancel"));
    expect(kernel.dataOf("reproduce.cancel")).toEqual([{ job: "job1" }]);
    const steps = GOING.steps.map((step) => ({ ...step, state: step.state === "running" ? "cancelled" : step.state }));
    await push({ ...GOING, state: "cancelled", steps } as ReproduceJob);
    expect(dialog()).toContain("Nothing was left behind.");
    expect(screen.text('.ts-rp-steps [data-state="cancelled"]')).toBe("Install the librariescancelled");
  });

  it("that is stopped or fails while the clone is verified leaves the clone, to be opened", async () => {
    await openDialog();
    jobs = [GOING];
    await click(labelled("Verify"));
    await begin();
    await push({ ...JOB, state: "cancelled", verification: null });
    expect(dialog()).toContain("The clone is ready. Verifying it was cancelled.");
    const fault = { code: "Install", message: "nbclient is missing", hint: "", libraries: [] };
    await push({ ...JOB, state: "failed", verification: null, fault });
    expect(dialog()).toContain("The clone is ready, but could not be verified.");
    await click(screen.named("Open the clone"));
    expect(asked).toMatchObject([{ kind: "clone.open" }]);
  });

  it("names the library that failed, and goes on without it with the same choices", async () => {
    await openDialog();
    jobs = [GOING];
    await click(labelled("Run all cells"));
    await begin();
    const fault = { code: "Install", message: "tools was not found", hint: "", libraries: ["tools"] };
    await push({ ...GOING, state: "failed", fault });
    expect(dialog()).toContain("Tools was not found.");
    await click(screen.named("Go on without tools"));
    expect(kernel.dataOf("reproduce.start").map(({ without }) => without)).toEqual([[], ["tools"]]);
  });

  it("of another page is found, and its clone is not opened by itself", async () => {
    jobs = [{ ...JOB, verification: null }];
    kernel.answers["part.read"] = () => null;
    await openDialog();
    await press(screen.find("dialog"), "Escape");
    await push({ ...JOB, verification: null });
    expect(asked).toEqual([]);
    await click(screen.named("Show"));
    expect(dialog()).toContain(JOB.outcome?.notebook);
    await click(screen.named("Open the clone"));
    expect(asked).toMatchObject([{ kind: "clone.open", path: JOB.outcome?.server_path }]);
  });
});

describe("the report", () => {
  it("has what differs first, by how much, and why that may be", async () => {
    await openDialog();
    jobs = [GOING];
    await click(labelled("Run all cells"));
    await click(labelled("Verify"));
    await begin();
    await push(JOB);
    expect(asked).toEqual([]);
    expect(dialog()).toContain("The results differ: 5 of 7 values.");
    expect(screen.all(".ts-rp-table tbody tr").map(({ textContent }) => textContent)).toEqual([
      "gain∞∞equal at last, of 20 and 18 points differs",
      "loss0.250.5+0.25 (+100%) differs",
      "time33.5+0.5 (+17%) within the tolerance",
      "textx– differs",
      "searchgridgrid within the tolerance",
      "fold <b>1</b>1 difference: loss differs",
      "fold 2only the original differs",
    ]);
    expect(screen.all(".ts-rp-reasons").map(({ textContent }) => textContent)).toEqual([
      "Why results may differNo random seed was set in the notebook.",
      "What was comparedWhat was measured of the system is not compared.",
    ]);
    expect(screen.all(".ts-rp-links button").map(({ textContent }) => textContent)).toEqual([
      "All differences",
      "New run",
      "Original run",
      "Save the report",
    ]);
    await click(screen.named("Open the clone"));
    expect(asked).toMatchObject([{ kind: "clone.open", run_all: true }]);
    expect(screen.element.querySelector("dialog")).toBeNull();
  });

  it("leads to all differences of both runs", async () => {
    kernel.answers["diff.open"] = () => ({ reply: { model_id: "diff1" } });
    await openDialog();
    jobs = [GOING];
    await click(labelled("Verify"));
    await begin();
    await push(JOB);
    await click(screen.named("All differences"));
    expect(kernel.dataOf("diff.open")).toEqual([{ before: "parent", after: JOB.verification?.run_id }]);
    expect(asked).toMatchObject([{ kind: "compare.open", model_id: "diff1" }]);
    expect(screen.text(".ts-rp-bar")).toContain("The results differ.");
    expect(screen.find(".ts-rp-bar svg").dataset.status).toBe("FAILED");
    expect(screen.element.querySelector("dialog")).toBeNull();
  });
});

describe("what is typed", () => {
  it.each([
    ["1e-6", 1e-6],
    ["0,5", 0.5],
    ["0", 0],
    ["", null],
    ["-1", null],
    ["x", null],
  ])("%j is the tolerance %j", (text, value) => expect(readTolerance(text)).toBe(value));

  it("is a tolerance for each metric, or a fault", () => {
    const form = new Form(PLAN);
    form.tolerances.value = "loss=0.01, a=b=0.1";
    expect(form.options().tolerances).toEqual({ loss: 0.01, "a=b": 0.1 });
    form.verify.value = true;
    expect(form.isReady.value).toBe(true);
    form.tolerances.value = "loss";
    expect([form.isReady.value, form.tolerancesText.value]).toEqual([false, "“loss” is not like loss=0.01."]);
  });
});
