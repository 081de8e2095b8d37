/** The parts of the labextension that need no JupyterLab around them. */

import type { NotebookPanel } from "@jupyterlab/notebook";
import type { Kernel } from "@jupyterlab/services";
import { Signal } from "@lumino/signaling";
import { describe, expect, it, vi } from "vitest";
import { loadTrackside } from "../src/lab/bootstrap";
import { LiveNotebook } from "../src/lab/live-notebook";
import { within } from "../src/lab/timing";

class FakeCell {
  readonly type = "code";
  readonly contentChanged = new Signal<this, void>(this);
  readonly metadataChanged = new Signal<this, void>(this);
  readonly getSource = vi.fn(() => this.source);
  readonly sharedModel = { getSource: this.getSource, getMetadata: () => ({ ...this.metadata, trusted: true }) };

  constructor(
    readonly id: string,
    public source: string,
    public metadata: Record<string, unknown> = {},
  ) {}

  edit(source: string): void {
    this.source = source;
    this.contentChanged.emit();
  }
}

class FakePanel {
  readonly metadata = new Map<string, unknown>();
  readonly model = {
    cells: [] as FakeCell[],
    getMetadata: (key: string) => this.metadata.get(key),
    setMetadata: vi.fn((key: string, value: unknown) => this.metadata.set(key, value)),
    sharedModel: { getMetadata: () => Object.fromEntries(this.metadata) },
  };
  readonly context = { localPath: "folder/a.ipynb" };

  constructor(...cells: FakeCell[]) {
    this.model.cells = cells;
  }

  get live(): LiveNotebook {
    return new LiveNotebook(this as unknown as NotebookPanel);
  }
}

describe("the live notebook", () => {
  it("tells all at first and then only what changed", () => {
    const [one, two] = [new FakeCell("one", "1"), new FakeCell("two", "2")];
    const live = new FakePanel(one, two).live;
    expect(live.next([]).cells).toEqual({
      one: { cell_type: "code", source: "1", metadata: {} },
      two: { cell_type: "code", source: "2", metadata: {} },
    });
    two.edit("22");
    const message = live.next(["two"]);
    expect(Object.keys(message.cells)).toEqual(["two"]);
    expect(message).toMatchObject({ path: "folder/a.ipynb", order: ["one", "two"], scheduled: ["two"] });
    expect(live.next([]).cells).toEqual({});
  });

  it("does not read cells that did not change", () => {
    const cell = new FakeCell("one", "1");
    const live = new FakePanel(cell).live;
    live.next([]);
    live.next([]);
    expect(cell.getSource).toHaveBeenCalledTimes(1);
  });

  it("tells a cell again that was removed and came back", () => {
    const cell = new FakeCell("one", "1");
    const panel = new FakePanel(cell);
    const live = panel.live;
    live.next([]);
    panel.model.cells = [];
    expect(live.next([]).order).toEqual([]);
    panel.model.cells = [cell];
    expect(Object.keys(live.next([]).cells)).toEqual(["one"]);
  });

  it("tells all to a kernel that knows nothing", () => {
    const live = new FakePanel(new FakeCell("one", "1")).live;
    live.next([]);
    live.forget();
    expect(Object.keys(live.next([]).cells)).toEqual(["one"]);
  });

  it("sends many cells in several messages, and none that no server lets through", () => {
    const [big, other, huge] = [1_500_000, 1_500_000, 3_000_000].map((size) => "x".repeat(size));
    const live = new FakePanel(
      new FakeCell("a", big ?? ""),
      new FakeCell("b", other ?? ""),
      new FakeCell("c", huge ?? ""),
      new FakeCell("d", "4"),
    ).live;
    const messages = live.messages(["d"]);
    expect(messages.map(({ cells }) => Object.keys(cells))).toEqual([["a"], ["b", "d"]]);
    expect(messages.map(({ scheduled }) => scheduled)).toEqual([[], ["d"]]);
    expect(messages[0]?.order).toEqual(["a", "b", "c", "d"]);
    expect(live.messages([])).toMatchObject([{ cells: {}, scheduled: [] }]);
  });

  it("leaves out widgets' state and the mark for trusted outputs", () => {
    const panel = new FakePanel(new FakeCell("one", "1", { tags: ["x"] }));
    panel.metadata.set("widgets", { big: true }).set("title", "A");
    const message = panel.live.next([]);
    expect(message.metadata).toEqual({ title: "A" });
    expect(message.cells.one?.metadata).toEqual({ tags: ["x"] });
  });

  it("keeps the id beside what else is there, once", () => {
    const panel = new FakePanel();
    panel.metadata.set("trackside", { view: "x" });
    expect(panel.live.id).toBeNull();
    panel.live.identify("abc");
    panel.live.identify("abc");
    expect(panel.metadata.get("trackside")).toEqual({ view: "x", id: "abc" });
    expect(panel.model.setMetadata).toHaveBeenCalledTimes(1);
  });

  it.each([{ id: 7 }, { id: "" }, "text", null, []])("takes %j for no id", (metadata) => {
    const panel = new FakePanel();
    panel.metadata.set("trackside", metadata);
    expect(panel.live.id).toBeNull();
  });
});

describe("loading Trackside into a kernel", () => {
  const kernelThatReplies = (content: unknown) =>
    ({ requestExecute: vi.fn(() => ({ done: Promise.resolve({ content }) })) }) as unknown as Kernel.IKernelConnection;
  const outcome = (loaded: unknown, interpreter = "'/usr/bin/python'") => ({
    status: "ok",
    user_expressions: { loaded, interpreter: { status: "ok", data: { "text/plain": interpreter } } },
  });

  it("runs nothing that anyone sees", async () => {
    const kernel = kernelThatReplies(outcome({ status: "ok" }));
    expect(await loadTrackside(kernel)).toEqual({ kind: "loaded" });
    expect(kernel.requestExecute).toHaveBeenCalledWith(
      expect.objectContaining({ code: "", silent: true, store_history: false }),
    );
  });

  it("says where it is missing", async () => {
    const missing = { status: "error", ename: "ModuleNotFoundError", evalue: "No module named 'trackside'" };
    const kernel = kernelThatReplies(outcome(missing, "'C:\\\\env\\\\python.exe'"));
    expect(await loadTrackside(kernel)).toEqual({ kind: "missing", interpreter: "C:\\env\\python.exe" });
  });

  it("tells another module that is missing from Trackside itself", async () => {
    const broken = { status: "error", ename: "ModuleNotFoundError", evalue: "No module named 'anywidget'" };
    expect(await loadTrackside(kernelThatReplies(outcome(broken)))).toEqual({
      kind: "failed",
      message: "ModuleNotFoundError: No module named 'anywidget'",
    });
  });

  it("fails where the kernel gave no answer", async () => {
    expect((await loadTrackside(kernelThatReplies({ status: "aborted" }))).kind).toBe("failed");
  });
});

describe("waiting", () => {
  it("gives up in time", async () => {
    expect(await within(new Promise(() => undefined), 1)).toBeNull();
    expect(await within(Promise.resolve(7), 1000)).toBe(7);
  });
});
