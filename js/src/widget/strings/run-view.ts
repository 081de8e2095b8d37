/** Texts of an unfolded run and of its notebook. */

import { speaker } from "./plural";

const english = speaker("en");
const french = speaker("fr");

const en = {
  params: "Params",
  metrics: "Metrics",
  tags: "Tags",
  artifacts: "Artifacts",
  source: "Source",
  note: "Note",
  systemTags: "System tags",
  noParams: "No params were logged.",
  noMetrics: "No metrics were logged.",
  noArtifacts: "No artifacts were logged.",
  emptyFolder: "Empty folder",
  step: (step: number) => `step ${english.number(step)}`,
  curve: (key: string, points: number, low: string, high: string, last: string) =>
    `Curve of ${key}: ${english.count(points, "point", "points")}, lowest ${low}, highest ${high}, last ${last}`,

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

  readOnly: "read-only",
  back: "Back to the runs",
  emptyNotebook: "The notebook has no cells.",
};

const fr: typeof en = {
  params: "Paramètres",
  metrics: "Métriques",
  tags: "Étiquettes",
  artifacts: "Artefacts",
  source: "Source",
  note: "Note",
  systemTags: "Étiquettes système",
  noParams: "Aucun paramètre n’a été enregistré.",
  noMetrics: "Aucune métrique n’a été enregistrée.",
  noArtifacts: "Aucun artefact n’a été enregistré.",
  emptyFolder: "Dossier vide",
  step: (step) => `pas ${french.number(step)}`,
  curve: (key, points, low, high, last) =>
    `Courbe de ${key}\u00a0: ${french.count(points, "point", "points")}, minimum ${low}, maximum ${high}, dernier ${last}`,

  download: (path) => `Télécharger ${path}`,
  tooLargeToShow: "Trop volumineux pour être affiché ici. Téléchargez-le.",
  previewCut: "Le début du fichier.",

  sourceRows: {
    name: "Nom",
    type: "Type",
    entryPoint: "Point d’entrée",
    commit: "Commit Git",
    branch: "Branche Git",
    remote: "Dépôt",
    revision: "Révision",
    user: "Utilisateur",
    started: "Début",
    ended: "Fin",
    runId: "Identifiant",
    artifactUri: "Artefacts dans",
  },
  withChanges: "avec modifications",
  withChangesTitle: "Les fichiers différaient du commit au démarrage de l’exécution",

  readOnly: "lecture seule",
  back: "Retour aux exécutions",
  emptyNotebook: "Le notebook n’a aucune cellule.",
};

export const runView = { en, fr };
