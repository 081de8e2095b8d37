/** Stands where the model is before there is one: a comparison out of a notebook may find its kernel later, or never. */

import type { Model } from "../bridge";

type Callback = Parameters<Model["on"]>[1];

export class LateModel implements Model {
  readonly #callbacks = new Set<Callback>();
  #model: Model | null = null;

  get isAttached(): boolean {
    return this.#model !== null;
  }

  /** Uses another model from now on, or none. */
  attach(model: Model | null): void {
    for (const callback of this.#callbacks) {
      this.#model?.off("msg:custom", callback);
      model?.on("msg:custom", callback);
    }
    this.#model = model;
  }

  send(content: unknown): void {
    if (this.#model === null) throw new Error("no kernel");
    this.#model.send(content);
  }

  on(_name: "msg:custom", callback: Callback): void {
    this.#callbacks.add(callback);
    this.#model?.on("msg:custom", callback);
  }

  off(_name: "msg:custom", callback: Callback): void {
    this.#callbacks.delete(callback);
    this.#model?.off("msg:custom", callback);
  }
}
