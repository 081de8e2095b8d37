/** What the panels show and do, once per model: several views of it in a page stay alike. */

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { type Answer, type Binary, Bridge, FaultError, type Model } from "./bridge";
import { formatSentence } from "./format";
import type { Fault, RequestKind, Requests, RunsSnapshot } from "./protocol";
import { type PlacedRun, placeRuns, type RunList, readSnapshot } from "./runs";
import { strings } from "./strings";

/** How many runs a list starts with, and how many "show more" adds. */
export const PAGE = 100;
const NOTICE_MS = 8000;
const TICK_MS = 1000;
const SLOW_TICKS = 15;

/** A line at the foot of the panel. */
export interface Notice {
  text: string;
  hint: string;
  isFault: boolean;
  action: { label: string; run: () => void } | null;
}

export class PanelState {
  readonly list = signal<RunList | null>(null);
  /** Why no runs could be asked for so far, or null. */
  readonly fault = signal<Fault | null>(null);
  readonly notice = signal<Notice | null>(null);
  readonly isWaiting = signal(false);
  readonly isRefreshing = signal(false);
  readonly announcement = signal("");
  /** How often people asked for all of it anew. */
  readonly refreshes = signal(0);
  /** The time now, in milliseconds; moves each second while a run goes on. */
  readonly now = signal(Date.now());
  readonly limit = signal(PAGE);
  readonly open = signal<ReadonlySet<string>>(new Set());
  readonly foldedParents = signal<ReadonlySet<string>>(new Set());
  readonly foldedSections = signal<ReadonlySet<string>>(new Set(["systemTags"]));
  readonly placed: ReadonlySignal<PlacedRun[]> = computed(() =>
    placeRuns(this.list.value?.runs ?? [], this.foldedParents.value),
  );

  readonly #bridge: Bridge;
  #views = 0;
  #clock: ReturnType<typeof setInterval> | undefined;
  #noticeTimer: ReturnType<typeof setTimeout> | undefined;
  #ticks = 0;

  constructor(model: Model) {
    this.#bridge = new Bridge(model, {
      onPush: (push, buffers) => this.#apply(push.data, buffers),
      onWaiting: (isWaiting) => {
        this.isWaiting.value = isWaiting;
      },
      isPatient: () => this.list.peek()?.snapshot.answers_while_busy !== true,
    });
  }

  /** Called when a view of the model is shown; returns what to call when it is removed. */
  addView(): () => void {
    this.#views += 1;
    if (this.#views === 1) this.#clock = setInterval(this.#tick, TICK_MS);
    void this.watch();
    return () => {
      this.#views -= 1;
      if (this.#views === 0) clearInterval(this.#clock);
    };
  }

  close(): void {
    clearInterval(this.#clock);
    clearTimeout(this.#noticeTimer);
    this.#bridge.close();
  }

  refresh(): void {
    this.refreshes.value += 1;
    void this.watch();
  }

  /** Asks for all that is shown. */
  async watch(): Promise<void> {
    const data = { limit: this.limit.value, open: [...this.open.value] };
    const apply = ({ reply, buffers }: Answer<"runs.watch">) => this.#apply(reply, buffers);
    this.isRefreshing.value = true;
    try {
      apply(await this.#bridge.request("runs.watch", data, apply));
    } catch (error) {
      if (this.list.value === null) this.fault.value = faultOf(error);
      else this.showFault(error);
    } finally {
      this.isRefreshing.value = false;
    }
  }

  /** Asks the kernel for something; a fault is shown, and null returned. */
  async ask<K extends RequestKind>(kind: K, data: Requests[K]["data"]): Promise<Answer<K> | null> {
    try {
      return await this.#bridge.request(kind, data);
    } catch (error) {
      this.showFault(error);
      return null;
    }
  }

  /** Like `ask`, for callers that show the fault in its place. */
  request<K extends RequestKind>(kind: K, data: Requests[K]["data"]): Promise<Answer<K>> {
    return this.#bridge.request(kind, data);
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

  toggleSection(section: string): void {
    this.foldedSections.value = toggled(this.foldedSections.value, section);
  }

  showMore(): void {
    this.limit.value += PAGE;
    void this.watch();
  }

  // What people change

  async rename(runId: string, name: string): Promise<boolean> {
    return (await this.ask("run.rename", { run_id: runId, name })) !== null;
  }

  async setTag(runId: string, key: string, value: string): Promise<boolean> {
    return (await this.ask("tag.set", { run_id: runId, key, value })) !== null;
  }

  async deleteTag(runId: string, key: string, value: string): Promise<void> {
    if ((await this.ask("tag.delete", { run_id: runId, key })) === null) return;
    const undo = { label: strings.undo, run: () => void this.setTag(runId, key, value) };
    this.show({ text: strings.tagDeleted(key), hint: "", isFault: false, action: undo });
  }

  // Notices

  show(notice: Notice): void {
    clearTimeout(this.#noticeTimer);
    this.notice.value = notice;
    if (!notice.isFault) this.#noticeTimer = setTimeout(() => this.dismiss(), NOTICE_MS);
  }

  say(text: string): void {
    this.show({ text, hint: "", isFault: false, action: null });
  }

  showFault(error: unknown): void {
    const { message, hint } = faultOf(error);
    this.show({ text: formatSentence(message), hint: formatSentence(hint), isFault: true, action: null });
  }

  dismiss(): void {
    this.notice.value = null;
  }

  // Inside

  #apply(snapshot: RunsSnapshot, buffers: readonly Binary[]): void {
    const before = this.list.value;
    const list = readSnapshot(snapshot, buffers, before);
    this.now.value = Date.now();
    this.fault.value = null;
    this.list.value = list;
    if (before !== null) this.announcement.value = describeChanges(before, list) || this.announcement.value;
  }

  readonly #tick = (): void => {
    this.#ticks += 1;
    const isRunning = this.list.value?.runs.some(({ row }) => row.status === "RUNNING") ?? false;
    if (!document.hidden && (isRunning || this.#ticks % SLOW_TICKS === 0)) this.now.value = Date.now();
  };
}

export function faultOf(error: unknown): Fault {
  if (error instanceof FaultError) return error.fault;
  return { code: "Internal", message: error instanceof Error ? error.message : String(error), hint: "" };
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

function toggled(set: ReadonlySet<string>, item: string): Set<string> {
  const changed = new Set(set);
  if (!changed.delete(item)) changed.add(item);
  return changed;
}
