/** The panel in the right area. It follows the active notebook and keeps a page for each that was seen in it. */

import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { Panel } from "@lumino/widgets";
import type { Channels } from "./channels";
import { runsIcon } from "./icon";
import type { KernelDialogs, KernelPage } from "./kernel-page";
import { MessageView } from "./message";
import { makePanelPage } from "./panel-page";
import { strings } from "./strings";

/** For how long a focus that was taken is held. */
const FRAMES = 4;

export interface SidebarParts {
  tracker: INotebookTracker;
  channels: Channels;
  dialogs: KernelDialogs;
  /** Called for each new page, to answer what its widget asks for. */
  listen: (page: KernelPage, panel: NotebookPanel) => void;
  /** Called when a kernel asks for the panel. */
  reveal: () => void;
}

export class Sidebar extends Panel {
  readonly #parts: SidebarParts;
  readonly #pages = new Map<NotebookPanel, KernelPage>();
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
    parts.channels.received.connect((_, message) => {
      if (message.kind === "panel.reveal") parts.reveal();
    });
    parts.tracker.currentChanged.connect((_, panel) => this.#turnTo(panel));
    this.#turnTo(parts.tracker.currentWidget);
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

  #turnTo(panel: NotebookPanel | null): void {
    const page = panel === null ? this.#nothing : this.#pageOf(panel);
    for (const other of this.widgets) other.setHidden(other !== page);
  }

  #pageOf(panel: NotebookPanel): KernelPage {
    const known = this.#pages.get(panel);
    if (known !== undefined) return known;
    const { channels, dialogs, listen } = this.#parts;
    const page = makePanelPage(panel, channels.of(panel), dialogs);
    page.hide();
    this.#pages.set(panel, page);
    panel.disposed.connect(() => {
      this.#pages.delete(panel);
      page.dispose();
    });
    listen(page, panel);
    this.addWidget(page);
    return page;
  }
}
