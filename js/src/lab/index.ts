import "./panel.css";
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { INotebookTracker } from "@jupyterlab/notebook";

const plugin: JupyterFrontEndPlugin<void> = {
  id: "trackside:sidebar",
  autoStart: true,
  optional: [INotebookTracker],
  activate: (_app: JupyterFrontEnd) => undefined,
};

export default plugin;
