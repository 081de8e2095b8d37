/** Texts of what is asked before something is done with runs, of what came of it, and of the keys. */

import { speaker } from "./plural";

const english = /* @__PURE__ */ speaker("en");
const french = /* @__PURE__ */ speaker("fr");
const runs = (count: number) => english.count(count, "run", "runs");
const executions = (count: number) => french.count(count, "exécution", "exécutions");
/** The feminine participle that goes with a number of `exécutions`. */
const agreed = (count: number, participle: string) => french.form(count, participle, `${participle}s`);

const en = {
  /** A question out of what is to be done. */
  ask: (what: string) => `${what}?`,

  renameMany: (count: number) => `Rename ${runs(count)}`,
  renameManyText: "{n} stands for 1, 2, 3 and so on, in the order of the list.",
  nameLabel: "Name",
  tagRuns: (count: number) => `Set a tag on ${runs(count)}`,
  tagNameMissing: "A tag needs a name.",
  nameMissing: "A run needs a name.",
  noteOf: (count: number) => `Note on ${runs(count)}`,
  noteText: "It replaces the notes that are there.",
  noteLabel: "Markdown",
  save: "Save",
  setTag: "Set tag",

  deleteRuns: (count: number) => `Delete ${runs(count)}`,
  deleteText: (days: number) => `Deleted runs stay in the trash for ${days} days and can be restored.`,
  withDescendants: (count: number | "unknown") =>
    count === "unknown"
      ? "Delete their descendants as well, if there are any"
      : `Delete ${english.count(count, "descendant", "descendants")} as well`,
  restoreRuns: (count: number) => `Restore ${runs(count)}`,
  restoreDescendants: (count: number | "unknown") =>
    count === "unknown"
      ? "Restore their descendants as well, if there are any"
      : `Restore ${english.count(count, "descendant", "descendants")} as well`,
  purgeRuns: (count: number) => `Delete ${runs(count)} for good`,
  purgeText: (size: string) => `${size} of artifacts are removed as well. This cannot be undone.`,
  purgeLeft: (count: number) => `The artifacts of ${runs(count)} stay: they lie outside the store’s own folder.`,
  purgeRefused: (count: number) => `${runs(count)} cannot be removed.`,
  interruptTitle: "Interrupt the kernel",
  interruptText: (name: string) => `The running cell is stopped; the run ${name} ends as killed or failed.`,
  closeRuns: (count: number) => `End ${runs(count)} as failed`,
  closeGone: "What made it is gone, so nobody else will end it.",
  closeUnknown: "Trackside cannot tell whether what made it still goes on. Ending the run here does not stop that.",
  endAsFailed: "End as failed",

  runsDeleted: (count: number) => `${runs(count)} deleted.`,
  runsRestored: (count: number) => `${runs(count)} restored.`,
  runsPurged: (count: number, size: string) => `${runs(count)} deleted for good, ${size} of artifacts freed.`,
  runsClosed: (count: number) => `${runs(count)} ended as failed.`,
  runsTagged: (key: string, count: number) => `Tag “${key}” set on ${runs(count)}.`,
  runsStarred: (count: number) => `${runs(count)} starred.`,
  runsUnstarred: (count: number) => `Star removed from ${runs(count)}.`,
  runsNoted: (count: number) => `Note of ${runs(count)} saved.`,
  runsRenamed: (count: number) => `${runs(count)} renamed.`,
  csvBegun: (count: number) => `Writing ${runs(count)} to a file…`,
  csvSaved: (count: number, name: string) => `${runs(count)} saved as ${name} beside the notebook.`,
  interrupted: "The kernel was interrupted.",
  notDone: (count: number) => `Not done for ${runs(count)}.`,
  andMore: (count: number) => `and ${english.number(count)} more`,
  progress: (what: string, done: number, all: number) => `${what}: ${english.number(done)} of ${english.number(all)}…`,
  keyNames: {
    ArrowUp: "↑",
    ArrowDown: "↓",
    ArrowLeft: "←",
    ArrowRight: "→",
    Space: "Space",
    Enter: "Enter",
    Escape: "Esc",
    Delete: "Del",
    Home: "Home",
    End: "End",
    PageUp: "Page up",
    PageDown: "Page down",
    Shift: "Shift",
    Ctrl: "Ctrl",
  },
  readOnly: "read-only",
  emptyNotebook: "The notebook has no cells.",
};

