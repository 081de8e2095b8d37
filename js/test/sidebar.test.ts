/** The panel as people use it. */

import { afterEach, describe, expect, it, vi } from "vitest";
import { HOST_EVENT, type HostDetail } from "../src/widget/host";
import { EXAMPLE } from "../src/widget/strings";
import { bytes, detail, FakeKernel, floats, row, START, showing, snapshot } from "./fake-kernel";
import { click, press, type Screen, settle, show, type } from "./screen";

let screen: Screen;

afterEach(() => {
  screen.close();
  vi.useRealTimers();
});

async function open(kernel: FakeKernel): Promise<FakeKernel> {
  screen = await show(kernel);
  return kernel;
}

const names = () => screen.all(".ts-run-name").map((name) => name.textContent);
const toggle = (index: number) => screen.all(".ts-run-toggle")[index] as HTMLElement;
const focused = () => document.activeElement;

describe("the list", () => {
  it("says which experiment of which store it is of", async () => {
    await open(new FakeKernel(showing([row(), row({ run_id: "r2" })])));
    expect(screen.text(".ts-experiment")).toBe("wine");
    expect(screen.text(".ts-store")).toBe("2 runsmlflow.db");
    expect(screen.find(".ts-store-name").title).toBe("sqlite:////home/ada/mlflow.db");
  });

  it("names each run with its status", async () => {
    await open(new FakeKernel(showing([row({ status: "FAILED", error: "ValueError: no samples" })])));
    expect(toggle(0).getAttribute("aria-label")).toMatch(/^brave-otter, Failed, /);
    expect(screen.text(".ts-run-note")).toBe("ValueError: no samples");
    expect(screen.text(".ts-run-status")).toBe("Failed");
    expect(screen.find(".ts-run").dataset.status).toBe("FAILED");
  });

  it("is kept up to date by what is pushed to anyone while its first request waits for a cell", async () => {
    const kernel = await open(new FakeKernel());
    const tell = (client: string, name: string) =>
      kernel.deliver({ kind: "runs.changed", client, data: snapshot([row({ name })]) }, [floats(), bytes()]);
    for (const name of ["first", "second"]) {
      tell("", name);
      await settle();
      expect(names()).toEqual([name]);
    }
    tell("other", "not ours");
    await settle();
    expect(names()).toEqual(["second"]);
  });

  it("tells the kernel when nobody looks at it any more, and asks again when somebody does", async () => {
    const kernel = await open(new FakeKernel(showing([row()])));
    window.dispatchEvent(new Event("pagehide"));
    expect(kernel.dataOf("runs.leave")).toEqual([{}]);
    screen.close();
    expect(kernel.dataOf("runs.leave").length).toBe(2);
    window.dispatchEvent(new Event("pagehide"));
    expect(kernel.dataOf("runs.leave").length).toBe(2);
    await open(kernel);
    expect(kernel.asked.at(-1)?.kind).toBe("runs.watch");
  });

  it("shows all that runs contain as text", async () => {
    const hostile = "<img src=x onerror=alert(1)><b>bold</b>";
    const params = [{ key: hostile, value: { text: hostile, cut: false } }];
    await open(new FakeKernel(showing([row({ name: hostile, note: hostile, params })])));
    expect(names()).toEqual([hostile]);
    expect(screen.text(".ts-run-note")).toBe(hostile);
    expect(screen.element.querySelector("img, b")).toBeNull();
  });

  it("lets the time of a run that goes on move", async () => {
    vi.useFakeTimers({ now: START + 5000 });
    await open(new FakeKernel(showing([row({ status: "RUNNING", end_time: null })])));
    expect(screen.text(".ts-duration")).toBe("5 s");
    await vi.advanceTimersByTimeAsync(2000);
    expect(screen.text(".ts-duration")).toBe("7 s");
  });

  it("folds the children of a run, however deep", async () => {
    const rows = [
      row({ children: 1 }),
      row({ run_id: "c", name: "child", depth: 1, children: 1 }),
      row({ run_id: "g", name: "grandchild", depth: 2, is_found: false }),
    ];
    const kernel = await open(new FakeKernel(showing(rows)));
    expect(screen.all(".ts-run").map((run) => run.style.getPropertyValue("--ts-depth"))).toEqual(["0", "1", "2"]);
    expect(screen.all(".ts-run")[2]?.dataset.found).toBe("false");
    await click(screen.named("1 child run"));
    expect(kernel.dataOf("runs.watch").at(-1)?.fold).toEqual({ all: false, except: ["r1"] });
    await click(screen.named("1 child run"));
    expect(kernel.dataOf("runs.watch").at(-1)?.fold).toEqual({ all: false, except: [] });
  });

  it("tells people who do not see it what changed, and what is old or was restored is no news", async () => {
    const old = row({ run_id: "r0", start_time: 1 });
    const kernel = await open(new FakeKernel(showing([row({ status: "RUNNING" }), old])));
    expect(screen.text("[aria-live]")).toBe("");
    kernel.push(
      snapshot([
        row({ run_id: "r2", name: "new", start_time: START + 1 }),
        row(),
        row({ run_id: "r3", name: "restored", start_time: START - 1 }),
        old,
      ]),
    );
    await settle();
    expect(screen.text("[aria-live]")).toBe("Run new started. Run brave-otter: Finished.");
  });
});

