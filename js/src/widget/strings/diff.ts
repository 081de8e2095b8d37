/** Texts of differences between runs, and of revisions that are restored. */

import { speaker } from "./plural";

const english = /* @__PURE__ */ speaker("en");
const french = /* @__PURE__ */ speaker("fr");

const en = {
  difference: "Differences",
  swapSides: "Swap the two sides",
  nextChange: "Next change (n)",
  previousChange: "Previous change (p)",
  noDifference: "There is no difference.",
  cells: "Cells",
  noCells: "The cells cannot be compared.",
  cellsUnchanged: (cells: number) => english.count(cells, "unchanged cell", "unchanged cells"),
  linesUnchanged: (lines: number) => english.count(lines, "unchanged line", "unchanged lines"),
  cellAt: (position: number) => `Cell ${english.number(position)}`,
  cellKind: { same: "unchanged", changed: "changed", added: "added", removed: "removed" },
  cellMoved: (position: number) => `moved from ${english.number(position)}`,
  cellPart: { source: "", type: "other type", metadata: "metadata", attachments: "attachments" },
  cellCounts: {
    changed: (cells: number) => `${english.number(cells)} changed`,
    added: (cells: number) => `${english.number(cells)} added`,
    removed: (cells: number) => `${english.number(cells)} removed`,
    moved: (cells: number) => `${english.number(cells)} moved`,
  },
  tooLong: "This cell is too long to be shown here.",
  machine: {
    python: "Python",
    executable: "Interpreter",
    kernelspec: "Kernel",
    system: "System",
    machine: "Machine",
    cpu: "CPU",
    gpus: "GPU",
  } as Record<string, string>,
};

const fr: typeof en = {
  difference: "Différences",
  swapSides: "Inverser les deux côtés",
  nextChange: "Différence suivante (n)",
  previousChange: "Différence précédente (p)",
  noDifference: "Il n’y a aucune différence.",
  cells: "Cellules",
  noCells: "Les cellules ne peuvent pas être comparées.",
  cellsUnchanged: (cells) => french.count(cells, "cellule inchangée", "cellules inchangées"),
  linesUnchanged: (lines) => french.count(lines, "ligne inchangée", "lignes inchangées"),
  cellAt: (position) => `Cellule ${french.number(position)}`,
  cellKind: { same: "inchangée", changed: "modifiée", added: "ajoutée", removed: "supprimée" },
  cellMoved: (position) => `déplacée depuis ${french.number(position)}`,
  cellPart: { source: "", type: "autre type", metadata: "métadonnées", attachments: "pièces jointes" },
  cellCounts: {
    changed: (cells) => `${french.count(cells, "modifiée", "modifiées")}`,
    added: (cells) => `${french.count(cells, "ajoutée", "ajoutées")}`,
    removed: (cells) => `${french.count(cells, "supprimée", "supprimées")}`,
    moved: (cells) => `${french.count(cells, "déplacée", "déplacées")}`,
  },
  tooLong: "Cette cellule est trop longue pour être affichée ici.",
  machine: {
    python: "Python",
    executable: "Interpréteur",
    kernelspec: "Noyau",
    system: "Système",
    machine: "Architecture",
    cpu: "Processeur",
    gpus: "GPU",
  },
};

export { en, fr };
