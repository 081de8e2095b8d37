/** Requests to the kernel, each with an id, a time-out and its answer; and what the kernel pushes. */

import type { ComparePush } from "./compare-protocol";
import type { DiffPush } from "./diff-protocol";
import type { Begun, Fault, Push as ListPush, Reply, RequestKind, Requests } from "./protocol";
import type { ReproducePush } from "./reproduce-protocol";
import type { RunPush } from "./run-protocol";
import { strings } from "./strings";

/** A part of a message, as hosts deliver it; it may start at any byte of its buffer. */
export type Binary = ArrayBuffer | ArrayBufferView;

/** What the bridge needs of an anywidget model. */
export interface Model {
  send(content: unknown): void;
  /** A trait's value. */
  get?(name: string): unknown;
  /** What the page keeps its models with. */
  widget_manager?: { get_model?(id: string): Promise<unknown> };
  on(name: "msg:custom", callback: (content: unknown, buffers: readonly Binary[]) => void): void;
  off(name: "msg:custom", callback: (content: unknown, buffers: readonly Binary[]) => void): void;
}

export interface Answer<K extends RequestKind> {
  reply: Requests[K]["reply"];
  buffers: readonly Binary[];
}

export type Push = ComparePush | DiffPush | ListPush | ReproducePush | RunPush;

const PUSHES: readonly Push["kind"][] = [
  "compare.changed",
  "diff.stale",
  "runs.changed",
  "run.changed",
  "reproduce.changed",
  "reproduce.checked",
];

/** What is done with many runs at once, or brings a whole notebook: it takes as long as it takes. */
const LONG: ReadonlySet<RequestKind> = new Set<RequestKind>([
  "runs.ids",
  "runs.csv",
  "runs.delete",
  "runs.restore",
  "runs.purge",
  "runs.close",
  "runs.rename",
  "tags.set",
  "tags.delete",
  "descendants.count",
  "revision.read",
  "diff.read",
  "diff.cells",
]);
const LONG_MS = 30 * 60_000;
const STEP_MS = 1000;

/** What nobody waits for: the panel does not say that it is slow. */
const IN_BACKGROUND: ReadonlySet<RequestKind> = new Set<RequestKind>(["reproduce.jobs", "runs.leave"]);

/** A fault that the kernel answered, or that there was no answer. */
export class FaultError extends Error {
  constructor(readonly fault: Fault) {
    super(fault.message);
  }
}

/** What takes long: nothing, the kernel to take something up, or the store that the kernel asked. */
export type WaitingFor = "" | "kernel" | "store";

export interface BridgeOptions {
  onPush: (push: Push, buffers: readonly Binary[]) => void;
  /** Called when requests start or stop being slow. */
  onWaiting: (waitingFor: WaitingFor) => void;
  /** Whether a request may wait for a busy kernel as long as it takes. */
  isPatient: () => boolean;
  slowMs?: number;
  timeoutMs?: number;
}

interface Pending {
  settle: (reply: Reply, buffers: readonly Binary[]) => void;
  stopWaiting: (() => void)[];
  /** Whether the kernel said that it is at work on it. */
  isBegun: boolean;
}

export class Bridge {
  readonly #model: Model;
  readonly #options: BridgeOptions;
  /** What this page's requests are told apart by. */
  readonly client = Math.random().toString(36).slice(2, 10);
  readonly #pending = new Map<string, Pending>();
  readonly #slow = new Set<string>();
  #count = 0;
  #waitingFor: WaitingFor = "";

