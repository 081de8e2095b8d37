/** A page that shows something of a notebook's kernel, or why that cannot be shown now. It follows the kernel. */

import type { ISessionContext } from "@jupyterlab/apputils";
import { NotebookActions, type NotebookPanel } from "@jupyterlab/notebook";
import { Panel, type Widget } from "@lumino/widgets";
import { type Loaded, loadTrackside } from "./bootstrap";
import { HostError } from "./host-error";
import { insertCell } from "./insert-cell";
import type { ChannelState, KernelChannel } from "./kernel-channel";
import { type Message, MessageView } from "./message";
import type { ToKernel } from "./protocol";
import { INSTALL, strings } from "./strings";
import { pause } from "./timing";
import type { WidgetView } from "./widget-view";

/** How long an answer may take before the page says that the kernel is busy. */
const BUSY_AFTER_MS = 1500;
const DRAWN_STEP_MS = 50;

/** What the page asks JupyterLab for. */
export interface KernelDialogs {
  selectKernel(context: ISessionContext): Promise<void>;
  restart(context: ISessionContext): Promise<boolean>;
}

export interface PageContent {
  panel: NotebookPanel;
  channel: KernelChannel;
  dialogs: KernelDialogs;
  /** Called whenever the kernel can be asked; null where there is nothing to show here after all. */
  draw: (isWanted: () => boolean) => Promise<WidgetView | null>;
  /** Asks for what is drawn to be pushed to it, where its own requests wait for the end of the running cell. */
  push?: ToKernel;
}

export class KernelPage extends Panel {
  readonly #content: PageContent;
  readonly #panel: NotebookPanel;
  readonly #channel: KernelChannel;
  #attempt = 0;
  #isSettled = false;

  constructor(content: PageContent) {
    super();
    this.addClass("trackside-page");
    this.#content = content;
    const { panel, channel } = content;
    this.#panel = panel;
    this.#channel = channel;
    channel.changed.connect(this.#follow, this);
    NotebookActions.executed.connect(this.#cellExecuted, this);
  }

  protected override onAfterShow(): void {
    if (!this.#isSettled) this.#follow();
  }

  protected override onAfterAttach(): void {
    if (this.isVisible && !this.#isSettled) this.#follow();
  }

  /** Shows what the kernel's state allows; what takes the kernel's time waits until the page is seen. */
  #follow(): void {
    const { state } = this.#channel;
    const attempt = this.#begin();
    if (state.kind === "open") this.#run(attempt, () => this.#draw(attempt));
    else if (state.kind === "refused") this.#run(attempt, () => this.#load(attempt));
    else this.#say(this.#explain(state));
  }

  /** Everything that an earlier attempt still brings is dropped from now on. */
  #begin(): number {
    this.#attempt += 1;
    this.#isSettled = false;
    return this.#attempt;
  }

  #run(attempt: number, work: () => Promise<void>): void {
    if (!this.isVisible) {
      this.#clear();
      return;
    }
    this.#isSettled = true;
    this.#say({ text: strings.loading, isWaiting: true });
    this.#sayBusyLater(attempt);
    work().catch((error: unknown) => {
      if (attempt === this.#attempt) this.#fail(error);
    });
  }

  // With Trackside in the kernel

  async #draw(attempt: number): Promise<void> {
    const isWanted = () => attempt === this.#attempt && !this.isDisposed;
    const drawn = await this.#content.draw(isWanted);
    if (drawn === null) return;
    const { view, inner } = drawn;
    if (!isWanted()) return view.dispose();
    this.#show(view);
    const { push } = this.#content;
    if (push && this.#channel.isEarly) await this.#askForPush(push, view, isWanted);
    inner.disposed.connect(() => {
      if (isWanted()) this.#follow();
    });
  }

  /** As soon as the widget is drawn, and so listens. */
  async #askForPush(push: ToKernel, view: Widget, isWanted: () => boolean): Promise<void> {
    while (isWanted() && view.node.querySelector(".trackside") === null) await pause(DRAWN_STEP_MS);
    this.#channel.send(push);
  }

  // Without it

  async #load(attempt: number): Promise<void> {
    const kernel = this.#panel.sessionContext.session?.kernel;
    if (!kernel) throw new HostError(strings.noAnswer);
    const loaded = await loadTrackside(kernel);
    if (attempt === this.#attempt) this.#judge(loaded);
  }

  #judge(loaded: Loaded): void {
    if (loaded.kind === "loaded") this.#channel.retry();
    else if (loaded.kind === "missing") this.#say(this.#missing(loaded.interpreter));
    else this.#fail(new HostError(loaded.message || strings.noAnswer));
  }

  #cellExecuted(_: unknown, { notebook, cell }: { notebook: unknown; cell: { model: CellText } }): void {
    if (notebook !== this.#panel.content || this.#channel.state.kind !== "refused") return;
    if (cell.model.sharedModel.getSource().includes("trackside")) this.#channel.retry();
  }

  // What is shown

  #explain(state: ChannelState): Message {
    const context = this.#panel.sessionContext;
    switch (state.kind) {
      case "none":
        return {
          text: strings.noKernel,
          actions: [{ label: strings.selectKernel, run: () => void this.#content.dialogs.selectKernel(context) }],
        };
      case "dead":
        return {
          text: strings.dead,
          actions: [{ label: strings.restart, run: () => void this.#content.dialogs.restart(context) }],
        };
      case "foreign":
        return { text: strings.foreign(displayLanguage(state.language)) };
      default:
        return { text: strings.starting, isWaiting: true };
    }
  }

  #missing(interpreter: string): Message {
    return {
      text: strings.missing(this.#panel.sessionContext.kernelDisplayName),
      hint: strings.missingHint,
      code: INSTALL,
      detail: interpreter === "" ? "" : strings.interpreter(interpreter),
      actions: [
        { label: strings.insertInstall, run: () => insertCell(this.#panel.content, INSTALL) },
        { label: strings.tryAgain, run: () => this.#follow() },
      ],
    };
  }

  #fail(error: unknown): void {
    const hint = error instanceof HostError ? error.hint : "";
    const text = error instanceof Error ? error.message : String(error);
    const actions = [{ label: strings.tryAgain, run: () => this.#follow() }];
    this.#say({ text: strings.failed, code: text, hint, isFault: true, actions });
  }

  #sayBusyLater(attempt: number): void {
    const waiting = this.widgets[0];
    setTimeout(() => {
      const isStillWaiting = attempt === this.#attempt && this.widgets[0] === waiting;
      if (isStillWaiting && this.#isBusy()) this.#say({ text: strings.busy, isWaiting: true });
    }, BUSY_AFTER_MS);
  }

  /** Whether a cell is running; the kernel's own status goes to idle whenever it answers something meanwhile. */
  #isBusy(): boolean {
    const cells = [...(this.#panel.model?.cells ?? [])];
    const isRunning = cells.some((cell) => "executionState" in cell && cell.executionState === "running");
    return isRunning || this.#panel.sessionContext.session?.kernel?.status === "busy";
  }

  #say(message: Message): void {
    this.#show(new MessageView(message, this.#panel.title.label));
  }

  #show(view: Widget): void {
    this.#clear();
    this.addWidget(view);
  }

  #clear(): void {
    for (const view of [...this.widgets]) view.dispose();
  }
}

interface CellText {
  sharedModel: { getSource(): string };
}

function displayLanguage(language: string): string {
  return language.length === 1 ? language.toUpperCase() : language.charAt(0).toUpperCase() + language.slice(1);
}
