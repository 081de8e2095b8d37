/** What the labextension says to the kernel and hears from it, held to the examples in `tests/protocol`. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Signal } from "@lumino/signaling";
import { describe, expect, it } from "vitest";
import notebookIdentify from "../../tests/protocol/host.notebook.identify.json";
import notebookSync from "../../tests/protocol/host.notebook.sync.json";
import panelFailed from "../../tests/protocol/host.panel.failed.json";
import panelOpen from "../../tests/protocol/host.panel.open.json";
import panelPush from "../../tests/protocol/host.panel.push.json";
import panelReady from "../../tests/protocol/host.panel.ready.json";
import panelReveal from "../../tests/protocol/host.panel.reveal.json";
import revisionFailed from "../../tests/protocol/host.revision.failed.json";
import revisionRead from "../../tests/protocol/host.revision.read.json";
import revisionReady from "../../tests/protocol/host.revision.ready.json";
import runFailed from "../../tests/protocol/host.run.failed.json";
import runOpen from "../../tests/protocol/host.run.open.json";
import runReady from "../../tests/protocol/host.run.ready.json";
import { type Asked, ask } from "../src/lab/ask";
import type { KernelChannel } from "../src/lab/kernel-channel";
import type { FromKernel, ToKernel } from "../src/lab/protocol";
import { strings } from "../src/lab/strings";
import type { Loose } from "./exchange";

type Told<K> = { message: Loose<Extract<ToKernel | FromKernel, { kind: K }>> };

/** Nothing is to be had from these at run time: that they compile is the test. */
const EXAMPLES = [
  notebookIdentify satisfies Told<"notebook.identify">,
  notebookSync satisfies Told<"notebook.sync">,
  panelFailed satisfies Told<"panel.failed">,
  panelOpen satisfies Told<"panel.open">,
  panelPush satisfies Told<"panel.push">,
  panelReady satisfies Told<"panel.ready">,
  panelReveal satisfies Told<"panel.reveal">,
  revisionFailed satisfies Told<"revision.failed">,
  revisionRead satisfies Told<"revision.read">,
  revisionReady satisfies Told<"revision.ready">,
  runFailed satisfies Told<"run.failed">,
  runOpen satisfies Told<"run.open">,
  runReady satisfies Told<"run.ready">,
];

it("has an example of every message", () => {
  const files = readdirSync(join(import.meta.dirname, "../../tests/protocol"));
  const kinds = files.filter((name) => name.startsWith("host.")).map((name) => name.slice(5, -5));
  expect(EXAMPLES.map(({ message }) => message.kind).sort()).toEqual(kinds.sort());
});

class FakeChannel {
  readonly sent: ToKernel[] = [];
  readonly received = new Signal<this, FromKernel>(this);
  readonly changed = new Signal<this, void>(this);
  readonly send = (message: ToKernel) => void this.sent.push(message);

  ask<A extends Asked>(asked: A) {
    return ask(this as unknown as KernelChannel, asked);
  }

  hear(example: { message: object }, changes: object = {}): void {
    this.received.emit({ ...example.message, ...changes } as FromKernel);
  }
}

describe("a question to the kernel", () => {
  it("gets its own answer, whatever else is said meanwhile", async () => {
    const channel = new FakeChannel();
    const panel = channel.ask({ kind: "panel.open" });
    const runs = ["a", "b"].map((run_id) => channel.ask({ kind: "run.open", run_id }));
    const notebook = channel.ask({ kind: "revision.read", run_id: "a", path: "" });
    channel.hear(panelReveal);
    channel.hear(revisionReady, { run_id: "a", path: "other.ipynb", file_name: "other.ipynb" });
    channel.hear(runReady, { run_id: "b", model_id: "of b" });
    channel.hear(runReady, { run_id: "a", model_id: "of a" });
    channel.hear(revisionReady, { run_id: "a" });
    channel.hear(panelReady);
    expect((await Promise.all(runs)).map(({ model_id }) => model_id)).toEqual(["of a", "of b"]);
    expect((await notebook).file_name).toBe("wine.ipynb");
    expect((await panel).model_id).toBe("6f1d");
    expect(channel.sent.map(({ kind }) => kind)).toEqual(["panel.open", "run.open", "run.open", "revision.read"]);
  });

  it("ends with why there is none, or with the line to the kernel", async () => {
    const channel = new FakeChannel();
    const asked = { kind: "revision.read", run_id: revisionFailed.message.run_id, path: "" } as const;
    const gone = channel.ask(asked);
    channel.hear(revisionFailed);
    await expect(gone).rejects.toMatchObject({ message: "there is no run '4f0c2d'", hint: /removed for good/ });
    const cut = channel.ask(asked);
    channel.changed.emit();
    await expect(cut).rejects.toThrow(strings.noAnswer);
    channel.hear(revisionReady);
  });
});
