/** Comparisons and differences as tabs: each shows a model of the kernel whose notebook it was opened from. */

import { MainAreaWidget } from "@jupyterlab/apputils";
import type { NotebookPanel } from "@jupyterlab/notebook";
import { Panel, type Widget } from "@lumino/widgets";
import { HOST_EVENT, type HostDetail, type HostRequest } from "../widget/host";
import { runsIcon } from "./icon";
import { MessageView } from "./message";
import { entitle } from "./run-tabs";
import { strings } from "./strings";
import { renderWidget } from "./widget-view";

/** What a kernel does when its models are gone with it. */
const ENDS: ReadonlySet<string> = new Set(["restarting", "autorestarting", "terminating", "dead"]);

export type ModelRequest = Extract<HostRequest, { kind: "compare.open" }>;

export interface ModelTabParts {
  /** Puts a tab beside another one, or in front where it is open. */
  show: (tab: Widget, beside: string) => void;
  /** Answers what the widget in a tab asks for. */
  listen: (page: Widget, panel: NotebookPanel) => void;
}

export class ModelTabs {
  readonly #parts: ModelTabParts;
  readonly #byModel = new Map<string, Widget>();

  constructor(parts: ModelTabParts) {
    this.#parts = parts;
  }

  async open(request: ModelRequest, panel: NotebookPanel): Promise<void> {
    const known = this.#byModel.get(request.model_id);
    if (known !== undefined) return this.#parts.show(known, panel.id);
    const page = new Panel();
    const tab = this.#makeTab(page, request, panel);
    this.#parts.show(tab, panel.id);
    await fill(page, request.model_id, panel);
  }

  #makeTab(page: Panel, { model_id, name }: ModelRequest, panel: NotebookPanel): Widget {
    page.addClass("trackside-page");
    const tab = new MainAreaWidget({ content: page });
    tab.id = `trackside-model-${model_id}`;
    tab.addClass("trackside-run");
    tab.toolbar.hide();
    tab.title.icon = runsIcon;
    entitle(tab, name);
    this.#byModel.set(model_id, tab);
    this.#parts.listen(page, panel);
    page.node.addEventListener(HOST_EVENT, (event) => {
      const detail = (event as CustomEvent<HostDetail>).detail;
      if (detail.kind === "compare.title") detail.respond(Promise.resolve(entitle(tab, detail.name)));
    });
    tab.disposed.connect(() => this.#byModel.delete(model_id));
    panel.disposed.connect(() => tab.dispose());
    return tab;
  }
}

/** Draws the model; when its kernel goes, a message takes its place. */
async function fill(page: Panel, modelId: string, panel: NotebookPanel): Promise<void> {
  const { view, inner } = await renderWidget(panel, modelId, () => !page.isDisposed);
  if (page.isDisposed) return view.dispose();
  page.addWidget(view);
  const lose = () => {
    if (page.isDisposed || view.isDisposed) return;
    view.dispose();
    page.addWidget(new MessageView({ text: strings.comparisonLost, hint: strings.comparisonLostHint }));
  };
  inner.disposed.connect(lose);
  panel.sessionContext.kernelChanged.connect(lose);
  panel.sessionContext.statusChanged.connect((_, status) => {
    if (ENDS.has(status)) lose();
  });
}
