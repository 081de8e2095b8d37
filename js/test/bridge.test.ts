import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Bridge, FaultError } from "../src/widget/bridge";
import { FakeKernel } from "./fake-kernel";

const RENAME = { run_id: "r", name: "n" };

let isPatient: boolean;
let waiting: string[];
let pushed: unknown[];
let kernel: FakeKernel;
let bridge: Bridge;

beforeEach(() => {
  vi.useFakeTimers();
  isPatient = false;
  waiting = [];
  pushed = [];
  kernel = new FakeKernel();
  bridge = new Bridge(kernel, {
    onPush: (push) => pushed.push(push),
    onWaiting: (waitingFor) => waiting.push(waitingFor),
    isPatient: () => isPatient,
  });
});

afterEach(() => {
  bridge.close();
  vi.useRealTimers();
});

const idOf = (index: number) => kernel.asked[index]?.id ?? "";
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "answered",
    (error: unknown) => (error instanceof FaultError ? error.fault.code : String(error)),
  );

describe("a request", () => {
  it("gets the answer with its own id, in whatever order they come", async () => {
    const [first, second] = [
      bridge.request("run.rename", RENAME),
      bridge.request("artifacts.list", { run_id: "r", path: "" }),
    ];
    kernel.say(idOf(1), { reply: { entries: [] } });
    kernel.say(idOf(0), { reply: {} });
    expect((await first).reply).toEqual({});
    expect((await second).reply).toEqual({ entries: [] });
  });

  it("about many runs may take as long as it takes", async () => {
    const answer = bridge.request("runs.csv", { run_ids: ["r"], download: true });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(waiting).toEqual(["kernel"]);
    kernel.say(idOf(0), { reply: { path: "a.csv", content: 0 } });
    expect((await answer).reply.path).toBe("a.csv");
    expect(waiting).toEqual(["kernel", ""]);
  });

  it("is not given up because the page was blocked when its answer came", async () => {
    const answer = bridge.request("run.rename", RENAME);
    vi.runOnlyPendingTimers(); // all that was due meanwhile, before the answer
    kernel.say(idOf(0), { reply: {} });
    expect((await answer).reply).toEqual({});
  });

  it("has an id that no other page uses, with the page's own name before the colon", () => {
    const other = new Bridge(kernel, { onPush: () => undefined, onWaiting: () => undefined, isPatient: () => false });
    void bridge.request("run.rename", RENAME);
    void bridge.request("run.rename", RENAME);
    void other.request("run.rename", RENAME).catch(() => undefined);
    const [page, samePage, otherPage] = kernel.asked.map(({ id }) => id.split(":")[0]);
    expect(page).toBe(samePage);
    expect(page).not.toBe(otherPage);
    expect(new Set(kernel.asked.map(({ id }) => id)).size).toBe(3);
    other.close();
  });

  it("is rejected with the fault that the kernel met", async () => {
    const code = codeOf(bridge.request("run.rename", RENAME));
    kernel.say(idOf(0), { fault: { code: "RunNotFound", message: "gone", hint: "" } });
    expect(await code).toBe("RunNotFound");
  });

  it("that the kernel is at work on waits for the store, and as long as that takes", async () => {
    const answer = bridge.request("run.rename", RENAME);
    await vi.advanceTimersByTimeAsync(1500);
    kernel.deliver({ id: idOf(0), begun: true });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(waiting).toEqual(["kernel", "store"]);
    kernel.say(idOf(0), { reply: {} });
    expect((await answer).reply).toEqual({});
    expect(waiting).toEqual(["kernel", "store", ""]);
  });

  it("gives up after ten seconds, and a late answer still counts", async () => {
    const onLate = vi.fn();
    const code = codeOf(bridge.request("run.rename", RENAME, onLate));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await code).toBe("Timeout");
    kernel.say(idOf(0), { reply: {} });
    expect(onLate).toHaveBeenCalledOnce();
  });

  it("waits as long as it takes where the kernel cannot answer while it is busy", async () => {
    isPatient = true;
    const code = codeOf(bridge.request("run.rename", RENAME));
    await vi.advanceTimersByTimeAsync(3_600_000);
    kernel.say(idOf(0), { reply: {} });
    expect(await code).toBe("answered");
  });

  it("that cannot be sent is rejected at once", async () => {
    kernel.send = () => {
      throw new Error("the comm is closed");
    };
    expect(await codeOf(bridge.request("run.rename", RENAME))).toBe("Disconnected");
  });
});

describe("waiting", () => {
  it("starts after a second and ends with the last answer", async () => {
    void bridge.request("run.rename", RENAME);
    void bridge.request("run.rename", RENAME);
    await vi.advanceTimersByTimeAsync(999);
    expect(waiting).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(waiting).toEqual(["kernel"]);
    kernel.say(idOf(0), { reply: {} });
    expect(waiting).toEqual(["kernel"]);
    kernel.say(idOf(1), { reply: {} });
    expect(waiting).toEqual(["kernel", ""]);
  });
});

describe("messages", () => {
  it("that are pushed are told from answers", () => {
    kernel.deliver({ kind: "runs.changed", data: {} });
    expect(pushed).toHaveLength(1);
  });

  it.each([null, "text", 7, {}, { id: 7, reply: {} }, { id: "someone:1", reply: {} }, { kind: "unknown" }])(
    "that mean nothing here are left alone: %j",
    (content) => {
      kernel.deliver(content);
      expect(pushed).toEqual([]);
    },
  );

  it("are not heard after the end", () => {
    bridge.close();
    expect(kernel.isHeard).toBe(false);
  });
});
