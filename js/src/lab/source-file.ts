/** Opens the file that a run came from, where it lies on the server. */

import type { JupyterFrontEnd } from "@jupyterlab/application";
import { PathExt } from "@jupyterlab/coreutils";
import { strings } from "./strings";

export type OpenSource = (name: string, notebook: string) => Promise<void>;

/** Runs say where their source lies from the server's root, or from the notebook's folder; both are looked at. */
export const sourceOpener =
  ({ commands, serviceManager }: JupyterFrontEnd): OpenSource =>
  async (name, notebook) => {
    const places = [name, PathExt.join(PathExt.dirname(notebook), PathExt.basename(name))];
    for (const path of places) {
      const isThere = await serviceManager.contents.get(path, { content: false }).then(
        ({ type }) => type !== "directory",
        () => false,
      );
      if (isThere) return void (await commands.execute("docmanager:open", { path }));
    }
    throw new Error(strings.noSourceFile(name));
  };