  constructor(model: Model, options: BridgeOptions) {
    this.#model = model;
    this.#options = options;
    model.on("msg:custom", this.#receive);
  }

  /**
   * Asks the kernel. Rejects with a `FaultError` if the kernel answers with a fault or not at all in time; an answer
   * that comes after that is given to `onLate`.
   */
  request<K extends RequestKind>(
    kind: K,
    data: Requests[K]["data"],
    onLate: (answer: Answer<K>) => void = () => undefined,
  ): Promise<Answer<K>> {
    this.#count += 1;
    const id = `${this.client}:${this.#count}`;
    return new Promise((resolve, reject) => {
      let isLate = false;
      const settle = (message: Reply, buffers: readonly Binary[]) => {
        if ("fault" in message) return reject(new FaultError(message.fault));
        const answer = { reply: message.reply as Requests[K]["reply"], buffers };
        if (isLate) onLate(answer);
        resolve(answer);
      };
      const giveUp = () => {
        if (this.#options.isPatient()) return;
        isLate = true;
        this.#setSlow(id, false);
        reject(new FaultError({ code: "Timeout", message: strings.timeout, hint: strings.timeoutHint }));
      };
      this.#pending.set(id, { settle, stopWaiting: this.#startWaiting(id, kind, giveUp), isBegun: false });
      this.#send({ id, kind, data });
    });
  }

  /** Stops listening; what was asked for stays unanswered. */
  close(): void {
    this.#model.off("msg:custom", this.#receive);
    for (const id of [...this.#pending.keys()]) this.#forget(id);
  }

  #startWaiting(id: string, kind: RequestKind, giveUp: () => void): Pending["stopWaiting"] {
    const { slowMs = 1000, timeoutMs = LONG.has(kind) ? LONG_MS : 10_000 } = this.#options;
    const end = countDown(timeoutMs, giveUp);
    return IN_BACKGROUND.has(kind) ? [end] : [countDown(slowMs, () => this.#setSlow(id, true)), end];
  }

  #send(message: { id: string; kind: RequestKind; data: unknown }): void {
    try {
      this.#model.send(message);
    } catch {
      const fault = { code: "Disconnected", message: strings.disconnected, hint: strings.disconnectedHint };
      this.#settle({ id: message.id, fault }, []);
    }
  }

  readonly #receive = (content: unknown, buffers: readonly Binary[] = []): void => {
    if (!isRecord(content)) return;
    if (typeof content.id === "string") {
      const answer = content as unknown as Begun | Reply;
      if ("begun" in answer) this.#begin(answer.id);
      else this.#settle(answer, buffers);
    } else if (PUSHES.some((kind) => kind === content.kind)) this.#options.onPush(content as unknown as Push, buffers);
  };

  /** The kernel is there and works: what is asked of a slow store takes as long as that takes. */
  #begin(id: string): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    pending.stopWaiting.at(-1)?.();
    pending.isBegun = true;
    this.#tellWaiting();
  }

  #settle(reply: Reply, buffers: readonly Binary[]): void {
    const pending = this.#pending.get(reply.id);
    this.#forget(reply.id);
    pending?.settle(reply, buffers);
  }

  #forget(id: string): void {
    for (const stop of this.#pending.get(id)?.stopWaiting ?? []) stop();
    this.#pending.delete(id);
    this.#setSlow(id, false);
  }

  #setSlow(id: string, isSlow: boolean): void {
    if (isSlow) this.#slow.add(id);
    else this.#slow.delete(id);
    this.#tellWaiting();
  }

  #tellWaiting(): void {
    const slow = [...this.#slow].map((id) => this.#pending.get(id)?.isBegun === true);
    const waitingFor = slow.length === 0 ? "" : slow.every(Boolean) ? "store" : "kernel";
    if (waitingFor !== this.#waitingFor) this.#options.onWaiting(waitingFor);
    this.#waitingFor = waitingFor;
  }
}

/** Counts the time in which the page lives: while it is blocked, an answer that came cannot be taken either. */
function countDown(timeMs: number, done: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const step = (leftMs: number): void => {
    const next = () => (leftMs > STEP_MS ? step(leftMs - STEP_MS) : done());
    timer = setTimeout(next, Math.min(leftMs, STEP_MS));
  };
  step(timeMs);
  return () => clearTimeout(timer);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
