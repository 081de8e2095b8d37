/** Texts of the drawers above the list, and of runs in groups. */

import type { RunsState } from "../protocol";
import { speaker } from "./plural";

const english = /* @__PURE__ */ speaker("en");
const french = /* @__PURE__ */ speaker("fr");

const en = {
  runState: "State",
  runStates: { active: "Active", deleted: "Deleted", all: "All" } satisfies Record<RunsState, string>,
  runStatus: "Status",
  anyStatus: "Any",
  createdWithin: "Created",
  anyTime: "Any time",
  modelVersion: "Model version",
  anyModel: "Any",
  withModel: "With",
  withoutModel: "Without",
  sameFilter: "trackside.search_runs takes the same text",
  copyFilter: "Copy the filter for search_runs",
  sortBy: "Sort by",
  newestFirst: "Newest first",
  density: "Density",
  columnsOfItself: "Columns, chosen by what differs",
  columnsReset: "Choose for me",
  addColumn: "Add a column…",
  moveColumnUp: (column: string) => `Move ${column} up`,
  moveColumnDown: (column: string) => `Move ${column} down`,
  removeColumn: (column: string) => `Remove ${column}`,
  foldAll: "Fold all",
  unfoldAll: "Unfold all",
  aboutRuns: "Run",
  otherExperiments: "Other experiments in this store:",
  ownExperiment: "This notebook’s:",
  findExperiment: "Find an experiment",
  noExperimentFound: "No experiment has this name.",
  moreExperiments: (more: number) => `${english.number(more)} more: type a part of the name.`,
  listExperiment: (name: string) => `List ${name}`,
  storeUri: "Tracking URI",
  useStore: "Use this store",
  defaultStore: "Default store",
  storeHint: "The notebook’s next runs go there, too.",
  noGroups: "No groups",
  addGroupField: "Add a field…",
  allParamsBut: "All params but",
  groups: "Groups of runs",
  groupsOf: (groups: number, runs: number, total: number) => {
    const grouped = english.count(runs, "run", "runs");
    const told = runs < total ? `the first ${grouped} (there are ${english.number(total)})` : grouped;
    return `${english.count(groups, "group", "groups")} of ${told}, mean ± standard deviation`;
  },
  noValue: "none",
  allTheSame: "All the same",
  showGroup: "List these runs",
  selectGroup: "Select",
};

const fr: typeof en = {
  runState: "État",
  runStates: { active: "Actives", deleted: "Supprimées", all: "Toutes" },
  runStatus: "Statut",
  anyStatus: "Tous",
  createdWithin: "Création",
  anyTime: "Toute date",
  modelVersion: "Version de modèle",
  anyModel: "Avec ou sans",
  withModel: "Avec",
  withoutModel: "Sans",
  sameFilter: "trackside.search_runs accepte le même texte",
  copyFilter: "Copier le filtre pour search_runs",
  sortBy: "Trier par",
  newestFirst: "Plus récentes",
  density: "Densité",
  columnsOfItself: "Colonnes, choisies selon les différences",
  columnsReset: "Choisir pour moi",
  addColumn: "Ajouter une colonne…",
  moveColumnUp: (column) => `Monter ${column}`,
  moveColumnDown: (column) => `Descendre ${column}`,
  removeColumn: (column) => `Retirer ${column}`,
  foldAll: "Tout replier",
  unfoldAll: "Tout déplier",
  aboutRuns: "Exécution",
  otherExperiments: "Autres expériences de ce stockage\u00a0:",
  ownExperiment: "Celle de ce notebook\u00a0:",
  findExperiment: "Chercher une expérience",
  noExperimentFound: "Aucune expérience ne porte ce nom.",
  moreExperiments: (more) => `${french.number(more)} de plus\u00a0: saisir une partie du nom.`,
  listExperiment: (name) => `Lister ${name}`,
  storeUri: "URI de suivi",
  useStore: "Utiliser ce stockage",
  defaultStore: "Stockage par défaut",
  storeHint: "Les prochaines exécutions du notebook y iront aussi.",
  noGroups: "Sans groupes",
  addGroupField: "Ajouter un champ…",
  allParamsBut: "Tous les paramètres sauf",
  groups: "Groupes d’exécutions",
  groupsOf: (groups, runs, total) => {
    const grouped = french.count(runs, "exécution", "exécutions");
    const told = runs < total ? `des premières ${grouped} (sur ${french.number(total)})` : `de ${grouped}`;
    return `${french.count(groups, "groupe", "groupes")} ${told}, moyenne ± écart type`;
  },
  noValue: "aucun",
  allTheSame: "Toutes identiques",
  showGroup: "Lister ces exécutions",
  selectGroup: "Sélectionner",
};

export { en, fr };
