/**
 * Every text that the labextension shows. One is added to `en` and to `fr` at once; the rules are those of
 * `../widget/strings.ts`. JupyterLab knows its language only when its plugins start, so until `speakAs` is called the
 * texts are English; nothing is kept from before.
 */

import { chooseLanguage } from "../widget/language";

const en = {
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

  noSourceFile: (name: string) => `The file ${name} is not among the server's files.`,
  waitingForNotebook: (path: string) => `Waiting for ${path}…`,
  notebookNotOpen: (path: string) => `${path} is not open. What was here is read through its kernel.`,
  openNotebook: "Open the notebook",
  comparisonLost: "The kernel that made this comparison is gone.",
  comparisonLostHint: "Compare the runs again from the panel.",
  cloneNotOpened: (path: string) => `JupyterLab did not open ${path}.`,
  chooseFolder: "Choose a folder",
  chooseFolderLabel: "The clone gets a folder of its own in it.",
  comparison: "Comparison of runs",
  newerComparison:
    "This comparison was saved by a newer version of Trackside. Update Trackside to look into it; this is its picture.",
  brokenComparison: "This comparison cannot be read: what the notebook keeps of it is damaged. Run the cell again.",
  revisionKind: "Notebook as it was executed, read-only",
  revisionLabel: (run: string, notebook: string) => `${run} – ${notebook}`,
  restore: "Restore",
  restoreInto: (notebook: string) => `Put these cells into ${notebook}`,
  restoreTitle: (run: string) => `Restore the notebook of ${run}?`,
  restoreUnsaved: (notebook: string) =>
    `${notebook} has changes that are not saved. Its cells are replaced; one undo brings them back.`,
  restored: (run: string) => `The cells are those of ${run} again.`,
  restoreGone: "The notebook that it was opened from is closed.",
  restoreFailed: "The revision could not be restored",
  notebookReadOnly: "This notebook cannot be changed.",
  undo: "Undo",
  revisionReadOnly: "A notebook revision cannot be changed.",
};

const fr: typeof en = {
  title: "Exécutions de l’expérience",
  command: "Afficher les exécutions de l’expérience",
  commandCaption: "Afficher les exécutions du notebook courant",

  noNotebook: "Ouvrez un notebook pour voir ses exécutions ici.",
  starting: "En attente du noyau…",
  noKernel: "Ce notebook n’a pas de noyau. Ses exécutions sont lues par un noyau.",
  selectKernel: "Choisir un noyau",
  dead: "Le noyau s’est arrêté. Ses exécutions sont conservées et réapparaissent après un redémarrage.",
  restart: "Redémarrer le noyau",
  foreign: (language) => `Trackside suit les notebooks qui exécutent Python. Celui-ci exécute ${language}.`,
  loading: "Chargement des exécutions…",
  busy: "Le noyau est occupé. Les exécutions s’affichent à la fin de la cellule en cours.",
  missing: (kernel) => `Trackside n’est pas installé pour le noyau «\u00a0${kernel}\u00a0».`,
  missingHint: "Installez-le dans l’environnement du noyau, et les exécutions s’affichent ici.",
  interpreter: (path) => `Son Python\u00a0: ${path}`,
  insertInstall: "Insérer une cellule",
  failed: "Les exécutions ne peuvent pas être affichées",
  tryAgain: "Réessayer",
  noWidgets: "JupyterLab ne peut pas afficher de widgets.",
  noWidgetsHint: "Installez jupyterlab_widgets là où JupyterLab s’exécute, puis rechargez cette page.",
  noAnswer: "Le noyau n’a pas ouvert le panneau.",
  noModel: "Le panneau est introuvable dans le noyau.",
  noModelHint: "Réessayez, ou redémarrez le noyau.",

  noSourceFile: (name) => `Le fichier ${name} n’est pas parmi ceux du serveur.`,
  waitingForNotebook: (path) => `En attente de ${path}…`,
  notebookNotOpen: (path) => `${path} n’est pas ouvert. Ce qui était ici est lu par son noyau.`,
  openNotebook: "Ouvrir le notebook",
  comparisonLost: "Le noyau qui a fait cette comparaison n’est plus là.",
  comparisonLostHint: "Comparez de nouveau les exécutions depuis le panneau.",
  cloneNotOpened: (path) => `JupyterLab n’a pas ouvert ${path}.`,
  chooseFolder: "Choisir un dossier",
  chooseFolderLabel: "Le clone y reçoit son propre dossier.",
  comparison: "Comparaison d’exécutions",
  newerComparison:
    "Cette comparaison a été enregistrée par une version plus récente de Trackside. Mettez Trackside à jour pour l’explorer\u00a0; voici son image.",
  brokenComparison:
    "Cette comparaison est illisible\u00a0: ce que le notebook en conserve est endommagé. Exécutez la cellule de nouveau.",
  revisionKind: "Notebook tel qu’il a été exécuté, en lecture seule",
  revisionLabel: (run, notebook) => `${run} – ${notebook}`,
  restore: "Restaurer",
  restoreInto: (notebook) => `Mettre ces cellules dans ${notebook}`,
  restoreTitle: (run) => `Restaurer le notebook de ${run}\u00a0?`,
  restoreUnsaved: (notebook) =>
    `${notebook} a des modifications non enregistrées. Ses cellules sont remplacées\u00a0; une seule annulation les rétablit.`,
  restored: (run) => `Les cellules sont de nouveau celles de ${run}.`,
  restoreGone: "Le notebook depuis lequel elle a été ouverte est fermé.",
  restoreFailed: "La révision n’a pas pu être restaurée",
  notebookReadOnly: "Ce notebook ne peut pas être modifié.",
  undo: "Annuler",
  revisionReadOnly: "La révision d’un notebook ne peut pas être modifiée.",
};

export const labStrings = { en, fr };

export let strings: typeof en = en;

/** The language that is spoken. */
export const language = (): "en" | "fr" => (strings === fr ? "fr" : "en");

/** Speaks the language of a tag such as `fr-FR`, or English. */
export function speakAs(tag: string): void {
  strings = labStrings[chooseLanguage([tag])];
}

export const INSTALL = "%pip install trackside";
