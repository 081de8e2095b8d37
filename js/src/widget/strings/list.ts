/** Texts of the list of runs. */

import type { RunStatus } from "../protocol";
import { speaker } from "./plural";

const english = speaker("en");
const french = speaker("fr");

const en = {
  runCount: (total: number) => english.count(total, "run", "runs"),

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
  childRuns: (children: number) => english.count(children, "child run", "child runs"),
};

const fr: typeof en = {
  runCount: (total) => french.count(total, "exécution", "exécutions"),

  status: {
    RUNNING: "En cours",
    SCHEDULED: "Planifiée",
    FINISHED: "Terminée",
    FAILED: "Échouée",
    KILLED: "Arrêtée",
  },
  runLabel: (parts) => parts.filter((part) => part !== "").join(", "),
  openRevision: (name) => `Ouvrir le notebook de ${name}`,
  noRevision: "Aucun notebook n’a été conservé pour cette exécution",
  childRuns: (children) => french.count(children, "exécution fille", "exécutions filles"),
};

export const list = { en, fr };
