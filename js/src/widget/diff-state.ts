/** The model of a view of a difference: which sides it has. What is different is asked for where it is shown. */

import { signal } from "@preact/signals";
import type { Model, Push } from "./bridge";
import type { Shared } from "./part-source";
import { WidgetState } from "./widget-state";

/** Two sides; an `after` that is "" is the notebook as it is now. */
export interface Sides {
  before: string;
  after: string;
}

export class DiffState extends WidgetState {
  readonly sides;
  /** Differences are read as long as it takes: notebooks may be large. */
  override readonly answersWhileBusy = false;
  protected override readonly isAnyRunning = false;

  constructor(model: Model, shared?: Shared) {
    super(model, shared);
    this.sides = signal<Sides>({
      before: String(model.get?.("before") ?? ""),
      after: String(model.get?.("after") ?? ""),
    });
  }

  override async watch(): Promise<void> {
    return;
  }

  protected override takePush(push: Push): void {
    if (push.kind === "diff.stale") this.refresh();
  }
}
