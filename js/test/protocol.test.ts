/** The front end's side of the messages, held to the examples in `tests/protocol`. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import artifactRead from "../../tests/protocol/artifact.read.json";
import artifactsList from "../../tests/protocol/artifacts.list.json";
import curvesRead from "../../tests/protocol/curves.read.json";
import descendantsCount from "../../tests/protocol/descendants.count.json";
import experimentsList from "../../tests/protocol/experiments.list.json";
import fault from "../../tests/protocol/fault.json";
import filterHelp from "../../tests/protocol/filter.help.json";
import kernelInterrupt from "../../tests/protocol/kernel.interrupt.json";
import namesList from "../../tests/protocol/names.list.json";
import noteRead from "../../tests/protocol/note.read.json";
import revisionRead from "../../tests/protocol/revision.read.json";
import runPage from "../../tests/protocol/run.page.json";
import runRename from "../../tests/protocol/run.rename.json";
import runsBetween from "../../tests/protocol/runs.between.json";
import runsChanged from "../../tests/protocol/runs.changed.json";
import runsClose from "../../tests/protocol/runs.close.json";
import runsCsv from "../../tests/protocol/runs.csv.json";
import runsDelete from "../../tests/protocol/runs.delete.json";
import runsGroup from "../../tests/protocol/runs.group.json";
import runsIds from "../../tests/protocol/runs.ids.json";
import runsLeave from "../../tests/protocol/runs.leave.json";
import runsPurge from "../../tests/protocol/runs.purge.json";
import runsRename from "../../tests/protocol/runs.rename.json";
import runsRestore from "../../tests/protocol/runs.restore.json";
import runsWatch from "../../tests/protocol/runs.watch.json";
import storeSet from "../../tests/protocol/store.set.json";
import tagDelete from "../../tests/protocol/tag.delete.json";
import tagSet from "../../tests/protocol/tag.set.json";
import tagsDelete from "../../tests/protocol/tags.delete.json";
import tagsSet from "../../tests/protocol/tags.set.json";
import type { Fault, Request, RequestKind, RunsSnapshot } from "../src/widget/protocol";
import { type Exchange, type Loose, toBinary, type Written } from "./exchange";
import { FakeKernel } from "./fake-kernel";
import { click, type Screen, settle, show, type } from "./screen";

/** A type that has no keys but those of `T`, at any depth. */
type Only<A, T> = unknown extends T
  ? A
  : A extends readonly (infer I)[]
    ? Only<I, NonNullable<T> extends readonly (infer J)[] ? J : never>[]
    : A extends object
      ? { [K in keyof A]: K extends keyof NonNullable<T> ? Only<A[K], NonNullable<T>[K]> : never }
      : A;

/** Compiles only if the example is what `protocol.ts` says: nothing missing, nothing more. */
function typed<T>() {
  return <A extends T>(example: A & Only<A, T>): A => example;
}

typed<Exchange<"runs.watch">>()(runsWatch);
typed<Exchange<"filter.help">>()(filterHelp);
typed<Exchange<"runs.group">>()(runsGroup);
typed<Exchange<"curves.read">>()(curvesRead);
typed<Exchange<"names.list">>()(namesList);
typed<Exchange<"experiments.list">>()(experimentsList);
typed<Exchange<"store.set">>()(storeSet);
typed<Exchange<"run.rename">>()(runRename);
typed<Exchange<"tag.set">>()(tagSet);
typed<Exchange<"tag.delete">>()(tagDelete);
typed<Exchange<"artifacts.list">>()(artifactsList);
typed<Exchange<"artifact.read">>()(artifactRead);
typed<Exchange<"revision.read">>()(revisionRead);
typed<Exchange<"tags.set">>()(tagsSet);
typed<Exchange<"tags.delete">>()(tagsDelete);
typed<Exchange<"runs.rename">>()(runsRename);
typed<Exchange<"runs.restore">>()(runsRestore);
typed<Exchange<"runs.between">>()(runsBetween);
typed<Exchange<"runs.leave">>()(runsLeave);
typed<Exchange<"runs.ids">>()(runsIds);
typed<Exchange<"note.read">>()(noteRead);
typed<Exchange<"runs.purge">>()(runsPurge);
typed<Exchange<"runs.delete">>()(runsDelete);
typed<Exchange<"runs.csv">>()(runsCsv);
typed<Exchange<"runs.close">>()(runsClose);
typed<Exchange<"run.page">>()(runPage);
typed<Exchange<"kernel.interrupt">>()(kernelInterrupt);
typed<Exchange<"descendants.count">>()(descendantsCount);
typed<{ request: Loose<Request<"revision.read">>; reply: { id: string; fault: Fault } }>()(fault);
typed<{ push: Loose<{ kind: "runs.changed"; client: string; data: RunsSnapshot }>; buffers: Written[] }>()(runsChanged);