describe("keys", () => {
  const three = showing([row(), row({ run_id: "r2" }), row({ run_id: "r3" })]);

  it("move between runs, of which one is in the tab order", async () => {
    await open(new FakeKernel(three));
    const stops = () => screen.all(".ts-run-toggle").map((head) => head.tabIndex);
    expect(stops()).toEqual([0, -1, -1]);
    toggle(0).focus();
    await press(toggle(0), "ArrowDown");
    expect(focused()).toBe(toggle(1));
    expect(stops()).toEqual([-1, 0, -1]);
    await press(toggle(1), "End");
    expect(focused()).toBe(toggle(2));
    await press(toggle(2), "ArrowDown");
    expect(focused()).toBe(toggle(2));
    await press(toggle(2), "Home");
    await press(toggle(0), "ArrowUp");
    expect(focused()).toBe(toggle(0));
  });

  it("unfold and fold", async () => {
    const kernel = await open(new FakeKernel(three));
    await press(toggle(0), "ArrowRight");
    await press(toggle(0), "ArrowRight");
    expect(toggle(0).getAttribute("aria-expanded")).toBe("true");
    await press(toggle(0), "ArrowLeft");
    expect(toggle(0).getAttribute("aria-expanded")).toBe("false");
    expect(kernel.dataOf("runs.watch").map(({ open }) => open)).toEqual([[], ["r1"], []]);
  });

  it("rename: F2, Enter keeps, Escape leaves", async () => {
    const kernel = await open(new FakeKernel({ ...three, "run.rename": () => ({ reply: {} }) }));
    await press(toggle(0), "F2");
    await type(screen.named("New name of the run"), "never");
    await press(screen.named("New name of the run"), "Escape");
    await press(toggle(0), "F2");
    await type(screen.named("New name of the run"), " better ");
    await press(screen.named("New name of the run"), "Enter");
    expect(kernel.dataOf("run.rename")).toEqual([{ run_id: "r1", name: "better" }]);
    expect(focused()).toBe(toggle(0));
  });
});

describe("a name", () => {
  it("that is refused stays in its field, with the reason below", async () => {
    const fault = { code: "InvalidValue", message: "too long", hint: "" };
    await open(new FakeKernel({ ...showing([row()]), "run.rename": () => ({ fault }) }));
    await click(screen.named("Rename (F2)"));
    await type(screen.named("New name of the run"), "x");
    await press(screen.named("New name of the run"), "Enter");
    expect(screen.find<HTMLInputElement>(".ts-name-input").value).toBe("x");
    expect(screen.find(".ts-notice").getAttribute("role")).toBe("alert");
  });
});

describe("tags", () => {
  const withTags = showing([row()], { details: [detail] });

  it("keep their value when their editing is left, and when it is kept unchanged", async () => {
    const kernel = await open(new FakeKernel(withTags));
    await click(toggle(0));
    for (const key of ["Escape", "Enter"]) {
      await click(screen.named("Edit tag color"));
      await press(screen.named("Value of tag color"), key);
    }
    await click(screen.named("Edit tag color"));
    screen.named("Value of tag color").blur();
    await settle();
    expect(kernel.dataOf("tag.set")).toEqual([]);
    expect(screen.text(".ts-tag-value")).toBe("blue");
  });

  it("are changed", async () => {
    const kernel = await open(new FakeKernel({ ...withTags, "tag.set": () => ({ reply: {} }) }));
    await click(toggle(0));
    await click(screen.named("Edit tag color"));
    await type(screen.named("Value of tag color"), "");
    await press(screen.named("Value of tag color"), "Enter");
    expect(kernel.dataOf("tag.set")).toEqual([{ run_id: "r1", key: "color", value: "" }]);
  });

  it("that were deleted come back", async () => {
    const done = () => ({ reply: {} });
    const kernel = await open(new FakeKernel({ ...withTags, "tag.set": done, "tag.delete": done }));
    await click(toggle(0));
    await click(screen.named("Delete tag color"));
    expect(screen.text(".ts-notice-text")).toBe("Tag “color” deleted.");
    await click(screen.named("Undo"));
    expect(kernel.dataOf("tag.set")).toEqual([{ run_id: "r1", key: "color", value: "blue" }]);
  });
});

