/** Does for the widget what only the page around it can do. */

import type { NotebookPanel } from "@jupyterlab/notebook";
import type { Widget } from "@lumino/widgets";
import { HOST_EVENT, type HostDetail } from "../widget/host";
import { insertCell } from "./insert-cell";
import type { Revisions } from "./revision";
import { strings } from "./strings";

/** Answers the requests of the widget on a page. Without `revisions` the widget shows a run's notebook itself. */
export function answerWidget(page: Widget, panel: NotebookPanel, revisions: Revisions | null): void {
  page.node.addEventListener(HOST_EVENT, (event) => {
    const detail = (event as CustomEvent<HostDetail>).detail;
    if (detail.kind === "cell.insert") detail.respond(Promise.resolve(insertCell(panel.content, detail.source)));
    else if (detail.kind === "kernel.interrupt") detail.respond(interrupt(panel));
    else if (revisions !== null) detail.respond(revisions.open(detail, panel.id));
  });
}

/** Through the server, which reaches kernels that answer nothing. */
async function interrupt(panel: NotebookPanel): Promise<void> {
  const kernel = panel.sessionContext.session?.kernel;
  if (!kernel) throw new Error(strings.noKernel);
  await kernel.interrupt();
}
