/** Puts a revision into the notebook that is open, so that one undo takes it all back. */

import { Dialog, Notification, showDialog } from "@jupyterlab/apputils";
import type { ICell, INotebookContent } from "@jupyterlab/nbformat";
import { NotebookActions, type NotebookPanel } from "@jupyterlab/notebook";
import type { HostRequest } from "../widget/host";
import { planRestore } from "./restore-plan";
import { strings } from "./strings";

export type RestoreRequest = Omit<Extract<HostRequest, { kind: "revision.restore" }>, "kind">;

const NOTICE_MS = 8000;

/** What JupyterLab's shared notebooks have, though their published type does not say so. */
interface WithUndoManager {
  undoManager: { stopCapturing(): void };
}

/** Asks first where the notebook has changes that are not saved; false where people say no. */
export async function restoreRevision(
  panel: NotebookPanel,
  request: RestoreRequest,
  reveal: (panel: NotebookPanel) => void,
): Promise<boolean> {
  const { model } = panel;
  if (model === null || model.readOnly) throw new Error(strings.notebookReadOnly);
  if (model.dirty && !(await mayReplace(panel, request))) return false;
  const { cells } = JSON.parse(request.notebook) as INotebookContent;
  replaceCells(panel, cells);
  reveal(panel);
  Notification.success(strings.restored(request.run_name), {
    autoClose: NOTICE_MS,
    actions: [{ label: strings.undo, callback: () => NotebookActions.undo(panel.content) }],
  });
  return true;
}

async function mayReplace(panel: NotebookPanel, { run_name }: RestoreRequest): Promise<boolean> {
  const { button } = await showDialog({
    title: strings.restoreTitle(run_name),
    body: strings.restoreUnsaved(panel.title.label),
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: strings.restore })],
  });
  return button.accept;
}

/** One transaction, and an undo step of its own whatever was typed just before. */
function replaceCells(panel: NotebookPanel, revision: readonly ICell[]): void {
  const shared = panel.model?.sharedModel;
  if (shared === undefined) return;
  const current = shared.cells.map((cell) => cell.toJSON() as ICell);
  const plan = planRestore(current, revision);
  const kept = new Set(plan.map((step) => ("kept" in step ? step.kept : -1)));
  const { undoManager } = shared as Partial<WithUndoManager>;
  undoManager?.stopCapturing();
  shared.transact(() => {
    for (let position = current.length - 1; position >= 0; position -= 1)
      if (!kept.has(position)) shared.deleteCell(position);
    plan.forEach((step, position) => {
      if ("put" in step) shared.insertCell(position, step.put as Parameters<typeof shared.insertCell>[1]);
    });
  });
  undoManager?.stopCapturing();
}
