/**
 * What Python says, in the language of the page.
 *
 * Python words its errors and reasons in English. The wording, with `{}` where a value stands, is the code under which
 * `strings/sentences.fr.json` has the sentence in French: `{1}` is the first value as it is, `{~1}` one that is
 * a sentence of Python's in its turn. `tests/test_widgets_sentences.py` holds the table to Python's source, so that
 * none can be forgotten. What is not in the table stays as it is, so a kernel may be newer than the page.
 */

import { signal } from "@preact/signals";

interface Sentence {
  /** What stands before, between and behind the values. */
  pieces: readonly string[];
  translation: string;
}

/** Who shows a sentence is drawn again when its language comes. */
const known = signal<readonly Sentence[]>([]);

const JOINT = "; ";

/** Whether a value is neither a part of a quoted one nor several sentences. */
const isWhole = (value: string) => !value.includes(JOINT) && value.startsWith("'") === value.endsWith("'");

/** Has sentences told in another language from now on. */
export function learn(table: Readonly<Record<string, string>>): void {
  const sentences = Object.entries(table).map(([said, translation]) => ({ pieces: said.split("{}"), translation }));
  const weigh = ({ pieces }: Sentence) => pieces.join("").length;
  known.value = sentences.sort((one, other) => weigh(other) - weigh(one));
}

/** A sentence of Python's, or several that are joined, in the language of the page. */
export function translated(text: string): string {
  if (known.value.length === 0) return text;
  const whole = find(text, isWhole);
  if (whole !== null) return whole;
  const parts = text.split(JOINT).map((part) => find(part, () => true));
  return parts.every((part) => part !== null) ? parts.join("\u00a0; ") : (find(text, () => true) ?? text);
}

/** The translation of the sentence that has most in common with a text. */
function find(text: string, fits: (value: string) => boolean): string | null {
  for (const { pieces, translation } of known.value) {
    const values = valuesOf(pieces, text);
    if (values?.every(fits)) return filled(translation, values);
  }
  return null;
}

const filled = (translation: string, values: readonly string[]) =>
  translation.replace(/\{(~?)(\d)\}/g, (_, isSentence: string, number: string) => {
    const value = values[Number(number) - 1] ?? "";
    return isSentence ? translated(value) : value;
  });

/** What stands between the pieces in a text; null where the text is not made of them. */
function valuesOf([first = "", ...others]: readonly string[], text: string): string[] | null {
  if (!text.startsWith(first)) return null;
  const values: string[] = [];
  let from = first.length;
  for (const [index, piece] of others.entries()) {
    const isLast = index === others.length - 1;
    const at = isLast ? text.length - piece.length : text.indexOf(piece, from);
    if (at < from || !text.startsWith(piece, at)) return null;
    values.push(text.slice(from, at));
    from = at + piece.length;
  }
  return from === text.length ? values : null;
}
