/** Texts of the charts. */

import type { Lane } from "../charts/options";
import { speaker } from "./plural";

const english = speaker("en");
const french = speaker("fr");

const en = {
  lane: {
    missing: "none",
    nan: "NaN",
    nonpositive: "≤ 0",
    "-inf": "−∞",
    inf: "∞",
  } satisfies Record<Lane, string>,
  chartRuns: (shown: number, total: number) =>
    shown === total
      ? english.count(total, "run", "runs")
      : `${english.number(shown)} of ${english.count(total, "run", "runs")}`,
  chartSelected: (selected: number) => `${english.number(selected)} selected`,
  chartKeys: "Arrow keys go from run to run, Space selects, Enter opens, Escape clears.",
  chartTable: "Data as a table",
  chartTableCut: (rows: number, total: number) =>
    `The first ${english.number(rows)} of ${english.count(total, "run", "runs")}`,
  chartRun: "Run",
  keepRuns: "Keep",
  keepRunsHint: "Show only the selected runs",
  excludeRuns: "Exclude",
  excludeRunsHint: "Hide the selected runs",
  restoreRuns: "Restore",
  restoreRunsHint: "Show all runs again",
  constantAxes: (names: string) => `The same in all runs: ${names}`,
  otherTexts: (texts: number) => english.count(texts, "other", "others"),
  noValue: "none",
  smallerBetter: "smaller is better",
  largerBetter: "larger is better",
  parallelTitle: (axes: string) => `Parallel coordinates: ${axes}`,
  axisLabel: (name: string) => `Axis ${name}`,
  axisHint:
    "Click to invert, drag to move, drag off to remove, right click for a logarithmic scale. Keys: Enter inverts, ← → move, ↑ ↓ brush, L changes the scale, Delete removes.",
  addAxis: "Add an axis",
  noAxes: "These runs have nothing that differs.",
  scatterTitle: (y: string, x: string) => `${y} over ${x}`,
  noPoints: (x: string, y: string) => `No run has a number for both ${x} and ${y}.`,
  pointsLeftOut: (runs: number) =>
    `${english.count(runs, "run is", "runs are")} not shown: no value here, or one without a place on this scale.`,
  nothingToDraw: "These runs have no metric to draw.",
  contourTitle: (z: string, x: string, y: string) => `${z} over ${x} and ${y}`,
  contourFew: "Too few runs for a surface: it takes three that do not lie on a line.",
  contourHint: "Interpolated between the runs, nothing outside of them.",
  curvesTitle: (metric: string, across: string) => `${metric} by ${across}`,
  across: { step: "step", time: "time", relative: "time since start" },
  noCurves: "No metric of these runs was logged more than once.",
  noCurve: (metric: string) => `No run has a history of ${metric}.`,
  zoomHint: "Drag to zoom, Shift and drag to pan",
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  zoomAll: "Show all",
  zoomAllHint: "Show the whole curves: double click or 0",
  curveBand: "Line: mean. Band: lowest to highest.",
  lastValue: "Last value",
  groupRuns: (runs: number) => english.count(runs, "run", "runs"),
  pointsUnplaced: (points: number) =>
    `${english.count(points, "point is", "points are")} NaN or infinite: the curve has a gap there.`,
  barsTitle: (metric: string) => `${metric} of each run`,
  barsOrder: (isJudged: boolean): string => (isJudged ? "runs, best first" : "runs, largest first"),
  noBars: (metric: string) => `No run has a number for ${metric}.`,
  barsSampled: (drawn: number, total: number) =>
    `Every bar stands for several runs: ${english.number(drawn)} bars, ${english.count(total, "run", "runs")}.`,
  importanceTitle: (metric: string) => `What ${metric} depends on`,
  importanceMethod:
    "Share of the metric's variance that comes from each param: what a forest of small trees, fitted to these runs, loses on runs it has not seen when the param is shuffled. ρ is Spearman's rank correlation.",
  importanceFew: (runs: number) => `Only ${english.count(runs, "run", "runs")}: too few to trust. Take this as a hint.`,
  importanceNone: "No param differs between runs that have this metric.",
  importanceWeak: "The params explain little of this metric.",
  explained: (part: string) => `Explained by the params: ${part}`,
};

