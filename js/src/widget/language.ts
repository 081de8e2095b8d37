/** The language of the page, as JupyterLab and others write it on the document; where they do not, the browser's. */

export type Language = "en" | "fr";

/** The first language that Trackside speaks of those asked for; English where it speaks none of them. */
export function chooseLanguage(asked: readonly string[]): Language {
  const first = asked.find((tag) => tag !== "") ?? "";
  return /^fr\b/i.test(first.replace("_", "-")) ? "fr" : "en";
}

/** The browser's own variant of a language, such as en-GB for English, so that dates look as people are used to. */
export function chooseLocale(language: Language, preferred: readonly string[]): string {
  return preferred.find((tag) => new RegExp(`^${language}\\b`, "i").test(tag)) ?? language;
}

export const language = chooseLanguage([document.documentElement.lang, navigator.language ?? ""]);
export const locale = chooseLocale(language, navigator.languages ?? []);
