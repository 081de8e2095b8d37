/** What the panels of the list show and do, once per model: several views of it in a page stay alike. */

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Answer, Binary } from "./bridge";
import { toggled } from "./folding";
import type { Push, RunsSnapshot } from "./protocol";
import { type PlacedRun, placeRuns, type RunList, readSnapshot } from "./runs";
import { strings } from "./strings";
import { faultOf, WidgetState } from "./widget-state";

export { faultOf };

/** How many runs a list starts with, and how many "show more" adds. */
export const PAGE = 100;

export class PanelState extends WidgetState {
  readonly list = signal<RunList | null>(null);
  readonly limit = signal(PAGE);
  readonly open = signal<ReadonlySet<string>>(new Set());
  readonly foldedParents = signal<ReadonlySet<string>>(new Set());
  readonly placed: ReadonlySignal<PlacedRun[]> = computed(() =>
    placeRuns(this.list.value?.runs ?? [], this.foldedParents.value),
  );

  override get answersWhileBusy(): boolean {
    return this.list.peek()?.snapshot.answers_while_busy === true;
  }

  protected override get isAnyRunning(): boolean {
    return this.list.value?.runs.some(({ row }) => row.status === "RUNNING") ?? false;
  }

  override async watch(): Promise<void> {
    const data = { limit: this.limit.value, open: [...this.open.value] };
    const apply = ({ reply, buffers }: Answer<"runs.watch">) => this.#apply(reply, buffers);
    this.isRefreshing.value = true;
    try {
      apply(await this.bridge.request("runs.watch", data, apply));
    } catch (error) {
      if (this.list.value === null) this.fault.value = faultOf(error);
      else this.showFault(error);
    } finally {
      this.isRefreshing.value = false;
    }
  }

  // What is unfolded

  toggleRun(runId: string, isOpen = !this.open.value.has(runId)): void {
    if (isOpen === this.open.value.has(runId)) return;
    this.open.value = toggled(this.open.value, runId);
    void this.watch();
  }

  toggleParent(runId: string): void {
    this.foldedParents.value = toggled(this.foldedParents.value, runId);
  }

  showMore(): void {
    this.limit.value += PAGE;
    void this.watch();
  }

  // Inside

  protected override takePush(push: Push, buffers: readonly Binary[]): void {
    if (push.kind === "runs.changed") this.#apply(push.data, buffers);
  }

  #apply(snapshot: RunsSnapshot, buffers: readonly Binary[]): void {
    const before = this.list.value;
    const list = readSnapshot(snapshot, buffers, before);
    this.now.value = Date.now();
    this.fault.value = null;
    this.list.value = list;
    if (before !== null) this.announcement.value = describeChanges(before, list) || this.announcement.value;
  }
}

/** For people who do not see the list: which runs are new, or stand otherwise than before. */
export function describeChanges(before: RunList, after: RunList): string {
  if (before.snapshot.experiment.name !== after.snapshot.experiment.name) return "";
  const known = new Map(before.runs.map(({ row }) => [row.run_id, row.status]));
  const oldest = Math.min(...before.runs.map(({ row }) => row.start_time ?? 0));
  const changes = after.runs.flatMap(({ row }) => {
    const status = known.get(row.run_id);
    if (status === row.status || (status === undefined && (row.start_time ?? 0) < oldest)) return [];
    return [
      status === undefined
        ? strings.announceNew(row.name)
        : strings.announceStatus(row.name, strings.status[row.status]),
    ];
  });
  return changes.length > 3 ? strings.announceMany(changes.length) : changes.join(" ");
}