const fr: typeof en = {
  ask: (what) => `${what}\u00a0?`,

  renameMany: (count) => `Renommer ${executions(count)}`,
  renameManyText: "{n} représente 1, 2, 3, etc., dans l’ordre de la liste.",
  nameLabel: "Nom",
  tagRuns: (count) => `Définir une étiquette sur ${executions(count)}`,
  tagNameMissing: "Une étiquette a besoin d’un nom.",
  nameMissing: "Une exécution a besoin d’un nom.",
  noteOf: (count) => `Note sur ${executions(count)}`,
  noteText: "Elle remplace les notes existantes.",
  noteLabel: "Markdown",
  save: "Enregistrer",
  setTag: "Définir",

  deleteRuns: (count) => `Supprimer ${executions(count)}`,
  deleteText: (days) => `Les exécutions supprimées restent ${days} jours dans la corbeille et peuvent être restaurées.`,
  withDescendants: (count) =>
    count === "unknown"
      ? "Supprimer aussi les descendantes, s’il y en a"
      : `Supprimer aussi ${french.count(count, "descendante", "descendantes")}`,
  restoreRuns: (count) => `Restaurer ${executions(count)}`,
  restoreDescendants: (count) =>
    count === "unknown"
      ? "Restaurer aussi les descendantes, s’il y en a"
      : `Restaurer aussi ${french.count(count, "descendante", "descendantes")}`,
  purgeRuns: (count) => `Supprimer définitivement ${executions(count)}`,
  purgeText: (size) => `${size} d’artefacts sont aussi supprimés. C’est irréversible.`,
  purgeLeft: (count) => `Les artefacts de ${executions(count)} restent\u00a0: ils sont hors du dossier du stockage.`,
  purgeRefused: (count) =>
    `${executions(count)} ne ${french.form(count, "peut", "peuvent")} pas être ${agreed(count, "supprimée")}.`,
  interruptTitle: "Interrompre le noyau",
  interruptText: (name) => `La cellule en cours est arrêtée\u00a0; l’exécution ${name} se termine arrêtée ou échouée.`,
  closeRuns: (count) => `Clore ${executions(count)} comme ${agreed(count, "échouée")}`,
  closeGone: "Ce qui l’a créée n’existe plus\u00a0: personne d’autre n’y mettra fin.",
  closeUnknown: "Trackside ne peut pas savoir si ce qui l’a créée se poursuit. Clore l’exécution ici ne l’arrête pas.",
  endAsFailed: "Clore comme échouée",

  runsDeleted: (count) => `${executions(count)} ${agreed(count, "supprimée")}.`,
  runsRestored: (count) => `${executions(count)} ${agreed(count, "restaurée")}.`,
  runsPurged: (count, size) =>
    `${executions(count)} ${agreed(count, "supprimée")} définitivement, ${size} d’artefacts libérés.`,
  runsClosed: (count) => `${executions(count)} ${agreed(count, "close")} comme ${agreed(count, "échouée")}.`,
  runsTagged: (key, count) => `Étiquette «\u00a0${key}\u00a0» définie sur ${executions(count)}.`,
  runsStarred: (count) => `${executions(count)} ${agreed(count, "marquée")} d’une étoile.`,
  runsUnstarred: (count) => `Étoile retirée de ${executions(count)}.`,
  runsNoted: (count) => `Note de ${executions(count)} enregistrée.`,
  runsRenamed: (count) => `${executions(count)} ${agreed(count, "renommée")}.`,
  csvBegun: (count) => `Écriture de ${executions(count)} dans un fichier…`,
  csvSaved: (count, name) => `${executions(count)} ${agreed(count, "enregistrée")} dans ${name} à côté du notebook.`,
  interrupted: "Le noyau a été interrompu.",
  notDone: (count) => `Non effectué pour ${executions(count)}.`,
  andMore: (count) => `et ${french.number(count)} de plus`,
  progress: (what, done, all) => `${what}\u00a0: ${french.number(done)} sur ${french.number(all)}…`,
  keyNames: {
    ArrowUp: "↑",
    ArrowDown: "↓",
    ArrowLeft: "←",
    ArrowRight: "→",
    Space: "Espace",
    Enter: "Entrée",
    Escape: "Échap",
    Delete: "Suppr",
    Home: "Début",
    End: "Fin",
    PageUp: "Page préc.",
    PageDown: "Page suiv.",
    Shift: "Maj",
    Ctrl: "Ctrl",
  },
  readOnly: "lecture seule",
  emptyNotebook: "Le notebook n’a aucune cellule.",
};

export { en, fr };
