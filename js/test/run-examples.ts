/** The examples of messages about one run, in `tests/protocol/run`, and a kernel that answers as they do. */

import chunk from "../../tests/protocol/run/artifact.chunk.json";
import table from "../../tests/protocol/run/artifact.table.json";
import commit from "../../tests/protocol/run/commit.read.json";
import models from "../../tests/protocol/run/models.list.json";
import part from "../../tests/protocol/run/part.read.json";
import changes from "../../tests/protocol/run/run.changes.json";
import children from "../../tests/protocol/run/run.children.json";
import environment from "../../tests/protocol/run/run.environment.json";
import leave from "../../tests/protocol/run/run.leave.json";
import open from "../../tests/protocol/run/run.open.json";
import watch from "../../tests/protocol/run/run.watch.json";
import type { RequestKind } from "../src/widget/protocol";
import { type Exchange, toBinary } from "./exchange";
import { FakeKernel } from "./fake-kernel";

const typed =
  <K extends RequestKind>() =>
  <A extends Exchange<K>>(example: A): A =>
    example;

export const EXAMPLES = {
  chunk: typed<"artifact.chunk">()(chunk),
  table: typed<"artifact.table">()(table),
  changes: typed<"run.changes">()(changes),
  children: typed<"run.children">()(children),
  environment: typed<"run.environment">()(environment),
  leave: typed<"run.leave">()(leave),
  open: typed<"run.open">()(open),
  commit: typed<"commit.read">()(commit),
  models: typed<"models.list">()(models),
  part: typed<"part.read">()(part),
  watch: typed<"run.watch">()(watch),
};

/** Shows the run "later" of the examples. */
export class RunKernel extends FakeKernel {
  constructor() {
    super({ "artifacts.list": () => ({ reply: { entries: [] } }) }, { view: "run", run_id: "later" });
    for (const example of Object.values(EXAMPLES)) {
      const { request, reply, buffers = [] } = example as Exchange<RequestKind>;
      this.answers[request.kind as RequestKind] = () => ({ reply: reply.reply, buffers: toBinary(buffers) });
    }
  }

  /** Answers with an example in which something is changed. */
  answerWith(kind: "run.watch" | "run.changes" | "run.children" | "run.environment", change: (reply: never) => void) {
    const { reply, buffers } = (this.answers[kind] as (data: unknown) => unknown)({ run_id: "" }) as {
      reply: unknown;
      buffers: never[];
    };
    const changed = structuredClone(reply);
    change(changed as never);
    this.answers[kind] = () => ({ reply: changed, buffers });
  }
}
