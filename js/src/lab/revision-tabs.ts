/** Revisions that are there again after a reload: in the place of each a tab asks the kernel for what it showed. */

import { MainAreaWidget } from "@jupyterlab/apputils";
import type { NotebookPanel } from "@jupyterlab/notebook";
import { Panel, type Widget } from "@lumino/widgets";
import { ask } from "./ask";
import type { Channels } from "./channels";
import { runsIcon } from "./icon";
import { type KernelDialogs, KernelPage } from "./kernel-page";
import type { Revisions } from "./revision";
import type { SavedTab, SavedTabs } from "./saved-tabs";
import { type Notebooks, WaitingPage } from "./waiting-page";

export interface RevisionTabParts {
  channels: Channels;
  dialogs: KernelDialogs;
  notebooks: Notebooks;
  saved: SavedTabs;
  revisions: Revisions;
  /** Whether people are in this tab. */
  isCurrent: (tab: Widget) => boolean;
}

export class RevisionTabs {
  readonly #parts: RevisionTabParts;

  constructor(parts: RevisionTabParts) {
    this.#parts = parts;
    parts.revisions.shown.connect((_, [panel, { request, source }]) => {
      const { run_id, path, run_name: name } = request;
      void parts.saved.add(panel, { kind: "revision", run_id, path, name, notebook: source.context.path });
      source.context.pathChanged.connect((_, notebook) => parts.saved.change(panel, { notebook }));
    });
  }

  /** A tab from before the page was loaded, which gives way to the document once that can be had. */
  restore(saved: SavedTab): Widget {
    const content = new Panel();
    content.addClass("trackside-page");
    const tab = new MainAreaWidget({ content });
    tab.toolbar.hide();
    tab.title.icon = runsIcon;
    tab.title.label = tab.title.caption = saved.name;
    const fill = (panel: NotebookPanel) => content.addWidget(this.#makePage(tab, saved, panel));
    content.addWidget(new WaitingPage(saved.notebook, this.#parts.notebooks, fill));
    return tab;
  }

  #makePage(tab: Widget, { run_id, path }: SavedTab, panel: NotebookPanel): KernelPage {
    const { channels, dialogs, revisions, isCurrent } = this.#parts;
    const channel = channels.of(panel);
    const draw = async (isWanted: () => boolean) => {
      const { kind: _, ...found } = await ask(channel, { kind: "revision.read", run_id, path });
      if (!isWanted()) return null;
      await revisions.open({ kind: "revision.open", ...found }, panel, { ref: tab.id, activate: isCurrent(tab) });
      tab.dispose();
      return null;
    };
    return new KernelPage({ panel, channel, dialogs, draw });
  }
}
