/**
 * Markdown as elements that can do no harm. A bundle of its own, fetched from the kernel when the first note is shown,
 * so that the list does not wait for it.
 *
 * What people write becomes HTML without any of theirs in it, and of that only plain elements stay. Images are links,
 * because loading one would tell its server who reads the note.
 */

import DOMPurify, { type Config } from "dompurify";
import { Marked, type Tokens } from "marked";

/** Longer texts are shown from their beginning: reading Markdown takes time, and nobody reads that much of a note. */
export const MOST_CHARACTERS = 50_000;

const TAGS =
  "a blockquote br code del em h1 h2 h3 h4 h5 h6 hr input li ol p pre strong table tbody td th thead tr ul".split(" ");
const CONFIG = {
  ALLOWED_TAGS: TAGS,
  ALLOWED_ATTR: ["align", "checked", "disabled", "href", "start", "title", "type"],
  ADD_URI_SAFE_ATTR: ["align", "checked", "disabled", "start", "title", "type"],
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  ALLOW_ARIA_ATTR: false,
  ALLOW_DATA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
} satisfies Config;

const marked = new Marked({
  async: false,
  gfm: true,
  renderer: {
    html: ({ text }: Tokens.HTML | Tokens.Tag) => escaped(text),
    image: ({ href, text }: Tokens.Image) => `<a href="${escaped(href)}">${escaped(text || href)}</a>`,
  },
});

export function renderMarkdown(text: string): DocumentFragment {
  const html = marked.parse(text.slice(0, MOST_CHARACTERS), { async: false });
  const fragment = DOMPurify.sanitize(html, CONFIG);
  for (const link of fragment.querySelectorAll("a")) {
    link.target = "_blank";
    link.rel = "noopener noreferrer";
  }
  for (const box of fragment.querySelectorAll("input")) {
    if (box.type === "checkbox") box.disabled = true;
    else box.remove();
  }
  return fragment;
}

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
