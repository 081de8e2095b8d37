/** What a tab shows from before the page was loaded until the notebook is open whose kernel it needs. */

import type { IDocumentManager } from "@jupyterlab/docmanager";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { Panel } from "@lumino/widgets";
import { type Message, MessageView } from "./message";
import { strings } from "./strings";

export interface Notebooks {
  tracker: INotebookTracker;
  documents: IDocumentManager | null;
  /** Resolves when what was open is open again. */
  restored: Promise<unknown>;
}

export class WaitingPage extends Panel {
  readonly #path: string;
  readonly #notebooks: Notebooks;
  readonly #found: (panel: NotebookPanel) => void;

  /** @param found Called once, with the notebook; the page goes. */
  constructor(path: string, notebooks: Notebooks, found: (panel: NotebookPanel) => void) {
    super();
    this.addClass("trackside-page");
    this.#path = path;
    this.#notebooks = notebooks;
    this.#found = found;
    this.#say({ text: strings.waitingForNotebook(path), isWaiting: true });
    notebooks.tracker.widgetAdded.connect(this.#look, this);
    void notebooks.restored.then(() => this.#lookOnce());
  }

  /** The tracker tells of a notebook before it is laid out with what else was open. */
  #look(_: unknown, panel: NotebookPanel): void {
    if (this.isDisposed || panel.context.path !== this.#path) return;
    this.#notebooks.tracker.widgetAdded.disconnect(this.#look, this);
    this.#found(panel);
    this.dispose();
  }

  #lookOnce(): void {
    if (this.isDisposed) return;
    const { tracker, documents } = this.#notebooks;
    const panel = tracker.find(({ context }) => context.path === this.#path);
    const open = { label: strings.openNotebook, run: () => void documents?.openOrReveal(this.#path) };
    if (panel !== undefined) this.#look(null, panel);
    else this.#say({ text: strings.notebookNotOpen(this.#path), actions: documents === null ? [] : [open] });
  }

  #say(message: Message): void {
    for (const view of [...this.widgets]) view.dispose();
    this.addWidget(new MessageView(message));
  }
}
