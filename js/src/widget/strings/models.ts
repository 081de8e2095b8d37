/** Texts of a run's models. */

import { speaker } from "./plural";

const english = /* @__PURE__ */ speaker("en");
const french = /* @__PURE__ */ speaker("fr");

const en = {
  models: "Models",
  modelInputs: (inputs: number) => english.count(inputs, "input column", "input columns"),
  predictOn: "Predict on",
  copySnippet: (name: string) => `Copy the code that predicts with ${name}`,
  insertSnippet: (name: string) => `Insert a cell that predicts with ${name}`,
  notLoadable: "This model has no Python function flavor, so there is no code that predicts with it on a table.",
};

const fr: typeof en = {
  models: "Modèles",
  modelInputs: (inputs) => french.count(inputs, "colonne d’entrée", "colonnes d’entrée"),
  predictOn: "Prédire sur",
  copySnippet: (name) => `Copier le code qui prédit avec ${name}`,
  insertSnippet: (name) => `Insérer une cellule qui prédit avec ${name}`,
  notLoadable:
    "Ce modèle n’a pas de saveur «\u00a0Python function\u00a0»\u00a0: aucun code ne peut prédire avec lui sur un tableau.",
};

export { en, fr };
