/** Texts of what people do with runs. */

const en = {
  rename: "Rename (F2)",
  renameRun: (name: string) => `Rename ${name}`,
  newName: "New name of the run",

  noTags: "No tags yet.",
  tagName: "Name",
  tagValue: "Value",
  newTagName: "Name of the new tag",
  newTagValue: "Value of the new tag",
  addTag: "Add",
  editTag: (key: string) => `Edit tag ${key}`,
  deleteTag: (key: string) => `Delete tag ${key}`,
  valueOfTag: (key: string) => `Value of tag ${key}`,
  tagDeleted: (key: string) => `Tag “${key}” deleted.`,
};

const fr: typeof en = {
  rename: "Renommer (F2)",
  renameRun: (name) => `Renommer ${name}`,
  newName: "Nouveau nom de l’exécution",

  noTags: "Aucune étiquette.",
  tagName: "Nom",
  tagValue: "Valeur",
  newTagName: "Nom de la nouvelle étiquette",
  newTagValue: "Valeur de la nouvelle étiquette",
  addTag: "Ajouter",
  editTag: (key) => `Modifier l’étiquette ${key}`,
  deleteTag: (key) => `Supprimer l’étiquette ${key}`,
  valueOfTag: (key) => `Valeur de l’étiquette ${key}`,
  tagDeleted: (key) => `Étiquette «\u00a0${key}\u00a0» supprimée.`,
};

export const actions = { en, fr };
