/**
 * The line between one notebook panel and its kernel: a comm of the target `trackside`, opened again whenever there is
 * another kernel. Through it the kernel always knows the notebook as it is on the page.
 */

import { NotebookActions, type NotebookPanel } from "@jupyterlab/notebook";
import type { Kernel, KernelMessage } from "@jupyterlab/services";
import type { JSONObject } from "@lumino/coreutils";
import type { IDisposable } from "@lumino/disposable";
import { type ISignal, Signal } from "@lumino/signaling";
import { isPython, type KernelState, readKernelState } from "./kernel-state";
import { LiveNotebook } from "./live-notebook";
import type { FromKernel, ToKernel } from "./protocol";

const TARGET = "trackside";

/** JupyterLab's comms have it, but their published type does not say so before 4.5. */
interface WithSubshell {
  subshellStarted: Promise<void>;
}

/** `open`: Trackside may answer; `refused`: the kernel runs without Trackside. */
export type ChannelState = Exclude<KernelState, { kind: "running" }> | { kind: "connecting" | "open" | "refused" };

export class KernelChannel implements IDisposable {
  readonly notebook: LiveNotebook;
  readonly #panel: NotebookPanel;
  readonly #changed = new Signal<this, ChannelState>(this);
  readonly #received = new Signal<this, FromKernel>(this);
  #state: ChannelState = { kind: "starting" };
  #comm: Kernel.IComm | null = null;
  /** Whether the kernel gave a sign of life since the line was made. */
  #isAlive = false;
  #isDisposed = false;

  constructor(panel: NotebookPanel) {
    this.#panel = panel;
    this.notebook = new LiveNotebook(panel);
    const context = panel.sessionContext;
    context.kernelChanged.connect(this.#restart, this);
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
    if (this.#state.kind === "open") this.#comm?.send(message as unknown as JSONObject);
  }

  /** Tells the kernel what changed in the notebook. */
  sync(): void {
    this.send(this.notebook.next([]));
  }

  /** Opens the line to a kernel that refused it before. */
  retry(): void {
    if (this.#state.kind !== "refused") return;
    this.#drop();
    this.#follow();
  }

  #restart(): void {
    this.#drop();
    this.#follow();
  }

  #follow(): void {
    if (this.#isDisposed || !this.#panel.context.isReady) return;
    const state = readKernelState(this.#panel.sessionContext);
    if (state.kind === "running") {
      this.#isAlive = true;
      if (this.#comm === null) void this.#connect(state.kernel);
    } else if (state.kind !== "starting" || this.#isAlive || this.#comm === null) {
      this.#drop();
      this.#set(state);
    }
  }

  /** Opens the line, in a subshell of the kernel where it has them, so that messages arrive while a cell runs. */
  async #connect(kernel: Kernel.IKernelConnection): Promise<void> {
    const comm = this.#createComm(kernel);
    this.#set({ kind: "connecting" });
    await kernel.info;
    if (kernel.supportsSubshells) await (comm as Partial<WithSubshell>).subshellStarted;
    if (this.#comm === comm && this.#state.kind === "connecting") this.#open(comm, []);
  }

  #createComm(kernel: Kernel.IKernelConnection): Kernel.IComm {
    const comm = kernel.createComm(TARGET);
    comm.onMsg = (message) => this.#take(message);
    comm.onClose = () => this.#closed(comm);
    this.#comm = comm;
    this.#isAlive = false;
    return comm;
  }

  #open(comm: Kernel.IComm, scheduled: string[]): void {
    this.notebook.forget();
    comm.open(this.notebook.next(scheduled) as unknown as JSONObject);
    this.#set({ kind: "open" });
  }

  #take(message: KernelMessage.ICommMsgMsg): void {
    const content = message.content.data as unknown as FromKernel;
    if (content.kind === "notebook.identify") this.notebook.identify(content.notebook_id);
    this.#received.emit(content);
  }

  #closed(comm: Kernel.IComm): void {
    if (this.#comm === comm) this.#set({ kind: "refused" });
  }

  #drop(): void {
    this.#hangUp();
    this.#comm = null;
  }

  readonly #hangUp = (): void => {
    const comm = this.#comm;
    if (comm === null || comm.isDisposed || this.#state.kind !== "open") return;
    comm.onClose = () => undefined;
    comm.close();
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
    if (this.#state.kind === "open") this.send(this.notebook.next(scheduled));
    else if (this.#state.kind === "starting" || this.#state.kind === "connecting") this.#openAtOnce(scheduled);
  }

  #openAtOnce(scheduled: string[]): void {
    const kernel = this.#panel.sessionContext.session?.kernel;
    if (kernel && isPython(kernel, this.#panel.sessionContext))
      this.#open(this.#comm ?? this.#createComm(kernel), scheduled);
  }
}
