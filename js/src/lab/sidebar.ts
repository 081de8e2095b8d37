/** The panel in the right area. It follows the active notebook and keeps a page for each that was seen in it. */

import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { Panel, type Widget } from "@lumino/widgets";
import { runsIcon } from "./icon";
import { KernelChannel } from "./kernel-channel";
import { MessageView } from "./message";
import { type KernelDialogs, NotebookPage } from "./notebook-page";
import type { FromKernel } from "./protocol";
import { strings } from "./strings";

export class Sidebar extends Panel {
  readonly #dialogs: KernelDialogs;
  readonly #listen: (page: NotebookPage, panel: NotebookPanel) => void;
  readonly #channels = new Map<NotebookPanel, KernelChannel>();
  readonly #pages = new Map<NotebookPanel, NotebookPage>();
  readonly #nothing = new MessageView({ text: strings.noNotebook });

  /**
   * @param listen Called for each new page, to answer what its widget asks for.
   * @param reveal Called when a notebook asks for the panel.
   */
  constructor(
    tracker: INotebookTracker,
    dialogs: KernelDialogs,
    listen: (page: NotebookPage, panel: NotebookPanel) => void,
    reveal: () => void,
  ) {
    super();
    this.#dialogs = dialogs;
    this.#listen = listen;
    this.id = "trackside-sidebar";
    this.addClass("trackside-sidebar");
    this.title.icon = runsIcon;
    this.title.caption = strings.title;
    this.node.setAttribute("role", "region");
    this.node.setAttribute("aria-label", strings.title);
    this.addWidget(this.#nothing);
    tracker.widgetAdded.connect((_, panel) => this.#connect(panel, reveal));
    tracker.forEach((panel) => {
      this.#connect(panel, reveal);
    });
    tracker.currentChanged.connect((_, panel) => this.#turnTo(panel));
    this.#turnTo(tracker.currentWidget);
  }

  /** Keeps the kernel of a notebook informed for as long as the notebook is open, whether or not the panel is. */
  #connect(panel: NotebookPanel, reveal: () => void): void {
    const channel = new KernelChannel(panel);
    this.#channels.set(panel, channel);
    channel.received.connect((_: unknown, message: FromKernel) => {
      if (message.kind === "panel.reveal") reveal();
    });
    panel.disposed.connect(() => this.#forget(panel));
  }

  #forget(panel: NotebookPanel): void {
    this.#pages.get(panel)?.dispose();
    this.#pages.delete(panel);
    this.#channels.get(panel)?.dispose();
    this.#channels.delete(panel);
  }

  #turnTo(panel: NotebookPanel | null): void {
    const page = panel === null ? this.#nothing : this.#pageOf(panel);
    for (const other of this.widgets as readonly Widget[]) other.setHidden(other !== page);
  }

  #pageOf(panel: NotebookPanel): Widget {
    const channel = this.#channels.get(panel);
    if (channel === undefined) return this.#nothing;
    const page = this.#pages.get(panel) ?? new NotebookPage(panel, channel, this.#dialogs);
    if (!this.#pages.has(panel)) {
      page.hide();
      this.#pages.set(panel, page);
      this.#listen(page, panel);
      this.addWidget(page);
    }
    return page;
  }
}
