/**
 * The cells of a revision. JupyterLab's keys and menus for cells look at what has the focus, and then change the notebook
 * that was last in front: a revision must never be what they look for.
 */

import type { IEditorServices } from "@jupyterlab/codeeditor";
import { Notebook, NotebookPanel } from "@jupyterlab/notebook";
import type { Message } from "@lumino/messaging";

/** The classes by which JupyterLab's shortcuts know that a notebook has the focus. */
const MODES = ["jp-mod-commandMode", "jp-mod-editMode"];

/** Makes the cells of revisions. */
export function revisionContent(editors: IEditorServices): NotebookPanel.IContentFactory {
  return new RevisionContent({ editorFactory: editors.factoryService.newInlineEditor });
}

class RevisionContent extends NotebookPanel.ContentFactory {
  override createNotebook(options: Notebook.IOptions): Notebook {
    return new RevisionNotebook(options);
  }
}

class RevisionNotebook extends Notebook {
  constructor(options: Notebook.IOptions) {
    super(options);
    this.node.dataset.jpSuppressContextMenu = "";
  }

  /** No cell can be added. */
  protected override addFooter(): void {}

  protected override onUpdateRequest(message: Message): void {
    super.onUpdateRequest(message);
    for (const mode of MODES) this.removeClass(mode);
  }

  /** Nothing can be dropped among the cells; they can be dragged into other notebooks. */
  override handleEvent(event: Event): void {
    if (!/^lm-d(rag|rop)/.test(event.type)) super.handleEvent(event);
  }
}
