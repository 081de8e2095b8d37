/**
 * Every text that the widget shows, in the language of the page.
 *
 * A text is added in the file of its part below `strings/`, to `en` and to `fr` at once: the type of `fr` is that of
 * `en`, so that nothing compiles while one is missing, and `strings.test.ts` holds both to the same placeholders.
 * Texts with something in them are functions; numbers in them go through `count`, `number` or `form`. French has
 * a no-break space (`\u00a0`) before `:`, `?`, `!`, `;` and inside of « ».
 */

import { type Language, language } from "./language";
import { actions } from "./strings/actions";
import { list } from "./strings/list";
import { panel } from "./strings/panel";
import { runView } from "./strings/run-view";

/** The whole table in a language. */
export const speak = (spoken: Language) => ({
  ...panel[spoken],
  ...list[spoken],
  ...runView[spoken],
  ...actions[spoken],
});

export type Strings = ReturnType<typeof speak>;

export const strings: Strings = speak(language);

/** What the empty panel offers to insert. */
export const EXAMPLE = `import trackside

with trackside.start_run():
    trackside.log_param("alpha", 0.5)
    trackside.log_metric("score", 0.93)`;
