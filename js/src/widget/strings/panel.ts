/** Texts around the runs: the panel itself, what it waits for, what went wrong, times and units. */

import { speaker } from "./plural";

const english = /* @__PURE__ */ speaker("en");
const french = /* @__PURE__ */ speaker("fr");

const en = {
  title: "Experiment runs",
  refresh: "Refresh",
  loading: "Loading runs…",
  coming: "Loading…",

  emptyText: "No runs yet. A run that starts in this notebook, by Trackside or by MLflow, appears here at once.",
  insertCell: "Insert as cell",
  copyCode: "Copy",
  copiedInstead: "Copied: paste it into a cell.",

  storeFault: "The runs cannot be read",
  serverAway: "The server does not answer",
  tryAgain: "Try again",
  noSourceFile: "The source of this run cannot be opened from here.",
  timeout: "The kernel does not answer.",
  timeoutHint: "It may be busy or gone. What you asked for is done if it answers later.",
  disconnected: "The kernel cannot be reached.",
  disconnectedHint: "Restart it, or open this panel again.",
  waiting: "Waiting for the kernel…",
  waitingForStore: "Waiting for the store…",
  waitingBusy: "The kernel is busy: this is done when the running cell ends.",

  announceNew: (name: string) => `Run ${name} started.`,
  announceStatus: (name: string, status: string) => `Run ${name}: ${status}.`,
  announceMany: (changes: number) => `${english.count(changes, "run", "runs")} changed.`,

  justNow: "just now",
  secondsAgo: (number: number) => `${english.number(number)} s ago`,
  minutesAgo: (number: number) => `${english.number(number)} min ago`,
  hoursAgo: (number: number) => `${english.number(number)} h ago`,
  notStarted: "not started",
  dayUnit: "d",
  /** From one to the next, a thousand times as large. */
  sizeUnits: ["B", "kB", "MB", "GB", "TB"],

  copy: (what: string) => `Copy ${what}`,
  copied: "Copied.",
  notCopied: "The browser did not allow copying.",
  undo: "Undo",
  dismiss: "Dismiss",
  cancel: "Cancel",
  close: "Close",
  showAll: "Show all",
  showLess: "Show less",

  noNotebook: (name: string) => `${name} is no notebook that can be opened.`,
  verdict: { better: "better", worse: "worse", neutral: "" },
  cameNew: "new",
  wentAway: "gone",
  code: "Code",
  environment: "Environment",
  openRun: (name: string) => `Open ${name} in a tab`,
  params: "Params",
  metrics: "Metrics",
  tags: "Tags",
  source: "Source",
  note: "Note",
  step: (step: number) => `step ${english.number(step)}`,
  leftOutPart: {
    patch: "part of the changes",
    modules: (count: number) => english.count(count, "local module", "local modules"),
    attachments: (count: number) => english.count(count, "attachment", "attachments"),
  },
  back: "Back to the runs",
  restoreRevision: (name: string) => `Restore the notebook of ${name}`,
  restoreElsewhere: "Only JupyterLab can do that. In Python: trackside.restore_revision(run_id, path)",
};

const fr: typeof en = {
  title: "Exécutions de l’expérience",
  refresh: "Actualiser",
  loading: "Chargement des exécutions…",
  coming: "Chargement…",

  emptyText:
    "Aucune exécution. Celle qui démarre dans ce notebook, par Trackside ou par MLflow, apparaît ici aussitôt.",
  insertCell: "Insérer une cellule",
  copyCode: "Copier",
  copiedInstead: "Copié\u00a0: collez-le dans une cellule.",

  storeFault: "Les exécutions ne peuvent pas être lues",
  serverAway: "Le serveur ne répond pas",
  tryAgain: "Réessayer",
  noSourceFile: "La source de cette exécution ne peut pas être ouverte d’ici.",
  timeout: "Le noyau ne répond pas.",
  timeoutHint: "Il est peut-être occupé ou arrêté. Ce que vous avez demandé sera fait s’il répond plus tard.",
  disconnected: "Le noyau est injoignable.",
  disconnectedHint: "Redémarrez-le, ou rouvrez ce panneau.",
  waiting: "En attente du noyau…",
  waitingForStore: "En attente du stockage…",
  waitingBusy: "Le noyau est occupé\u00a0: ce sera fait à la fin de la cellule en cours.",

  announceNew: (name) => `L’exécution ${name} a démarré.`,
  announceStatus: (name, status) => `Exécution ${name}\u00a0: ${status}.`,
  announceMany: (changes) => `${french.count(changes, "exécution a changé", "exécutions ont changé")}.`,

  justNow: "à l’instant",
  secondsAgo: (number) => `il y a ${french.number(number)} s`,
  minutesAgo: (number) => `il y a ${french.number(number)} min`,
  hoursAgo: (number) => `il y a ${french.number(number)} h`,
  notStarted: "pas démarrée",
  dayUnit: "j",
  sizeUnits: ["o", "ko", "Mo", "Go", "To"],

  copy: (what) => `Copier\u00a0: ${what}`,
  copied: "Copié.",
  notCopied: "Le navigateur n’a pas permis la copie.",
  undo: "Annuler",
  dismiss: "Masquer",
  cancel: "Annuler",
  close: "Fermer",
  showAll: "Tout afficher",
  showLess: "Réduire",

  noNotebook: (name) => `${name} n’est pas un notebook qui puisse être ouvert.`,
  verdict: { better: "mieux", worse: "moins bien", neutral: "" },
  cameNew: "nouveau",
  wentAway: "disparu",
  code: "Code",
  environment: "Environnement",
  openRun: (name) => `Ouvrir ${name} dans un onglet`,
  params: "Paramètres",
  metrics: "Métriques",
  tags: "Étiquettes",
  source: "Source",
  note: "Note",
  step: (step) => `étape ${french.number(step)}`,
  leftOutPart: {
    patch: "une partie des modifications",
    modules: (count) => french.count(count, "module local", "modules locaux"),
    attachments: (count) => french.count(count, "pièce jointe", "pièces jointes"),
  },
  back: "Retour aux exécutions",
  restoreRevision: (name) => `Restaurer le notebook de ${name}`,
  restoreElsewhere: "Seul JupyterLab le peut. En Python\u00a0: trackside.restore_revision(run_id, path)",
};

export { en, fr };
