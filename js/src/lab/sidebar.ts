/** The panel in the right area. It follows the active notebook and keeps a page for each that was seen in it. */

import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { Panel } from "@lumino/widgets";
import { runsIcon } from "./icon";
import { KernelChannel } from "./kernel-channel";
import { MessageView } from "./message";
import { type KernelDialogs, NotebookPage } from "./notebook-page";
import type { FromKernel } from "./protocol";
import { strings } from "./strings";

/** For how long a focus that was taken is held. */
const FRAMES = 4;

export interface SidebarParts {
  tracker: INotebookTracker;
  dialogs: KernelDialogs;
  /** Called for each new page, to answer what its widget asks for. */
  listen: (page: NotebookPage, panel: NotebookPanel) => void;
  /** Called when a kernel asks for the panel. */
  reveal: () => void;
}

export class Sidebar extends Panel {
  readonly #parts: SidebarParts;
  readonly #channels = new Map<NotebookPanel, KernelChannel>();
  readonly #pages = new Map<NotebookPanel, NotebookPage>();
  readonly #nothing = new MessageView({ text: strings.noNotebook });

  constructor(parts: SidebarParts) {
    super();
    this.#parts = parts;
    this.id = "trackside-sidebar";
    this.addClass("trackside-sidebar");
    this.title.icon = runsIcon;
    this.title.caption = strings.title;
    this.node.tabIndex = -1;
    this.node.setAttribute("role", "region");
    this.node.setAttribute("aria-label", strings.title);
    this.addWidget(this.#nothing);
    this.#followTracker(parts.tracker);
  }

  /**
   * Gives the focus to the run in the tab order, or where there is none yet to the panel, before all that is in it.
   * The command palette gives it back to the notebook and that to its cell, a frame later each, so it is taken again.
   */
  focus(frames = FRAMES): void {
    if (!this.node.contains(document.activeElement)) {
      const heads = [...this.node.querySelectorAll<HTMLElement>('.ts-run-toggle[tabindex="0"]')];
      (heads.find((head) => head.offsetParent !== null) ?? this.node).focus();
    }
    if (frames > 0) requestAnimationFrame(() => this.focus(frames - 1));
  }

  #followTracker(tracker: INotebookTracker): void {
    tracker.forEach((panel) => {
      this.#channelOf(panel);
    });
    tracker.widgetAdded.connect((_, panel) => {
      this.#channelOf(panel);
    });
    tracker.currentChanged.connect((_, panel) => this.#turnTo(panel));
    this.#turnTo(tracker.currentWidget);
  }

  #turnTo(panel: NotebookPanel | null): void {
    const page = panel === null ? this.#nothing : this.#pageOf(panel);
    for (const other of this.widgets) other.setHidden(other !== page);
  }

  #pageOf(panel: NotebookPanel): NotebookPage {
    const known = this.#pages.get(panel);
    if (known !== undefined) return known;
    const page = new NotebookPage(panel, this.#channelOf(panel), this.#parts.dialogs);
    page.hide();
    this.#pages.set(panel, page);
    this.#parts.listen(page, panel);
    this.addWidget(page);
    return page;
  }

  /** The line to a notebook's kernel is open for as long as the notebook is, whether or not anyone looks at its runs. */
  #channelOf(panel: NotebookPanel): KernelChannel {
    const known = this.#channels.get(panel);
    if (known !== undefined) return known;
    const channel = new KernelChannel(panel);
    this.#channels.set(panel, channel);
    channel.received.connect((_: unknown, message: FromKernel) => {
      if (message.kind === "panel.reveal") this.#parts.reveal();
    });
    panel.disposed.connect(() => this.#forget(panel));
    return channel;
  }

  #forget(panel: NotebookPanel): void {
    this.#pages.get(panel)?.dispose();
    this.#pages.delete(panel);
    this.#channels.get(panel)?.dispose();
    this.#channels.delete(panel);
  }
}