const fr: typeof en = {
  lane: {
    missing: "aucune",
    nan: "NaN",
    nonpositive: "≤ 0",
    "-inf": "−∞",
    inf: "∞",
  },
  chartRuns: (shown, total) =>
    shown === total
      ? french.count(total, "exécution", "exécutions")
      : `${french.number(shown)} sur ${french.count(total, "exécution", "exécutions")}`,
  chartSelected: (selected) => `${french.count(selected, "sélectionnée", "sélectionnées")}`,
  chartKeys: "Les flèches passent d’une exécution à l’autre, Espace sélectionne, Entrée ouvre, Échap efface.",
  chartTable: "Données en tableau",
  chartTableCut: (rows, total) =>
    `Les ${french.number(rows)} premières sur ${french.count(total, "exécution", "exécutions")}`,
  chartRun: "Exécution",
  keepRuns: "Garder",
  keepRunsHint: "N’afficher que les exécutions sélectionnées",
  excludeRuns: "Exclure",
  excludeRunsHint: "Masquer les exécutions sélectionnées",
  restoreRuns: "Rétablir",
  restoreRunsHint: "Afficher de nouveau toutes les exécutions",
  constantAxes: (names) => `Identiques dans toutes les exécutions\u00a0: ${names}`,
  otherTexts: (texts) => french.count(texts, "autre", "autres"),
  noValue: "aucune",
  smallerBetter: "plus petit est meilleur",
  largerBetter: "plus grand est meilleur",
  parallelTitle: (axes) => `Coordonnées parallèles\u00a0: ${axes}`,
  axisLabel: (name) => `Axe ${name}`,
  axisHint:
    "Cliquer pour inverser, glisser pour déplacer, glisser hors du graphique pour retirer, clic droit pour une échelle logarithmique. Touches\u00a0: Entrée inverse, ← → déplacent, ↑ ↓ filtrent, L change l’échelle, Suppr retire.",
  addAxis: "Ajouter un axe",
  noAxes: "Rien ne diffère entre ces exécutions.",
  scatterTitle: (y, x) => `${y} selon ${x}`,
  noPoints: (x, y) => `Aucune exécution n’a de nombre à la fois pour ${x} et pour ${y}.`,
  pointsLeftOut: (runs) =>
    `${french.count(runs, "exécution n’est pas affichée", "exécutions ne sont pas affichées")}\u00a0: pas de valeur ici, ou sans place sur cette échelle.`,
  nothingToDraw: "Ces exécutions n’ont aucune métrique à tracer.",
  contourTitle: (z, x, y) => `${z} selon ${x} et ${y}`,
  contourFew: "Trop peu d’exécutions pour une surface\u00a0: il en faut trois qui ne soient pas alignées.",
  contourHint: "Interpolé entre les exécutions, rien en dehors.",
  curvesTitle: (metric, across) => `${metric} par ${across}`,
  across: { step: "étape", time: "heure", relative: "temps depuis le début" },
  noCurves: "Aucune métrique de ces exécutions n’a été enregistrée plus d’une fois.",
  noCurve: (metric) => `Aucune exécution n’a d’historique de ${metric}.`,
  zoomHint: "Glisser pour zoomer, Maj et glisser pour déplacer",
  zoomIn: "Zoomer",
  zoomOut: "Dézoomer",
  zoomAll: "Tout voir",
  zoomAllHint: "Voir les courbes entières\u00a0: double clic ou 0",
  curveBand: "Ligne\u00a0: moyenne. Bande\u00a0: du plus bas au plus haut.",
  lastValue: "Dernière valeur",
  groupRuns: (runs) => french.count(runs, "exécution", "exécutions"),
  pointsUnplaced: (points) =>
    `${french.count(points, "point est NaN ou infini", "points sont NaN ou infinis")}\u00a0: la courbe y est interrompue.`,
  barsTitle: (metric) => `${metric} de chaque exécution`,
  barsOrder: (isJudged) => (isJudged ? "exécutions, la meilleure d’abord" : "exécutions, la plus grande d’abord"),
  noBars: (metric) => `Aucune exécution n’a de nombre pour ${metric}.`,
  barsSampled: (drawn, total) =>
    `Chaque barre représente plusieurs exécutions\u00a0: ${french.number(drawn)} barres, ${french.count(total, "exécution", "exécutions")}.`,
  importanceTitle: (metric) => `Ce dont dépend ${metric}`,
  importanceMethod:
    "Part de la variance de la métrique due à chaque paramètre\u00a0: ce qu’une forêt de petits arbres, ajustée à ces exécutions, perd sur des exécutions qu’elle n’a pas vues quand le paramètre est mélangé. ρ est la corrélation de rang de Spearman.",
  importanceFew: (runs) =>
    `Seulement ${french.count(runs, "exécution", "exécutions")}\u00a0: trop peu pour s’y fier. À prendre comme un indice.`,
  importanceNone: "Aucun paramètre ne diffère entre les exécutions qui ont cette métrique.",
  importanceWeak: "Les paramètres expliquent peu cette métrique.",
  explained: (part) => `Expliqué par les paramètres\u00a0: ${part}`,
};

export const charts = { en, fr };
