/**
 * Every text that the widget shows, in the language of the page.
 *
 * A text is added in the file of its part below `strings/`, to `en` and to `fr` at once: the type of `fr` is that of
 * `en`, so that nothing compiles while one is missing, and `strings.test.ts` holds both to the same placeholders.
 * Texts with something in them are functions; numbers in them go through `count`, `number` or `form`. French has
 * a no-break space (`\u00a0`) before `:`, `?`, `!`, `;` and inside of « ».
 *
 * The widget has the English texts in it; those of another language are a part that is fetched before anything is
 * drawn. So a text is read where it is shown, never into a constant of a module.
 */

import * as actions from "./strings/actions";
import * as compare from "./strings/compare";
import * as diff from "./strings/diff";
import * as list from "./strings/list";
import * as models from "./strings/models";
import * as panel from "./strings/panel";
import * as runView from "./strings/run-view";

const english = { ...panel.en, ...list.en, ...runView.en, ...diff.en, ...actions.en, ...models.en, ...compare.en };

export type Strings = typeof english;

/** The texts in the language that was last asked for. */
export const strings: Strings = { ...english };

/** Has all that is drawn from now on in another language. */
export function speak(texts: Strings): void {
  Object.assign(strings, texts);
}

/** What the empty panel offers to insert. */
export const EXAMPLE = `import trackside

with trackside.start_run():
    trackside.log_param("alpha", 0.5)
    trackside.log_metric("score", 0.93)`;
