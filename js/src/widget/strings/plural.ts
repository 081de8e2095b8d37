/** Numbers inside of texts: written as the language writes them, with the noun's form that goes with them. */

import { type Language, language, locale } from "../language";

/** Writes numbers of a language; those of the page's language in the variant that the browser prefers. */
export function speaker(spoken: Language) {
  const tag = spoken === language ? locale : spoken;
  const numbers = new Intl.NumberFormat(tag);
  const rules = new Intl.PluralRules(tag);
  return {
    number: (value: number) => numbers.format(value),
    /** A number with its noun: `one` where the language uses the singular, also for 0 in French. */
    count: (value: number, one: string, many: string) =>
      `${numbers.format(value)} ${rules.select(value) === "one" ? one : many}`,
    /** The form that goes with a number, where the number itself is not written beside it. */
    form: (value: number, one: string, many: string) => (rules.select(value) === "one" ? one : many),
  };
}
