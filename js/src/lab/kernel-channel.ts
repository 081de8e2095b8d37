/**
 * What connects one notebook panel with its kernel: a line that is opened again whenever there is another kernel.
 * Through it the kernel always knows the notebook as it is on the page.
 */

import { NotebookActions, type NotebookPanel } from "@jupyterlab/notebook";
import type { Kernel } from "@jupyterlab/services";
import type { IDisposable } from "@lumino/disposable";
import { type ISignal, Signal } from "@lumino/signaling";
import { isPython, type KernelState, readKernelState } from "./kernel-state";
import { Line } from "./line";
import { LiveNotebook } from "./live-notebook";
import type { FromKernel, ToKernel } from "./protocol";

/** `open`: Trackside may answer; `refused`: the kernel runs without Trackside. */
export type ChannelState = Exclude<KernelState, { kind: "running" }> | { kind: "connecting" | "open" | "refused" };

export class KernelChannel implements IDisposable {
  readonly notebook: LiveNotebook;
  readonly #panel: NotebookPanel;
  readonly #changed = new Signal<this, ChannelState>(this);
  readonly #received = new Signal<this, FromKernel>(this);
  #state: ChannelState = { kind: "starting" };
  #line: Line | null = null;
  /** Whether the kernel gave a sign of life since the line was made. */
  #isAlive = false;
  #isDisposed = false;

  constructor(panel: NotebookPanel) {
    this.#panel = panel;
    this.notebook = new LiveNotebook(panel);
    const context = panel.sessionContext;
    context.kernelChanged.connect(this.#startAgain, this);
    context.statusChanged.connect(this.#follow, this);
    context.connectionStatusChanged.connect(this.#follow, this);
    panel.context.pathChanged.connect(this.sync, this);
    panel.context.model.metadataChanged.connect(this.#followMetadata, this);
    NotebookActions.executionScheduled.connect(this.#cellScheduled, this);
    window.addEventListener("pagehide", this.#hangUp);
    void panel.context.ready.then(() => this.#follow());
  }

  get state(): ChannelState {
    return this.#state;
  }

  get changed(): ISignal<this, ChannelState> {
    return this.#changed;
  }

  /** What the kernel says. */
  get received(): ISignal<this, FromKernel> {
    return this.#received;
  }

  /** Whether the page could not learn of the kernel's widgets, because a cell was running when it was loaded. */
  get isEarly(): boolean {
    return this.#line?.isEarly ?? false;
  }

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#hangUp();
    window.removeEventListener("pagehide", this.#hangUp);
    Signal.clearData(this);
  }

  send(message: ToKernel): void {
    if (this.#state.kind === "open") this.#line?.send(message);
  }

  /** Tells the kernel what changed in the notebook. */
  sync(): void {
    this.#tell([]);
  }

  #tell(scheduled: string[]): void {
    if (this.#state.kind === "open") for (const message of this.notebook.messages(scheduled)) this.send(message);
  }

  /** Opens the line to a kernel that refused it before. */
  retry(): void {
    if (this.#state.kind === "refused") this.#startAgain();
  }

  #startAgain(): void {
    this.#drop();
    this.#follow();
  }

  #follow(): void {
    if (this.#isDisposed || !this.#panel.context.isReady) return;
    const state = readKernelState(this.#panel.sessionContext);
    const isGone = this.#line?.isGone ?? true;
    if (state.kind === "running") {
      this.#isAlive = true;
      if (isGone) void this.#connect(state.kernel);
    } else if (state.kind !== "starting" || this.#isAlive || isGone) {
      this.#drop();
      this.#set(state);
    }
  }

  async #connect(kernel: Kernel.IKernelConnection): Promise<void> {
    const line = this.#makeLine(kernel);
    this.#set({ kind: "connecting" });
    await line.prepare();
    if (this.#line === line && this.#state.kind === "connecting") this.#open(line, []);
  }

  #makeLine(kernel: Kernel.IKernelConnection): Line {
    const line = new Line(
      kernel,
      (message) => this.#take(message),
      () => this.#refused(line),
    );
    this.#line = line;
    this.#isAlive = false;
    return line;
  }

  #open(line: Line, scheduled: string[]): void {
    this.notebook.forget();
    const [first, ...others] = this.notebook.messages(scheduled);
    line.open(first);
    for (const message of others) line.send(message);
    this.#set({ kind: "open" });
  }

  #take(message: FromKernel): void {
    if (message.kind === "notebook.identify") this.notebook.identify(message.notebook_id);
    this.#received.emit(message);
  }

  #refused(line: Line): void {
    if (this.#line === line) this.#set({ kind: "refused" });
  }

  #drop(): void {
    this.#hangUp();
    this.#line = null;
  }

  readonly #hangUp = (): void => {
    if (this.#state.kind === "open") this.#line?.close();
  };

  #set(state: ChannelState): void {
    if (JSON.stringify(state) === JSON.stringify(this.#state)) return;
    this.#state = state;
    this.#changed.emit(state);
  }

  #followMetadata(_: unknown, change: { key: string }): void {
    if (change.key === "trackside") this.sync();
  }

  /** Sent before the cell is, so that the kernel has the cell's text when it runs it, also right after a restart. */
  #cellScheduled(_: unknown, { notebook, cell }: { notebook: unknown; cell: { model: { id: string } } }): void {
    if (notebook !== this.#panel.content) return;
    const scheduled = [cell.model.id];
    if (this.#state.kind === "open") this.#tell(scheduled);
    else if (this.#state.kind === "starting" || this.#state.kind === "connecting") this.#openAtOnce(scheduled);
  }

  #openAtOnce(scheduled: string[]): void {
    const context = this.#panel.sessionContext;
    const kernel = context.session?.kernel;
    if (kernel && isPython(kernel, context)) this.#open(this.#line ?? this.#makeLine(kernel), scheduled);
  }
}
