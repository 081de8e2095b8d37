/** Does for the widget what only the page around it can do. */

import type { IDocumentManager } from "@jupyterlab/docmanager";
import type { NotebookPanel } from "@jupyterlab/notebook";
import type { Widget } from "@lumino/widgets";
import { HOST_EVENT, type HostDetail, type NotebookNow } from "../widget/host";
import { chooseFolder } from "./choose-folder";
import { openClone } from "./clone";
import { makeDiffTab } from "./diff-tab";
import { insertCell, runCell } from "./insert-cell";
import type { ModelTabs } from "./model-tabs";
import { restoreRevision } from "./restore-later";
import type { Revisions } from "./revision";
import type { RunTabs } from "./run-tabs";
import type { OpenSource } from "./source-file";
import { strings } from "./strings";

/** What opens things in the main area. Without one of them the widget shows such things itself. */
export interface Openers {
  revisions: Revisions | null;
  runs: RunTabs | null;
  models: ModelTabs | null;
  documents: IDocumentManager | null;
  source: OpenSource;
  /** Puts a tab beside another one, or in front where there is one with its id. */
  showTab: ((tab: Widget, beside: string) => void) | null;
}

/** Answers the requests of the widget on a page. */
export function answerWidget(page: Widget, panel: NotebookPanel, openers: Openers): void {
  page.node.addEventListener(HOST_EVENT, (event) => {
    const detail = (event as CustomEvent<HostDetail>).detail;
    const done = answer(detail, panel, openers);
    if (done !== null) detail.respond(done);
  });
}

function answer(
  detail: HostDetail,
  panel: NotebookPanel,
  { revisions, runs, models, documents, source, showTab }: Openers,
): Promise<unknown> | null {
  switch (detail.kind) {
    case "cell.insert":
      return Promise.resolve(insertCell(panel.content, detail.source));
    case "cell.run":
      return runCell(panel, detail.source);
    case "revision.open":
      return revisions?.open(detail, panel) ?? null;
    case "notebook.read":
      return Promise.resolve(readNotebook(panel));
    case "revision.restore":
      return restoreRevision(panel, detail, () => showTab?.(panel, panel.id));
    case "source.open":
      return source(detail.name, panel.context.path);
    case "diff.open":
      return showTab === null ? null : Promise.resolve(showTab(makeDiffTab(detail), panel.id));
    case "run.open":
      return runs === null ? null : Promise.resolve(runs.open(detail, panel));
    case "compare.open":
      return models?.open(detail, panel) ?? null;
    case "clone.open":
      return documents === null ? null : openClone(documents, detail);
    case "folder.choose":
      return documents === null ? null : chooseFolder(documents, panel);
    case "kernel.interrupt":
      return interrupt(panel);
    default:
      return null;
  }
}

/** Characters of attachments that are sent at most. */
const MOST_ATTACHED = 2_000_000;

/** The notebook with edits that are not saved. */
function readNotebook({ context, model }: NotebookPanel): NotebookNow {
  const cells = [...(model?.cells ?? [])].map((cell) => {
    const { id, cell_type, source, metadata, ...rest } = cell.sharedModel.toJSON();
    const { attachments = {} } = rest as { attachments?: Record<string, unknown> };
    return { id: String(id), cell_type: String(cell_type), source: [source].flat().join(""), metadata, attachments };
  });
  const size = cells.reduce((sum, { attachments }) => sum + lengthOf(attachments), 0);
  const sent = size > MOST_ATTACHED ? cells.map((cell) => ({ ...cell, attachments: null })) : cells;
  return { path: context.localPath, cells: sent };
}

const lengthOf = (attachments: object) =>
  Object.keys(attachments).length === 0 ? 0 : JSON.stringify(attachments).length;

/** Through the server, which reaches kernels that answer nothing. */
async function interrupt(panel: NotebookPanel): Promise<void> {
  const kernel = panel.sessionContext.session?.kernel;
  if (!kernel) throw new Error(strings.noKernel);
  await kernel.interrupt();
}
