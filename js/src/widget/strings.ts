/**
 * Every text that the widget shows, in the language of the page.
 *
 * A text is added in the file of its part below `strings/`, to `en` and to `fr` at once: the type of `fr` is that of
 * `en`, so that nothing compiles while one is missing, and `strings.test.ts` holds both to the same placeholders.
 * Texts with something in them are functions; numbers in them go through `count`, `number` or `form`. French has
 * a no-break space (`\u00a0`) before `:`, `?`, `!`, `;` and inside of « ».
 *
 * The widget has the English texts of the list in it; a part brings those of its own (`bring`), and the texts of another
 * language are a part that is fetched before anything is drawn. So a text is read where it is shown, never into
 * a constant of a module. `part-texts.test.ts` holds that each part has all the texts that it shows.
 */

import * as actions from "./strings/actions";
import type * as compare from "./strings/compare";
import type * as dialogs from "./strings/dialogs";
import type * as diff from "./strings/diff";
import type * as drawers from "./strings/drawers";
import * as list from "./strings/list";
import type * as models from "./strings/models";
import * as panel from "./strings/panel";
import type * as reproduce from "./strings/reproduce";
import type * as runView from "./strings/run-view";

const english = { ...panel.en, ...list.en, ...actions.en };

export type Strings = typeof english &
  typeof compare.en &
  typeof dialogs.en &
  typeof diff.en &
  typeof drawers.en &
  typeof models.en &
  typeof reproduce.en &
  typeof runView.en;

/** The texts in the language that was last asked for; those of a part as soon as it has come. */
export const strings = { ...english } as Strings;

/** Adds the English texts that a part comes with. What is there in another language already stays. */
export function bring(texts: Partial<Strings>): void {
  Object.assign(strings, { ...texts, ...strings });
}

/** Has all that is drawn from now on in another language. */
export function speak(texts: Strings): void {
  Object.assign(strings, texts);
}

/** What the empty panel offers to insert. */
export const EXAMPLE = `import trackside

with trackside.start_run():
    trackside.log_param("alpha", 0.5)
    trackside.log_metric("score", 0.93)`;
