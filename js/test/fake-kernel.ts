/** A kernel for tests: answers what it is told to, from the examples of messages or otherwise. */

import type { Binary, Model } from "../src/widget/bridge";
import type { Request, RequestKind, Requests, RunDetail, RunRow, RunsSnapshot } from "../src/widget/protocol";

type Listener = (content: unknown, buffers: readonly Binary[]) => void;

/** What a kernel says to a request: a reply with buffers, a fault, or nothing yet. */
export type Said = { reply: unknown; buffers?: readonly Binary[] } | { fault: unknown } | null;
export type Answers = { [K in RequestKind]?: (data: Requests[K]["data"]) => Said };

export class FakeKernel implements Model {
  readonly asked: Request[] = [];
  readonly #listeners = new Set<Listener>();

  constructor(
    public answers: Answers = {},
    readonly traits: Record<string, unknown> = {},
  ) {}

  get(name: string): unknown {
    return this.traits[name];
  }

  send(content: unknown): void {
    const request = content as Request;
    this.asked.push(request);
    const answer = this.answers[request.kind] as ((data: unknown) => Said) | undefined;
    const said = answer?.(request.data) ?? null;
    if (said !== null) queueMicrotask(() => this.say(request.id, said));
  }

  on(_name: "msg:custom", listener: Listener): void {
    this.#listeners.add(listener);
  }

  off(_name: "msg:custom", listener: Listener): void {
    this.#listeners.delete(listener);
  }

  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  say(id: string, said: Exclude<Said, null>): void {
    const { buffers = [], ...message } = { buffers: undefined, ...said };
    this.deliver({ id, ...message }, buffers ?? []);
  }

  push(snapshot: RunsSnapshot, buffers: readonly Binary[] = [floats(), bytes()]): void {
    const client = this.asked.at(-1)?.id.split(":")[0];
    this.deliver({ kind: "runs.changed", client, data: snapshot }, buffers);
  }

  deliver(content: unknown, buffers: readonly Binary[] = []): void {
    for (const listener of this.#listeners) listener(content, buffers);
  }

  /** Data of the requests of a kind, in order. */
  dataOf<K extends RequestKind>(kind: K): Requests[K]["data"][] {
    return this.asked.filter((request) => request.kind === kind).map((request) => request.data as Requests[K]["data"]);
  }
}

/** Numbers as they arrive: a view that does not start where an array could. */
export function floats(...values: number[]): DataView {
  return unaligned(new Uint8Array(Float64Array.from(values).buffer));
}

export function bytes(...values: number[]): DataView {
  return unaligned(Uint8Array.from(values));
}

export function unaligned(content: Uint8Array): DataView {
  const shifted = new Uint8Array(content.length + 3);
  shifted.set(content, 3);
  return new DataView(shifted.buffer, 3, content.length);
}

export const START = Date.UTC(2026, 0, 5, 12, 0, 0);

export function row(changes: Partial<RunRow> = {}): RunRow {
  return {
    run_id: "r1",
    experiment_id: "1",
    name: "brave-otter",
    status: "FINISHED",
    state: "active",
    deleted_time: null,
    user: "ada",
    start_time: START,
    end_time: START + 12_300,
    parent_run_id: null,
    depth: 0,
    children: 0,
    is_folded: false,
    is_found: true,
    is_starred: false,
    maker: "ended",
    has_revision: true,
    source_name: "wine.ipynb",
    source_type: "NOTEBOOK",
    note: "",
    error: "",
    params: [],
    tags: [],
    ...changes,
  };
}

export const detail: RunDetail = {
  run_id: "r1",
  params: [],
  metrics: [],
  metric_values: 0,
  tags: [{ key: "color", value: "blue" }],
  system_tags: [],
  note: "",
  source: {
    name: "wine.ipynb",
    type: "NOTEBOOK",
    entry_point: "",
    git_commit: "",
    git_branch: "",
    git_remote: "",
    git_dirty: null,
    revision: "",
    left_out: { patch: false, modules: 0, attachments: 0 },
    commit_page: "",
    project_page: "",
  },
  error: null,
  artifact_uri: "/tmp/a",
};

export function snapshot(rows: RunRow[] = [], changes: Partial<RunsSnapshot> = {}): RunsSnapshot {
  return {
    store: { uri: "sqlite:////home/ada/mlflow.db", fault: null, waiting: 0 },
    query_fault: null,
    experiments: [{ id: "1", name: "wine" }],
    experiment: { id: "1", name: "wine" },
    notebook: "wine.ipynb",
    answers_while_busy: true,
    total: rows.length,
    lines: rows.length,
    offset: 0,
    columns: [],
    open_lines: [],
    rows,
    metrics: { keys: [], values: 0, present: 1 },
    details: [],
    ...changes,
  };
}

/** Answers that show these runs. */
export function showing(rows: RunRow[], changes: Partial<RunsSnapshot> = {}): Answers {
  return { "runs.watch": () => ({ reply: snapshot(rows, changes), buffers: [floats(), bytes()] }) };
}