describe("the notebook of a run", () => {
  const cells = [{ cell_type: "code", source: ["x = 1\n", "<b>y</b>"] }];
  const reply = {
    notebook: JSON.stringify({ cells }),
    file_name: "wine.ipynb",
    run_name: "brave-otter",
    start_time: START,
  };
  const answers = { ...showing([row()]), "revision.read": () => ({ reply }) };

  it("is given to the page, if the page takes it", async () => {
    await open(new FakeKernel(answers));
    const asked: HostDetail[] = [];
    const listen = (event: Event) => {
      const { detail } = event as CustomEvent<HostDetail>;
      asked.push(detail);
      detail.respond(Promise.resolve());
    };
    document.body.addEventListener(HOST_EVENT, listen, { once: true });
    await click(screen.named("Open the notebook of brave-otter"));
    expect(asked).toEqual([expect.objectContaining({ kind: "revision.open", run_id: "r1", ...reply })]);
    expect(screen.all(".ts-sheet")).toEqual([]);
  });

  it("is shown in the panel where the page does nothing", async () => {
    await open(new FakeKernel(answers));
    await click(screen.named("Open the notebook of brave-otter"));
    expect(screen.text(".ts-sheet-bar")).toContain("brave-otter");
    expect(screen.text(".ts-sheet .ts-code")).toBe("x = 1\n<b>y</b>");
    await press(screen.find(".ts-sheet"), "Escape");
    expect(screen.all(".ts-sheet")).toEqual([]);
  });

  it("says why, if the page could not open it", async () => {
    await open(new FakeKernel(answers));
    const refuse = (event: Event) =>
      (event as CustomEvent<HostDetail>).detail.respond(Promise.reject(new Error("no space left")));
    document.body.addEventListener(HOST_EVENT, refuse, { once: true });
    await click(screen.named("Open the notebook of brave-otter"));
    expect(screen.text(".ts-notice-text")).toBe("No space left.");
  });

  it("that was not kept cannot be asked for, and the button says so", async () => {
    const kernel = await open(new FakeKernel(showing([row({ has_revision: false })])));
    const button = screen.find(".ts-open-revision");
    expect(button.getAttribute("aria-disabled")).toBe("true");
    expect(button.title).toBe("No notebook was kept for this run");
    await click(button);
    expect(kernel.dataOf("revision.read")).toEqual([]);
  });
});

describe("states", () => {
  it("without runs there is an example to insert, or to copy where the page inserts nothing", async () => {
    const writeText = vi.fn(() => Promise.resolve());
    vi.stubGlobal("navigator", { clipboard: { writeText } });
    await open(new FakeKernel(showing([])));
    expect(screen.text(".ts-empty pre")).toBe(EXAMPLE);
    await click(screen.named("Insert as cell"));
    expect(writeText).toHaveBeenCalledWith(EXAMPLE);
    expect(screen.text(".ts-notice-text")).toBe("Copied: paste it into a cell.");
    vi.unstubAllGlobals();
  });

  it("a store that cannot be read is said with what to do, and tried again", async () => {
    const fault = { code: "StoreUnreadable", message: "no database", hint: "move it" };
    const kernel = await open(new FakeKernel(showing([], { store: { uri: "sqlite:///x.db", fault, waiting: 0 } })));
    expect(screen.find(".ts-fault").getAttribute("role")).toBe("alert");
    expect(screen.text(".ts-fault")).toContain("No database.Move it.");
    kernel.answers = showing([row()]);
    await click(screen.named("Try again"));
    expect(names()).toEqual(["brave-otter"]);
  });

  it("a busy kernel is told from one that is slow", async () => {
    vi.useFakeTimers();
    const kernel = await open(new FakeKernel(showing([row()], { answers_while_busy: false })));
    kernel.answers = {};
    await click(toggle(0));
    await vi.advanceTimersByTimeAsync(1000);
    expect(screen.text(".ts-waiting")).toBe("The kernel is busy: this is done when the running cell ends.");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(screen.all(".ts-notice")).toEqual([]);
    const watched = kernel.asked.filter(({ kind }) => kind === "runs.watch").at(-1);
    kernel.say(watched?.id ?? "", {
      reply: snapshot([row({ name: "later" })]),
      buffers: [floats(), bytes()],
    });
    await settle();
    expect(screen.all(".ts-waiting")).toEqual([]);
    expect(names()).toEqual(["later"]);
  });

  it("a kernel that does not answer is said, and what was there stays", async () => {
    vi.useFakeTimers();
    const kernel = await open(new FakeKernel(showing([row()])));
    kernel.answers = {};
    await click(screen.named("Refresh"));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(screen.text(".ts-notice-text")).toContain("The kernel does not answer.");
    expect(names()).toEqual(["brave-otter"]);
  });
});

describe("views", () => {
  it("of one model in a page show the same, each in its own place", async () => {
    const { default: createWidget } = await import("../src/widget/index");
    const kernel = await open(new FakeKernel(showing([row()])));
    const widget = createWidget();
    const [left, right] = [document.createElement("div"), document.createElement("div")];
    const end = widget.initialize({ model: kernel });
    const removals = [left, right].map((el) => widget.render({ model: kernel, el }));
    await settle();
    await click(left.querySelector(".ts-run-toggle") as HTMLElement);
    expect(right.querySelector(".ts-run-toggle")?.getAttribute("aria-expanded")).toBe("true");
    for (const remove of removals) remove();
    expect(left.textContent).toBe("");
    end();
    screen.close();
    expect(kernel.isHeard).toBe(false);
  });
});