const EXAMPLES = {
  artifactRead,
  artifactsList,
  fault,
  revisionRead,
  runRename,
  runsLeave,
  runsWatch,
  tagDelete,
  tagSet,
};
const LISTING = { curvesRead, experimentsList, filterHelp, namesList, runsGroup, storeSet };
const ACTIONS = {
  descendantsCount,
  kernelInterrupt,
  noteRead,
  runPage,
  runsBetween,
  runsClose,
  runsCsv,
  runsDelete,
  runsIds,
  runsPurge,
  runsRename,
  runsRestore,
  tagsDelete,
  tagsSet,
};
const [PARENT, CHILD] = ["sweep <b>1</b>", "depth 3 🌲"];

let screen: Screen | undefined;
afterEach(() => screen?.close());

/** A kernel that answers as the examples do. */
function exemplaryKernel(): FakeKernel {
  const kernel = new FakeKernel();
  for (const example of Object.values({ ...EXAMPLES, ...ACTIONS })) {
    if (example === fault) continue;
    const { request, reply, buffers = [] } = example as Exchange<RequestKind>;
    kernel.answers[request.kind as RequestKind] = () => ({ reply: reply.reply, buffers: toBinary(buffers) });
  }
  return kernel;
}

async function showExample(): Promise<{ kernel: FakeKernel; screen: Screen }> {
  const kernel = exemplaryKernel();
  screen = await show(kernel);
  return { kernel, screen };
}

async function unfold(shown: Screen, index: number): Promise<void> {
  const toggle = shown.all(".ts-run-toggle")[index];
  if (toggle) await click(toggle);
}

const lastData = (kernel: FakeKernel, kind: RequestKind) => kernel.dataOf(kind).at(-1);

it("every example is held to here", () => {
  const entries = readdirSync(join(import.meta.dirname, "../../tests/protocol"));
  const files = entries.filter((name) => name.endsWith(".json") && !name.startsWith("host."));
  const known = [EXAMPLES, ACTIONS, LISTING].flatMap((examples) => Object.keys(examples));
  expect(files.length).toBe(known.length + 1);
});

it("the examples' snapshot is shown, markup as text and numbers from the buffers", async () => {
  const { screen } = await showExample();
  expect(screen.all(".ts-run-name").map((name) => name.textContent)).toEqual([PARENT, CHILD]);
  expect(screen.all("[data-kind=metrics]").map((line) => line.textContent)).toEqual(["loss0.25gain∞", "loss0.5"]);
  expect(screen.element.querySelector("b")).toBeNull();
});

it("a push replaces what is shown", async () => {
  const { kernel, screen } = await showExample();
  const push = (client: string | undefined) =>
    kernel.deliver({ ...runsChanged.push, client }, toBinary(runsChanged.buffers));
  push("another page");
  await settle();
  expect(screen.all(".ts-run")).toHaveLength(2);
  push(kernel.asked[0]?.id.split(":")[0]);
  await settle();
  expect(screen.all(".ts-run-name").map((name) => name.textContent)).toEqual([PARENT]);
});

it("unfolding asks for the example's details and shows all of them", async () => {
  const { kernel, screen } = await showExample();
  await unfold(screen, 0);
  expect(lastData(kernel, "runs.watch")).toEqual({ ...runsWatch.request.data, open: ["parent"] });
  const shown = screen.text(".ts-details");
  for (const text of ["ValueError", "depth must be positive", "grid", "color", "blue", "4f2a91c0", "with changes"])
    expect(shown).toContain(text);
  expect(screen.text(".ts-metric")).toContain("step 2");
});

it("what people do is asked for as in the examples", async () => {
  const { kernel, screen } = await showExample();
  await unfold(screen, 0);
  expect(lastData(kernel, "artifacts.list")).toEqual(artifactsList.request.data);

  await click(screen.named("Delete tag color"));
  expect(lastData(kernel, "tag.delete")).toEqual(tagDelete.request.data);

  await type(screen.named("Name of the new tag"), "stage");
  await type(screen.named("Value of the new tag"), "candidate");
  await click(screen.named("Add"));
  expect(lastData(kernel, "tag.set")).toEqual(tagSet.request.data);

  await click(screen.named("summary.txt"));
  expect(lastData(kernel, "artifact.read")).toEqual(artifactRead.request.data);
  expect(screen.text(".ts-files .ts-code")).toBe("fine");

  await click(screen.named(`Open the notebook of ${PARENT}`));
  expect(lastData(kernel, "revision.read")).toEqual(revisionRead.request.data);
});

it("a fault is said", async () => {
  const { kernel, screen } = await showExample();
  kernel.answers["revision.read"] = () => ({ fault: fault.reply.fault });
  await click(screen.named(`Open the notebook of ${PARENT}`));
  expect(screen.text(".ts-notice")).toBe(
    "No notebook revision was kept for the run 'depth 3 🌲'.It was made without a notebook.",
  );
});
