/** Where a comparison was drawn in a notebook: the kernel that may have made it, and the output that keeps it. */

import type { CodeCell } from "@jupyterlab/cells";
import type { NotebookPanel } from "@jupyterlab/notebook";
import type { PartialJSONObject } from "@lumino/coreutils";
import type { Choices } from "../widget/compare/choices";
import { MIME } from "../widget/compare/saved";
import { ComparisonLine } from "./comparison-line";

export class ComparisonPlace {
  readonly #panel: NotebookPanel;
  readonly #node: HTMLElement;

  constructor(panel: NotebookPanel, node: HTMLElement) {
    this.#panel = panel;
    this.#node = node;
  }

  /** The line to the notebook's kernel; null where it has none. */
  makeLine(comparison: string): ComparisonLine | null {
    const kernel = this.#panel.sessionContext.session?.kernel;
    return kernel ? new ComparisonLine(kernel, comparison) : null;
  }

  /** Keeps what people chose in the metadata of the output, which is saved with the notebook. */
  keep(comparison: string, choices: Choices): void {
    const area = this.#findArea();
    if (area === null || this.#panel.model?.readOnly !== false) return;
    const index = area.widgets.findIndex(({ node }) => node.contains(this.#node));
    const output = index < 0 ? undefined : area.model.get(index);
    const data = output?.data[MIME] as { comparison?: unknown } | undefined;
    if (output === undefined || data?.comparison !== comparison) return;
    const metadata = { ...output.metadata, [MIME]: { choices: choices as unknown as PartialJSONObject } };
    area.model.set(index, { ...output.toJSON(), metadata });
  }

  /** Calls back right before the notebook is saved; returns what stops it. */
  beforeSave(callback: () => void): () => void {
    const hear = (_: unknown, state: string) => {
      if (state === "started") callback();
    };
    const { saveState } = this.#panel.context;
    saveState.connect(hear);
    return () => {
      saveState.disconnect(hear);
    };
  }

  #findArea(): CodeCell["outputArea"] | null {
    if (this.#panel.isDisposed) return null;
    const cell = this.#panel.content.widgets.find(({ node }) => node.contains(this.#node));
    return cell?.model.type === "code" ? (cell as CodeCell).outputArea : null;
  }
}
