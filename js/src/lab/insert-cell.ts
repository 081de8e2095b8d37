/** Puts code into a notebook, ready to be run. */

import { type Notebook, NotebookActions, type NotebookPanel } from "@jupyterlab/notebook";

/** Below the active cell, or into it where it is an empty code cell; undone as one step. */
export function insertCell(notebook: Notebook, source: string): void {
  const active = notebook.activeCell?.model;
  if (active?.type === "code" && active.sharedModel.getSource().trim() === "") active.sharedModel.setSource(source);
  else addCell(notebook, source);
  void NotebookActions.focusActiveCell(notebook);
}

/** Below the active cell, and runs it. */
export async function runCell({ content, sessionContext }: NotebookPanel, source: string): Promise<void> {
  addCell(content, source);
  await NotebookActions.run(content, sessionContext);
  if (content.activeCell) await content.scrollToItem(content.activeCellIndex);
}

function addCell(notebook: Notebook, source: string): void {
  const index = notebook.activeCell ? notebook.activeCellIndex + 1 : 0;
  notebook.model?.sharedModel.insertCell(index, { cell_type: "code", source, metadata: { trusted: true } });
  notebook.activeCellIndex = index;
  notebook.deselectAll();
}
