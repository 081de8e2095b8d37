import { readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { labStrings } from "../src/lab/strings";
import { formatSentence } from "../src/widget/format";
import { chooseLanguage, chooseLocale } from "../src/widget/language";
import { learn, translated } from "../src/widget/sentences";
import * as actions from "../src/widget/strings/actions";
import { charts } from "../src/widget/strings/charts";
import * as compare from "../src/widget/strings/compare";
import * as dialogs from "../src/widget/strings/dialogs";
import * as diff from "../src/widget/strings/diff";
import * as drawers from "../src/widget/strings/drawers";
import { texts as french } from "../src/widget/strings/french";
import * as list from "../src/widget/strings/list";
import * as models from "../src/widget/strings/models";
import * as panel from "../src/widget/strings/panel";
import * as reproduce from "../src/widget/strings/reproduce";
import * as runView from "../src/widget/strings/run-view";
import { sentences } from "../src/widget/strings/sentences";

/** The same in French by right. */
const ALIKE = new Set([
  "Importance",
  "log",
  "Commit",
  "Code",
  "Ctrl",
  "GPU",
  "Note",
  "Python",
  "Source",
  "Type",
  "Markdown",
  "NaN",
  "pip install …",
]);
const ARGUMENTS = [101, 102, 103, 104, 105, 106];

type Text = string | ((...values: unknown[]) => string) | readonly string[];

/** Every text of a table with the path to it. */
function textsOf(table: object, path = ""): Map<string, Text> {
  const entries = Object.entries(table).flatMap(([key, value]: [string, unknown]) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? [...textsOf(value, `${path}${key}.`)]
      : [[`${path}${key}`, value as Text] as const],
  );
  return new Map(entries);
}

/** A text with numbers in the places of what it is about. */
function said(text: Text): string {
  if (typeof text !== "function") return [text].flat().join(" ");
  try {
    return text(...ARGUMENTS);
  } catch {
    return text(ARGUMENTS.map(String));
  }
}

const placesOf = (text: Text) => (said(text).match(/10[1-6]/g) ?? []).sort();

const PARTS = [panel, list, actions, compare, dialogs, diff, drawers, models, reproduce, runView];
const joined = (language: "en" | "fr") => Object.assign({}, ...PARTS.map((table) => table[language])) as object;

const tables = [
  { name: "the widget", en: joined("en"), fr: joined("fr") },
  { name: "the charts", ...charts },
  { name: "the dialog that reproduces runs", en: reproduce.en.reproduce, fr: reproduce.fr.reproduce },
  { name: "the labextension", ...labStrings },
  { name: "Python", en: numbered(Object.keys(sentences)), fr: numbered(Object.values(sentences)) },
];

/** Sentences of Python's, whose values the other language may leave out. */
function numbered(told: readonly string[]): Record<string, string> {
  return Object.fromEntries(told.map((sentence, at) => [`sentence ${at}`, sentence.replace(/\{[~\d]*\}/g, "…")]));
}

describe.each(tables)("the texts of $name", ({ en, fr }) => {
  const [english, french] = [textsOf(en), textsOf(fr)];

  it("are there in both languages, about the same things", () => {
    expect([...french.keys()]).toEqual([...english.keys()]);
    for (const [key, text] of english) expect([key, placesOf(french.get(key) ?? "")]).toEqual([key, placesOf(text)]);
  });

  it("are not left in English", () => {
    const left = [...english].filter(([key, text]) => {
      const own = said(text);
      return /[a-z]{3}/i.test(own) && !ALIKE.has(own) && said(french.get(key) ?? "") === own;
    });
    expect(left.map(([key]) => key)).toEqual([]);
  });

  it("are set as French is, with a no-break space before the double signs", () => {
    const wrong = [...french].filter(([, text]) => /[^\u00a0/\d](?:[:;?!](?:\s|$)|»)|«[^\u00a0]/.test(said(text)));
    expect(wrong.map(([key]) => key)).toEqual([]);
  });
});

it("no text has the name of another, and French has all of them", () => {
  const names = PARTS.flatMap(({ en }) => Object.keys(en));
  expect(names).toEqual([...new Set(names)]);
  expect(Object.keys(french).sort()).toEqual(names.sort());
});

describe("the tables", () => {
  const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((path) => /\.tsx?$/.test(path) && !/strings(\.ts$|\/)/.test(path))
    .map((path) => readFileSync(`src/${path}`, "utf8"))
    .join("\n");
  /** A text is read off its table, or taken out of it, or named by its key. */
  const isShown = (key: string) =>
    new RegExp(
      `\\b(strings|strings\\.reproduce|texts|words)\\.${key}\\b|"${key}"|\\{[^{}]*\\b${key}\\b[^{}]*\\} = (strings|texts)`,
    ).test(sources);

  it.each(tables.slice(0, 4))("of $name have no text that nothing shows", ({ en }) => {
    expect(Object.keys(en).filter((key) => !isShown(key))).toEqual([]);
  });
});

describe("the language", () => {
  it.each([
    [["fr-FR", "en"], "fr"],
    [["fr_CA"], "fr"],
    [["", "fr"], "fr"],
    [["en", "fr"], "en"],
    [["frr"], "en"],
    [["de-DE"], "en"],
    [[], "en"],
  ])("of a page that asks for %j is %s", (asked, chosen) => {
    expect(chooseLanguage(asked)).toBe(chosen);
  });

  it("is written as the browser's own variant of it", () => {
    expect(chooseLocale("en", ["de", "en-GB", "en-US"])).toBe("en-GB");
    expect(chooseLocale("fr", ["en-GB"])).toBe("fr");
  });
});

describe("what Python says, on a French page", () => {
  afterEach(() => learn({}));

  const cases = [
    ["the run 'a b' has ended already: it is FAILED", "l’exécution 'a b' est déjà terminée\u00a0: FAILED"],
    [
      "expected an operator after metrics.a, found the end of the filter",
      "attendu\u00a0: un opérateur après metrics.a\u00a0; trouvé\u00a0: la fin du texte",
    ],
    [
      "numpy is 2 now, the run had 1; scipy is not there any more; and 3 more",
      "numpy est maintenant en 2, l’exécution avait 1\u00a0; scipy n’est plus là\u00a0; et 3 de plus",
    ],
    ["'run x' cannot be read as a table: a; b", "'run x' ne se lit pas comme un tableau\u00a0: a; b"],
    [
      "there is no run with the id 'there is nothing in x yet'",
      "il n’y a pas d’exécution d’identifiant 'there is nothing in x yet'",
    ],
    ["said by a newer kernel", "said by a newer kernel"],
  ] as const;

  it.each(cases)("has the French of %s", (said, told) => {
    learn(sentences);
    expect(translated(said)).toBe(told);
  });

  it("begins with a capital and ends with a point", () => {
    learn(sentences);
    expect(formatSentence("a run needs a name; the new one is empty")).toBe(
      "Une exécution a besoin d’un nom\u00a0; le nouveau est vide.",
    );
    expect(formatSentence("run 1f is deleted")).toBe("L’exécution 1f est dans la corbeille.");
  });

  it("stays English on other pages", () => {
    expect(formatSentence("run 1f is deleted")).toBe("Run 1f is deleted.");
  });
});

describe("a French page", () => {
  afterEach(() => {
    document.documentElement.lang = "";
    vi.resetModules();
  });

  it("has its own plural, decimal comma, units and dates", async () => {
    document.documentElement.lang = "fr-FR";
    vi.resetModules();
    const { speak, strings } = await import("../src/widget/strings");
    speak((await import("../src/widget/strings/french")).texts);
    const { formatDuration, formatNumber, formatParam, formatSize, formatTime } = await import("../src/widget/format");
    expect([0, 1, 2].map((count) => strings.runCount(count))).toEqual(["0 exécution", "1 exécution", "2 exécutions"]);
    expect(strings.runCount(12345).replace(/\s/gu, " ")).toBe("12 345 exécutions");
    expect([0.123456, 1234567.8].map(formatNumber)).toEqual(["0,1235", "1,235e6"]);
    expect([formatSize(1500), formatDuration(2 * 86_400_000), formatDuration(1500)]).toEqual([
      "1,5 ko",
      "2 j",
      "1,5 s",
    ]);
    expect(formatParam("0.30000000000000004")).toBe("0.3");
    expect(formatTime(new Date(2026, 1, 3, 14, 5).getTime())).toMatch(/^3 févr\. 2026/);
  });
});
