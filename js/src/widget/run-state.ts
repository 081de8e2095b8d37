/** What the view of one run shows and does, once per model. */

import { signal } from "@preact/signals";
import type { Answer, Binary, Model, Push } from "./bridge";
import type { Shared } from "./part-source";
import type { RunSnapshot } from "./run-protocol";
import { type OpenRun, readDetail } from "./runs";
import { faultOf, WidgetState } from "./widget-state";

export interface ShownRun {
  snapshot: RunSnapshot;
  run: OpenRun | null;
}

export class RunState extends WidgetState {
  readonly shown = signal<ShownRun | null>(null);
  readonly runId;

  constructor(model: Model, runId: string, shared?: Shared) {
    super(model, shared);
    this.runId = signal(runId);
  }

  override get answersWhileBusy(): boolean {
    return this.shown.peek()?.snapshot.answers_while_busy === true;
  }

  protected override get isAnyRunning(): boolean {
    return this.shown.peek()?.snapshot.head?.status === "RUNNING";
  }

  override async watch(): Promise<void> {
    const runId = this.runId.value;
    const apply = ({ reply, buffers }: Answer<"run.watch">) => {
      if (runId === this.runId.peek()) this.#apply(reply, buffers);
    };
    this.isRefreshing.value = true;
    try {
      apply(await this.bridge.request("run.watch", { run_id: runId }, apply));
    } catch (error) {
      if (this.shown.value === null) this.fault.value = faultOf(error);
      else this.showFault(error);
    } finally {
      this.isRefreshing.value = false;
    }
  }

  override goTo(runId: string): boolean {
    if (runId !== this.runId.value) {
      this.runId.value = runId;
      void this.watch();
    }
    return true;
  }

  override showStarred(runIds: ReadonlySet<string>, is_starred: boolean): void {
    const shown = this.shown.peek();
    const head = shown?.snapshot.head;
    if (!shown || !head || !runIds.has(head.run_id)) return;
    this.shown.value = { ...shown, snapshot: { ...shown.snapshot, head: { ...head, is_starred } } };
  }

  protected override onHidden(): void {
    super.onHidden();
    this.bridge.request("run.leave", {}).catch(() => undefined);
  }

  protected override takePush(push: Push, buffers: readonly Binary[]): void {
    if (push.kind !== "run.changed") return;
    const pushed = push.data.head?.run_id;
    if (pushed === undefined || pushed === this.runId.value) this.#apply(push.data, buffers);
  }

  /** A run that is not there any more stays in sight as it was last. */
  #apply(snapshot: RunSnapshot, buffers: readonly Binary[]): void {
    const before = this.shown.value;
    this.now.value = Date.now();
    this.fault.value = null;
    if (snapshot.detail !== null) this.shown.value = { snapshot, run: readDetail(snapshot.detail, buffers) };
    else if (before?.snapshot.head?.run_id === this.runId.value)
      this.shown.value = { ...before, snapshot: { ...before.snapshot, stage: snapshot.stage, store: snapshot.store } };
    else this.shown.value = { snapshot, run: null };
  }
}
