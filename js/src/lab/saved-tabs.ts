/** The tabs that are there again when the page is loaded again: JupyterLab keeps what each of them shows. */

import type { ILayoutRestorer, JupyterFrontEnd } from "@jupyterlab/application";
import { WidgetTracker } from "@jupyterlab/apputils";
import type { ReadonlyPartialJSONObject } from "@lumino/coreutils";
import type { Widget } from "@lumino/widgets";

const NAMESPACE = "trackside-tab";
const RESTORE = "trackside:restore-tab";

/** What a tab is made of again. */
export interface SavedTab {
  /** That of the tab, as long as it is there. */
  id: string;
  kind: "run" | "revision";
  run_id: string;
  /** Where among the run's files a notebook lies that is none of its revision; or "". */
  path: string;
  name: string;
  /** Path of the notebook that it was opened from, whose kernel reads the run. */
  notebook: string;
}

const FIELDS: readonly (keyof SavedTab)[] = ["id", "kind", "run_id", "path", "name", "notebook"];

export class SavedTabs {
  readonly #tracker = new WidgetTracker<Widget>({ namespace: NAMESPACE });
  readonly #saved = new WeakMap<Widget, SavedTab>();

  /** Has the tabs of the last time made again, each before JupyterLab lays out what was open. */
  restore(app: JupyterFrontEnd, restorer: ILayoutRestorer, make: (saved: SavedTab) => Widget): void {
    app.commands.addCommand(RESTORE, {
      execute: async (args) => {
        const saved = readSaved(args);
        const tab = make(saved);
        tab.id = saved.id;
        app.shell.add(tab, "main", { activate: false });
        await this.add(tab, saved);
      },
    });
    void restorer.restore(this.#tracker, {
      command: RESTORE,
      args: (tab) => ({ ...this.#saved.get(tab) }),
      name: (tab) => tab.id,
    });
  }

  /** Keeps a tab until it is closed; what it shows is known from now on. */
  async add(tab: Widget, saved: Omit<SavedTab, "id">): Promise<void> {
    this.#saved.set(tab, { ...saved, id: tab.id });
    await this.#tracker.add(tab);
  }

  /** A tab shows something else now. */
  change(tab: Widget, changes: Partial<SavedTab>): void {
    const saved = this.#saved.get(tab);
    if (saved === undefined || tab.isDisposed) return;
    this.#saved.set(tab, { ...saved, ...changes });
    void this.#tracker.save(tab);
  }

  /** The tab that shows this, if there is one. */
  find(wanted: Partial<SavedTab>): Widget | undefined {
    const keys = FIELDS.filter((key) => key in wanted);
    return this.#tracker.find((tab) => keys.every((key) => this.#saved.get(tab)?.[key] === wanted[key]));
  }
}

/** What an earlier version kept may be something else; JupyterLab forgets what cannot be made again. */
function readSaved(args: ReadonlyPartialJSONObject): SavedTab {
  const isWhole = FIELDS.every((key) => typeof args[key] === "string");
  if (!isWhole || (args.kind !== "run" && args.kind !== "revision")) throw new Error(`${NAMESPACE}: unknown tab`);
  return args as unknown as SavedTab;
}
