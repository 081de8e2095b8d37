/** Has people choose a folder of the server. */

import { PathExt } from "@jupyterlab/coreutils";
import type { IDocumentManager } from "@jupyterlab/docmanager";
import { FileDialog } from "@jupyterlab/filebrowser";
import type { NotebookPanel } from "@jupyterlab/notebook";
import { strings } from "./strings";

/** Its path from the server's root, with `/`; null where people changed their minds. Begins where the notebook is. */
export async function chooseFolder(manager: IDocumentManager, { context }: NotebookPanel): Promise<string | null> {
  const { button, value } = await FileDialog.getExistingDirectory({
    manager,
    title: strings.chooseFolder,
    label: strings.chooseFolderLabel,
    defaultPath: PathExt.dirname(context.path),
  });
  return button.accept ? manager.services.contents.localPath(value?.[0]?.path ?? "") : null;
}
