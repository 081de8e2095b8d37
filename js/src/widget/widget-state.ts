/** What every model has, whatever it shows: requests to the kernel, what people change, notices, the time, folding. */

import { signal } from "@preact/signals";
import { type Answer, type Binary, Bridge, FaultError, type Model, type Push, type WaitingFor } from "./bridge";
import { Drafts } from "./drafts";
import { readFolded, toggled, writeFolded } from "./folding";
import { formatSentence } from "./format";
import type { Shared } from "./part-source";
import { PartStore } from "./parts";
import type { Fault, RequestKind, Requests } from "./protocol";
import { Reproductions } from "./reproductions";
import { strings } from "./strings";
import { begin } from "./unfinished";

const NOTICE_MS = 8000;
const TICK_MS = 1000;
const SLOW_TICKS = 15;

/** A line at the foot of the panel. */
export interface Notice {
  text: string;
  hint: string;
  isFault: boolean;
  action: { label: string; run: () => void } | null;
  /** What is to be said of each of several runs. */
  lines?: readonly string[];
  /** Whether it stays until another one comes, because it tells of something that goes on. */
  isGoingOn?: boolean;
}

export abstract class WidgetState {
  /** Why nothing could be asked for so far, or null. */
  readonly fault = signal<Fault | null>(null);
  readonly notice = signal<Notice | null>(null);
  readonly waitingFor = signal<WaitingFor>("");
  readonly isRefreshing = signal(false);
  readonly announcement = signal("");
  /** How often people asked for all of it anew. */
  readonly refreshes = signal(0);
  /** The time now, in milliseconds; moves each second while a run goes on. */
  readonly now = signal(Date.now());
  readonly parts: PartStore;
  readonly drafts = new Drafts();
  readonly reproductions = new Reproductions((kind, data) => this.request(kind, data));
  /** The notebook's path. */
  readonly place: string;
  readonly foldedSections = signal<ReadonlySet<string>>(readFolded());

  protected readonly bridge: Bridge;
  #views = 0;
  #clock: ReturnType<typeof setInterval> | undefined;
  #noticeTimer: ReturnType<typeof setTimeout> | undefined;
  #ticks = 0;

  constructor(model: Model, shared: Shared = {}) {
    this.place = String(model.get?.("place") ?? "");
    this.parts = new PartStore((name) => this.request("part.read", { name }), shared);
    this.bridge = new Bridge(model, {
      onPush: (push, buffers) => {
        if (!this.reproductions.take(push, buffers)) this.takePush(push, buffers);
      },
      onWaiting: (waitingFor) => {
        this.waitingFor.value = waitingFor;
      },
      isPatient: () => !this.answersWhileBusy,
    });
  }

  /** Asks for all that is shown. */
  abstract watch(): Promise<void>;
  /** Whether the kernel answers while a cell runs; false as long as that is not known. */
  abstract get answersWhileBusy(): boolean;
  /** Whether a run that is shown goes on, so that times move each second. */
  protected abstract get isAnyRunning(): boolean;
  protected abstract takePush(push: Push, buffers: readonly Binary[]): void;

  /** Shows another run instead of the one that is shown; false where it is a list that is shown. */
  goTo(_runId: string): boolean {
    return false;
  }

  /** Shows a run where it is, because the page around the widget has no place for it. */
  reveal(_runId: string): void {
    return;
  }

  /** Shows that runs have a star, or none any more, before the kernel tells all that is different since. */
  showStarred(_runIds: ReadonlySet<string>, _isStarred: boolean): void {
    return;
  }

  /** Called when a view of the model is shown; returns what to call when it is removed. */
  addView(): () => void {
    this.#views += 1;
    if (this.#views === 1) this.#clock = setInterval(this.#tick, TICK_MS);
    void this.watch();
    return () => {
      this.#views -= 1;
      if (this.#views === 0) this.onHidden();
    };
  }

  /** Called when the last view is removed. */
  protected onHidden(): void {
    clearInterval(this.#clock);
  }

  close(): void {
    clearInterval(this.#clock);
    clearTimeout(this.#noticeTimer);
    this.bridge.close();
  }

  refresh(): void {
    this.refreshes.value += 1;
    void this.watch();
  }

  /** Asks the kernel for something; a fault is shown, and null returned. */
  async ask<K extends RequestKind>(kind: K, data: Requests[K]["data"]): Promise<Answer<K> | null> {
    try {
      return await this.bridge.request(kind, data);
    } catch (error) {
      this.showFault(error);
      return null;
    }
  }

  /** Like `ask`, for callers that show the fault in its place. */
  request<K extends RequestKind>(kind: K, data: Requests[K]["data"]): Promise<Answer<K>> {
    return this.bridge.request(kind, data);
  }

  toggleSection(section: string): void {
    this.foldedSections.value = toggled(this.foldedSections.value, section);
    writeFolded(this.foldedSections.value);
  }

  // What people change

  rename(runId: string, name: string): Promise<boolean> {
    return this.#change("run.rename", { run_id: runId, name }, strings.renameTo(name));
  }

  setTag(runId: string, key: string, value: string): Promise<boolean> {
    return this.#change("tag.set", { run_id: runId, key, value }, strings.setTagTo(key, value));
  }

  async deleteTag(runId: string, key: string, value: string): Promise<void> {
    if (!(await this.#change("tag.delete", { run_id: runId, key }, strings.deleteTag(key)))) return;
    const undo = { label: strings.undo, run: () => void this.setTag(runId, key, value) };
    this.show({ text: strings.tagDeleted(key), hint: "", isFault: false, action: undo });
  }

  /** Has one run changed; `what` is told where the kernel does not live to answer. */
  async #change<K extends RequestKind>(kind: K, data: Requests[K]["data"], what: string): Promise<boolean> {
    const answered = begin(this.place, what);
    const answer = await this.ask(kind, data);
    answered();
    return answer !== null;
  }

  // Notices

  show(notice: Notice): void {
    clearTimeout(this.#noticeTimer);
    this.notice.value = notice;
    if (!notice.isFault && notice.isGoingOn !== true) this.#noticeTimer = setTimeout(() => this.dismiss(), NOTICE_MS);
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

  readonly #tick = (): void => {
    this.#ticks += 1;
    if (!document.hidden && (this.isAnyRunning || this.#ticks % SLOW_TICKS === 0)) this.now.value = Date.now();
  };
}

export function faultOf(error: unknown): Fault {
  if (error instanceof FaultError) return error.fault;
  return { code: "Internal", message: error instanceof Error ? error.message : String(error), hint: "" };
}
