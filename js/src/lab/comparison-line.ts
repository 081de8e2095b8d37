/** From a comparison in a notebook to the kernel that made it: a comm that stands where the widget's model would. */

import type { Kernel } from "@jupyterlab/services";
import type { JSONObject } from "@lumino/coreutils";
import type { Model } from "../widget/bridge";
import { within } from "./timing";

const TARGET = "trackside.compare";
const INFO_MS = 1500;

type Callback = Parameters<Model["on"]>[1];

export class ComparisonLine implements Model {
  readonly #kernel: Kernel.IKernelConnection;
  readonly #comparison: string;
  readonly #callbacks = new Set<Callback>();
  #comm: Kernel.IComm | null = null;

  constructor(kernel: Kernel.IKernelConnection, comparison: string) {
    this.#kernel = kernel;
    this.#comparison = comparison;
  }

  /** Calls back with the line when the kernel knows the comparison, and with null when it is gone. */
  open(changed: (model: Model | null) => void): void {
    void this.#open(changed);
  }

  close(): void {
    const comm = this.#comm;
    this.#comm = null;
    if (comm !== null && !comm.isDisposed && !this.#kernel.isDisposed) comm.close();
  }

  send(content: unknown): void {
    if (this.#comm === null || this.#comm.isDisposed) throw new Error("the kernel is gone");
    this.#comm.send(content as JSONObject);
  }

  on(_name: "msg:custom", callback: Callback): void {
    this.#callbacks.add(callback);
  }

  off(_name: "msg:custom", callback: Callback): void {
    this.#callbacks.delete(callback);
  }

  async #open(changed: (model: Model | null) => void): Promise<void> {
    await within(this.#kernel.info, INFO_MS);
    if (this.#kernel.isDisposed || !this.#kernel.handleComms) return;
    const comm = this.#kernel.createComm(TARGET);
    this.#comm = comm;
    let isOpen = false;
    comm.onMsg = (message) => {
      if (!isOpen) changed(this);
      isOpen = true;
      const buffers = (message.buffers ?? []) as ArrayBuffer[];
      for (const callback of this.#callbacks) callback(message.content.data, buffers);
    };
    comm.onClose = () => {
      this.#comm = null;
      if (isOpen) changed(null);
    };
    this.#kernel.statusChanged.connect((_, status) => {
      if (status === "restarting" || status === "autorestarting" || status === "dead") comm.onClose?.({} as never);
    });
    comm.open({ comparison: this.#comparison });
  }
}
