/** Opens the cloned notebook of a run on the kernel that was made for it. */

import type { IDocumentManager } from "@jupyterlab/docmanager";
import { NotebookActions, NotebookPanel } from "@jupyterlab/notebook";
import type { HostRequest } from "../widget/host";
import { HostError } from "./host-error";
import { strings } from "./strings";

export type CloneRequest = Extract<HostRequest, { kind: "clone.open" }>;

/** Resolves when the notebook is open; its cells, where they are wanted, run after that. */
export async function openClone(documents: IDocumentManager, request: CloneRequest): Promise<void> {
  const { kernelspecs } = documents.services;
  await kernelspecs.refreshSpecs();
  const kernel = kernelspecs.specs?.kernelspecs[request.kernel] === undefined ? {} : { name: request.kernel };
  const panel = documents.openOrReveal(request.path, "Notebook", kernel);
  if (!(panel instanceof NotebookPanel)) throw new HostError(strings.cloneNotOpened(request.path));
  await panel.context.ready;
  if (request.run_all) void runAll(panel);
}

async function runAll(panel: NotebookPanel): Promise<void> {
  await panel.revealed;
  await panel.sessionContext.ready;
  await NotebookActions.runAll(panel.content, panel.sessionContext);
}
