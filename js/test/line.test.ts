/** The labextension's line to a kernel: when it can be opened, and what is waited for. */

import type { Kernel } from "@jupyterlab/services";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Line } from "../src/lab/line";

/** A promise and what settles it. */
function later<T>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

class FakeKernel {
  readonly told = later<unknown>();
  readonly reply = later<unknown>();
  readonly info = this.told.promise;
  readonly subshells = new Map<string, ReturnType<typeof later<void>>>();
  readonly disposed: string[] = [];
  readonly sendShellMessage = vi.fn();
  supportsSubshells = true;
  commsOverSubshells: string | undefined = "perCommTarget";

  createComm(target: string) {
    const started = later<void>();
    this.subshells.set(target, started);
    return { commId: target, subshellStarted: started.promise, dispose: () => this.disposed.push(target) };
  }

  sendControlMessage() {
    return { done: this.reply.promise, dispose: () => undefined };
  }

  line(): Line {
    const kernel = this as unknown as Kernel.IKernelConnection;
    return new Line(
      kernel,
      () => undefined,
      () => undefined,
    );
  }
}

/** Whether it has come to its end, after all that can be done without time passing. */
async function isDone(work: Promise<void>): Promise<boolean> {
  let done = false;
  void work.then(() => {
    done = true;
  });
  await vi.advanceTimersByTimeAsync(0);
  return done;
}

const GIVEN = { header: { msg_type: "create_subshell_reply" }, content: { subshell_id: "own" } };

describe("the line to a kernel", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is ready when its comm and the widgets have their subshells", async () => {
    const kernel = new FakeKernel();
    kernel.told.resolve({});
    const prepared = kernel.line().prepare();
    expect(await isDone(prepared)).toBe(false);
    kernel.subshells.get("trackside")?.resolve();
    expect(await isDone(prepared)).toBe(false);
    kernel.subshells.get("jupyter.widget")?.resolve();
    expect(await isDone(prepared)).toBe(true);
    expect(kernel.disposed).toEqual(["jupyter.widget"]);
  });

  it.each([
    ["a kernel without subshells", false, "perCommTarget"],
    ["people who want comms on none", true, "disabled"],
  ])("waits for no subshell of %s", async (_, supportsSubshells, commsOverSubshells) => {
    const kernel = Object.assign(new FakeKernel(), { supportsSubshells, commsOverSubshells });
    kernel.told.resolve({});
    expect(await isDone(kernel.line().prepare())).toBe(true);
  });

  it("waits for the subshell of a busy kernel as long as that takes", async () => {
    const kernel = new FakeKernel();
    const line = kernel.line();
    const prepared = line.prepare();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await isDone(prepared)).toBe(false);
    kernel.reply.resolve(GIVEN);
    expect(await isDone(prepared)).toBe(true);
    expect(line.isEarly).toBe(true);
  });

  it("takes the usual way where the cell ends before a subshell is given", async () => {
    const kernel = Object.assign(new FakeKernel(), { supportsSubshells: false });
    const line = kernel.line();
    const prepared = line.prepare();
    await vi.advanceTimersByTimeAsync(5000);
    kernel.told.resolve({});
    expect(await isDone(prepared)).toBe(true);
    expect(line.isEarly).toBe(false);
  });
});
