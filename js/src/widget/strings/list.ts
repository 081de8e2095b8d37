/** Texts of the list of runs. */

import type { Attribute } from "../fields";
import type { RunStatus, RunsState } from "../protocol";
import { speaker } from "./plural";

const english = /* @__PURE__ */ speaker("en");
const french = /* @__PURE__ */ speaker("fr");

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

  filter: "Filter runs",
  filterPlaceholder: "Filter, e.g. metrics.acc > 0.9",
  clearFilter: "Clear the filter",
  completions: "What can come here",
  optionKind: { field: "", operator: "", value: "", word: "", history: "used before" },
  moreFilters: "State, status, time, models",
  lastTime: { "1h": "Last hour", "1d": "Last 24 hours", "7d": "Last 7 days", "30d": "Last 30 days" },
  stateChip: { active: "Active", deleted: "Deleted runs", all: "Deleted ones too" } satisfies Record<RunsState, string>,
  modelChip: { with: "With a model version", without: "Without a model version" },
  groupChip: (fields: string) => `Grouped: ${fields}`,
  chosenFilters: "What is shown besides the filter",
  dropFilter: (what: string) => `Take back: ${what}`,
  nothingFound: "No run fits the filter.",
  noDeletedRuns: "The trash is empty.",
  showAllRuns: "Show all runs",

  viewOptions: "Order, density, columns",
  ascending: "Ascending",
  descending: "Descending",
  sortByColumn: (column: string) => `Sort by ${column}`,
  sortedBy: (column: string, direction: string) => `Sorted by ${column}, ${direction}`,
  sortHint: "Click to sort, with Shift by several columns.",
  cards: "Cards",
  rows: "Rows",
  columns: "Columns",
  attributes: {
    start_time: "Started",
    end_time: "Ended",
    duration: "Duration",
    status: "Status",
    run_name: "Name",
    user_id: "User",
  } satisfies Record<Attribute, string>,

  chooseExperiments: "Choose experiments and the store",
  experimentCount: (number: number) => english.count(number, "experiment", "experiments"),
  store: "Store",
  waitingRecords: (number: number) => `${english.number(number)} waiting`,
  waitingHint: "Kept on this machine until the store can take it; nothing is lost.",
  storeAway: "The store does not answer. This is what it said last.",

  groupBy: "Group by",
  allBut: (param: string) => `All but ${param}`,
  groupShown: "Only one group.",
  backToGroups: "Back to the groups",

  diffTitle: (before: string, after: string) => `${before} → ${after}`,
  notebookNow: (name: string) => (name === "" ? "the notebook now" : `${name} now`),
  differenceOfTwo: "Differences are shown between two runs",
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
  childRuns: (children) => french.count(children, "exécution enfant", "exécutions enfants"),

  filter: "Filtrer les exécutions",
  filterPlaceholder: "Filtre, p. ex. metrics.acc > 0.9",
  clearFilter: "Effacer le filtre",
  completions: "Ce qui peut suivre",
  optionKind: { field: "", operator: "", value: "", word: "", history: "déjà utilisé" },
  moreFilters: "État, statut, date, modèles",
  lastTime: {
    "1h": "Dernière heure",
    "1d": "24 dernières heures",
    "7d": "7 derniers jours",
    "30d": "30 derniers jours",
  },
  stateChip: { active: "Actives", deleted: "Exécutions supprimées", all: "Supprimées comprises" },
  modelChip: { with: "Avec une version de modèle", without: "Sans version de modèle" },
  groupChip: (fields) => `Groupées\u00a0: ${fields}`,
  chosenFilters: "Ce qui est choisi en plus du filtre",
  dropFilter: (what) => `Retirer\u00a0: ${what}`,
  nothingFound: "Aucune exécution ne correspond au filtre.",
  noDeletedRuns: "La corbeille est vide.",
  showAllRuns: "Afficher toutes les exécutions",

  viewOptions: "Ordre, densité, colonnes",
  ascending: "Croissant",
  descending: "Décroissant",
  sortByColumn: (column) => `Trier par ${column}`,
  sortedBy: (column, direction) => `Trié par ${column}, ${direction}`,
  sortHint: "Cliquer pour trier, avec Maj par plusieurs colonnes.",
  cards: "Cartes",
  rows: "Lignes",
  columns: "Colonnes",
  attributes: {
    start_time: "Début",
    end_time: "Fin",
    duration: "Durée",
    status: "Statut",
    run_name: "Nom",
    user_id: "Utilisateur",
  },

  chooseExperiments: "Choisir les expériences et le stockage",
  experimentCount: (number) => french.count(number, "expérience", "expériences"),
  store: "Stockage",
  waitingRecords: (number) => `${french.number(number)} en attente`,
  waitingHint: "Conservé sur cette machine jusqu’à ce que le stockage puisse le prendre\u00a0; rien n’est perdu.",
  storeAway: "Le stockage ne répond pas. Voici ce qu’il a dit en dernier.",

  groupBy: "Grouper par",
  allBut: (param) => `Tout sauf ${param}`,
  groupShown: "Un seul groupe.",
  backToGroups: "Retour aux groupes",

  diffTitle: (before, after) => `${before} → ${after}`,
  notebookNow: (name) => (name === "" ? "le notebook actuel" : `${name} actuel`),
  differenceOfTwo: "Les différences se montrent entre deux exécutions",
};

export { en, fr };
