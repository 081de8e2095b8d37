/** The lines to the kernels of all notebooks that are open. */

import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { type ISignal, Signal } from "@lumino/signaling";
import { KernelChannel } from "./kernel-channel";
import type { FromKernel } from "./protocol";

/** A notebook's line is open for as long as the notebook is, whether or not anyone looks at its runs. */
export class Channels {
  readonly #byPanel = new Map<NotebookPanel, KernelChannel>();
  readonly #received = new Signal<this, FromKernel>(this);

  constructor(tracker: INotebookTracker) {
    tracker.forEach((panel) => {
      this.of(panel);
    });
    tracker.widgetAdded.connect((_, panel) => {
      this.of(panel);
    });
  }

  /** What any of the kernels says. */
  get received(): ISignal<this, FromKernel> {
    return this.#received;
  }

  of(panel: NotebookPanel): KernelChannel {
    const known = this.#byPanel.get(panel);
    if (known !== undefined) return known;
    const channel = new KernelChannel(panel);
    this.#byPanel.set(panel, channel);
    channel.received.connect((_, message) => this.#received.emit(message));
    panel.disposed.connect(() => {
      this.#byPanel.delete(panel);
      channel.dispose();
    });
    return channel;
  }
}
