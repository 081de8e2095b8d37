/** Runs as tabs of the main area: each shows the view of a run that the kernel of a notebook has. */

import { MainAreaWidget } from "@jupyterlab/apputils";
import type { NotebookPanel } from "@jupyterlab/notebook";
import { Panel, type Widget } from "@lumino/widgets";
import { HOST_EVENT, type HostDetail, type HostRequest } from "../widget/host";
import { ask } from "./ask";
import type { Channels } from "./channels";
import { runsIcon } from "./icon";
import { type KernelDialogs, KernelPage } from "./kernel-page";
import type { SavedTab, SavedTabs } from "./saved-tabs";
import { strings } from "./strings";
import { type Notebooks, WaitingPage } from "./waiting-page";
import { renderWidget } from "./widget-view";

const LABEL_LENGTH = 40;

export type RunRequest = Extract<HostRequest, { kind: "run.open" }>;
type RunTab = MainAreaWidget<Panel>;

export interface RunTabParts {
  channels: Channels;
  dialogs: KernelDialogs;
  notebooks: Notebooks;
  saved: SavedTabs;
  /** Puts a tab beside another one, or in front where it is open. */
  show: (tab: Widget, beside: string) => void;
  /** Answers what the widget in a tab asks for. */
  listen: (page: Widget, panel: NotebookPanel) => void;
}

export class RunTabs {
  readonly #parts: RunTabParts;

  constructor(parts: RunTabParts) {
    this.#parts = parts;
  }

  /** Shows a run in the tab that shows it already, or in a new one. */
  open({ run_id, name, model_id }: RunRequest, panel: NotebookPanel): void {
    const { saved, show } = this.#parts;
    const shown = { kind: "run", run_id, path: "", notebook: panel.context.path } as const;
    const known = saved.find(shown);
    if (known === undefined) this.#fill(this.#add({ ...shown, name }, panel), shown, panel, model_id);
    else show(known, panel.id);
  }

  #add(shown: Omit<SavedTab, "id">, panel: NotebookPanel): RunTab {
    const tab = makeTab(shown.name);
    this.#parts.show(tab, panel.id);
    void this.#parts.saved.add(tab, shown);
    return tab;
  }

  /** A tab from before the page was loaded, which waits for its notebook. */
  restore(saved: SavedTab): Widget {
    const tab = makeTab(saved.name);
    const fill = (panel: NotebookPanel) => this.#fill(tab, saved, panel);
    tab.content.addWidget(new WaitingPage(saved.notebook, this.#parts.notebooks, fill));
    return tab;
  }

  /** @param modelId The view that the kernel has already; where there is none, it is asked for one. */
  #fill(tab: RunTab, { run_id }: { run_id: string }, panel: NotebookPanel, modelId = ""): void {
    const { channels, dialogs, listen, saved } = this.#parts;
    const channel = channels.of(panel);
    let [runId, known] = [run_id, modelId];
    const draw = async (isWanted: () => boolean) => {
      const first = known;
      known = "";
      const asked = { kind: "run.open", run_id: runId, fresh: channel.isEarly } as const;
      const model = first || (await ask(channel, asked)).model_id;
      return isWanted() ? renderWidget(panel, model, isWanted) : null;
    };
    const page = new KernelPage({ panel, channel, dialogs, draw });
    page.node.addEventListener(HOST_EVENT, (event) => {
      const detail = (event as CustomEvent<HostDetail>).detail;
      if (detail.kind !== "run.title") return;
      runId = detail.run_id;
      entitle(tab, detail.name);
      saved.change(tab, { run_id: runId, name: detail.name });
      detail.respond(Promise.resolve());
    });
    panel.context.pathChanged.connect((_, path) => saved.change(tab, { notebook: path }));
    panel.disposed.connect(() => tab.dispose());
    listen(page, panel);
    tab.content.addWidget(page);
  }
}

function makeTab(name: string): RunTab {
  const content = new Panel();
  content.addClass("trackside-page");
  const tab = new MainAreaWidget({ content });
  tab.addClass("trackside-run");
  tab.toolbar.hide();
  tab.title.icon = runsIcon;
  entitle(tab, name);
  return tab;
}

/** A tab's label is the beginning of a name, its caption all of it. */
export function entitle(tab: Widget, name: string): void {
  const characters = [...name];
  tab.title.label =
    characters.length > LABEL_LENGTH ? `${characters.slice(0, LABEL_LENGTH - 1).join("")}…` : name || strings.title;
  tab.title.caption = name;
}
