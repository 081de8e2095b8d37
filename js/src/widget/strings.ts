/** Every text that the widget shows, so that it can be translated in one place. */

import type { RunStatus } from "./protocol";

const count = (number: number, one: string, many: string) =>
  number === 1 ? `1 ${one}` : `${number.toLocaleString()} ${many}`;

export const strings = {
  title: "Experiment runs",
  refresh: "Refresh",
  loading: "Loading runs…",
  runCount: (total: number) => count(total, "run", "runs"),
  shownOf: (shown: number, total: number) => `${shown.toLocaleString()} of ${total.toLocaleString()} runs`,
  showMore: (more: number) => `Show ${more.toLocaleString()} more`,
  noExperiment: "No experiment",

  status: {
    RUNNING: "Running",
    SCHEDULED: "Scheduled",
    FINISHED: "Finished",
    FAILED: "Failed",
    KILLED: "Killed",
  } satisfies Record<RunStatus, string>,
  runLabel: (parts: string[]) => parts.filter((part) => part !== "").join(", "),
  openRevision: (name: string) => `Open the notebook of ${name}`,
  noRevision: "No notebook was kept for this run",
  rename: "Rename (F2)",
  renameRun: (name: string) => `Rename ${name}`,
  newName: "New name of the run",
  childRuns: (children: number) => count(children, "child run", "child runs"),

  params: "Params",
  metrics: "Metrics",
  tags: "Tags",
  artifacts: "Artifacts",
  source: "Source",
  note: "Note",
  systemTags: "System tags",
  noParams: "No params were logged.",
  noMetrics: "No metrics were logged.",
  noTags: "No tags yet.",
  noArtifacts: "No artifacts were logged.",
  emptyFolder: "Empty folder",
  showAll: "Show all",
  showLess: "Show less",
  step: (step: number) => `step ${step.toLocaleString()}`,
  curve: (key: string, points: number, low: string, high: string, last: string) =>
    `Curve of ${key}: ${points.toLocaleString()} points, lowest ${low}, highest ${high}, last ${last}`,

  tagName: "Name",
  tagValue: "Value",
  newTagName: "Name of the new tag",
  newTagValue: "Value of the new tag",
  addTag: "Add",
  editTag: (key: string) => `Edit tag ${key}`,
  deleteTag: (key: string) => `Delete tag ${key}`,
  valueOfTag: (key: string) => `Value of tag ${key}`,
  tagDeleted: (key: string) => `Tag “${key}” deleted.`,
  undo: "Undo",
  dismiss: "Dismiss",

  download: (path: string) => `Download ${path}`,
  tooLargeToShow: "Too large to show here. Download it instead.",
  previewCut: "The beginning of the file.",

  sourceRows: {
    name: "Name",
    type: "Type",
    entryPoint: "Entry point",
    commit: "Git commit",
    branch: "Git branch",
    remote: "Repository",
    revision: "Revision",
    user: "User",
    started: "Started",
    ended: "Ended",
    runId: "Run id",
    artifactUri: "Artifacts in",
  },
  withChanges: "with changes",
  withChangesTitle: "The files differed from the commit when the run started",
  copy: (what: string) => `Copy ${what}`,
  copied: "Copied.",
  notCopied: "The browser did not allow copying.",

  readOnly: "read-only",
  back: "Back to the runs",
  emptyNotebook: "The notebook has no cells.",

  emptyText: "No runs yet. A run that starts in this notebook appears here at once.",
  insertCell: "Insert as cell",
  copyCode: "Copy",
  copiedInstead: "Copied: paste it into a cell.",

  storeFault: "The runs cannot be read",
  tryAgain: "Try again",
  timeout: "The kernel does not answer.",
  timeoutHint: "It may be busy or gone. What you asked for is done if it answers later.",
  disconnected: "The kernel cannot be reached.",
  disconnectedHint: "Restart it, or open this panel again.",
  waiting: "Waiting for the kernel…",
  waitingBusy: "The kernel is busy: this is done when the running cell ends.",

  announceNew: (name: string) => `Run ${name} started.`,
  announceStatus: (name: string, status: string) => `Run ${name}: ${status}.`,
  announceMany: (changes: number) => `${changes} runs changed.`,

  justNow: "just now",
  secondsAgo: (number: number) => `${number} s ago`,
  minutesAgo: (number: number) => `${number} min ago`,
  hoursAgo: (number: number) => `${number} h ago`,
  notStarted: "not started",
} as const;

/** What the empty panel offers to insert. */
export const EXAMPLE = `import trackside

with trackside.start_run():
    trackside.log_param("alpha", 0.5)
    trackside.log_metric("score", 0.93)`;
