import type { ICell } from "@jupyterlab/nbformat";
import { expect, it } from "vitest";
import { planRestore } from "../src/lab/restore-plan";

const cell = (id: string, source: string, more: object = {}): ICell =>
  ({ id, cell_type: "code", source, metadata: {}, outputs: [], execution_count: null, ...more }) as ICell;

const told = (current: ICell[], revision: ICell[]) =>
  planRestore(current, revision).map((step) => ("kept" in step ? step.kept : step.put.source));

it("cells that are as the revision has them stay, by id or by content; the others are put in", () => {
  const current = [cell("a", "1"), cell("b", "changed"), cell("copy", "3"), cell("new", "4")];
  const revision = [cell("a", "1"), cell("b", "2"), cell("c", ["3"] as never)];
  expect(told(current, revision)).toEqual([0, "2", 2]);
  expect(planRestore(current, revision)[1]).toEqual({ put: cell("b", "2") });
});

it("what moved is put in as it is now, with its outputs, and nothing twice", () => {
  const ran = cell("b", "2", { outputs: [{ output_type: "stream" }], execution_count: 5 });
  const plan = planRestore([ran, cell("a", "1")], [cell("a", "1"), cell("b", "2"), cell("b2", "2")]);
  expect(plan).toEqual([{ kept: 1 }, { put: ran }, { put: cell("b2", "2") }]);
});

it("traces of the execution are left out and do not count, other metadata does", () => {
  const traces = { trackside: { execution_order: [1] } };
  const revision = [cell("a", "1", { metadata: traces }), cell("b", "2", { metadata: { ...traces, tags: ["x"] } })];
  expect(told([cell("a", "1", { metadata: { scrolled: true } }), cell("b", "2")], revision)).toEqual([0, "2"]);
  expect(planRestore([], revision)[1]).toEqual({ put: cell("b", "2", { metadata: { tags: ["x"] } }) });
});

it("attachments that were too large for the revision stay as they are", () => {
  const attachments = { "a.png": { "image/png": "x" } };
  const picture = (source: string, more: object) => cell("a", source, { cell_type: "markdown", ...more });
  const lacking = { metadata: { trackside: { attachments_left_out: ["a.png"] } } };
  expect(told([picture("![]", { attachments })], [picture("![]", lacking)])).toEqual([0]);
  expect(planRestore([picture("new", { attachments })], [picture("![]", lacking)])[0]).toMatchObject({
    put: { source: "![]", attachments, metadata: {} },
  });
});
