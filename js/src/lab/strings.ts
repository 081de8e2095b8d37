/** Every text that the labextension shows, so that it can be translated in one place. */

export const strings = {
  title: "Experiment runs",
  command: "Show Experiment Runs",
  commandCaption: "Show the runs of the current notebook",

  noNotebook: "Open a notebook to see its runs here.",
  starting: "Waiting for the kernel…",
  noKernel: "This notebook has no kernel. Its runs are read through one.",
  selectKernel: "Select kernel",
  dead: "The kernel died. Its runs are kept, and show again after a restart.",
  restart: "Restart kernel",
  foreign: (language: string) => `Trackside tracks notebooks that run Python. This one runs ${language}.`,
  loading: "Loading runs…",
  busy: "The kernel is busy. The runs show when the running cell ends.",
  missing: (kernel: string) => `Trackside is not installed for the kernel “${kernel}”.`,
  missingHint: "Install it into the kernel's environment, and the runs show here.",
  interpreter: (path: string) => `Its Python: ${path}`,
  insertInstall: "Insert as cell",
  failed: "The runs cannot be shown",
  tryAgain: "Try again",
  noWidgets: "JupyterLab cannot show widgets.",
  noWidgetsHint: "Install jupyterlab_widgets where JupyterLab runs, and reload this page.",
  noAnswer: "The kernel did not open the panel.",
  noModel: "The panel was not found in the kernel.",
  noModelHint: "Try again, or restart the kernel.",

  revisionKind: "Notebook as it was executed, read-only",
  revisionLabel: (run: string, notebook: string) => `${run} – ${notebook}`,
  revisionReadOnly: "A notebook revision cannot be changed.",
} as const;

export const INSTALL = "%pip install trackside";
