/**
 * Markdown as elements that can do no harm. A bundle of its own, fetched from the kernel when the first note is shown,
 * so that the list does not wait for it.
 *
 * What people write is never read as HTML: it becomes tokens, each kind of token one kind of plain element, and all else
 * is text. Images are links, because loading one would tell its server who reads the note.
 */

import { Lexer, type MarkedToken, type Token, type Tokens } from "marked";

/** Longer texts are shown from their beginning: reading Markdown takes time, and nobody reads that much of a note. */
export const MOST_CHARACTERS = 50_000;

export function renderMarkdown(text: string): DocumentFragment {
  return fragmentOf(new Lexer({ gfm: true }).lex(text.slice(0, MOST_CHARACTERS)));
}

function fragmentOf(tokens: readonly Token[]): DocumentFragment {
  const fragment = document.createDocumentFragment();
  for (const token of tokens) fragment.append(nodeOf(token as MarkedToken));
  return fragment;
}

function nodeOf(token: MarkedToken): Node | string {
  switch (token.type) {
    case "heading":
      return make(`h${token.depth}`, fragmentOf(token.tokens));
    case "paragraph":
      return make("p", fragmentOf(token.tokens));
    case "blockquote":
    case "strong":
    case "em":
    case "del":
      return make(token.type, fragmentOf(token.tokens));
    case "br":
    case "hr":
      return make(token.type);
    case "code":
      return make("pre", make("code", `${token.text}\n`));
    case "codespan":
      return make("code", token.text);
    case "list":
      return listOf(token);
    case "checkbox":
      return boxOf(token);
    case "table":
      return tableOf(token);
    case "link":
      return linkTo(token.href, token.title, fragmentOf(token.tokens));
    case "image":
      return linkTo(token.href, token.title, readReferences(token.text || token.href));
    case "text":
      return token.tokens === undefined ? readReferences(token.text) : fragmentOf(token.tokens);
    case "escape":
    case "html":
      return token.text;
    default:
      return "";
  }
}

function make(tag: string, ...children: (Node | string)[]): HTMLElement {
  const element = document.createElement(tag);
  element.append(...children);
  return element;
}

function listOf({ ordered, start, items }: Tokens.List): HTMLElement {
  const list = make(ordered ? "ol" : "ul", ...items.map(({ tokens }) => make("li", fragmentOf(tokens))));
  if (ordered && start !== 1) list.setAttribute("start", String(start));
  return list;
}

function boxOf({ checked }: Tokens.Checkbox): HTMLElement {
  const box = document.createElement("input");
  box.type = "checkbox";
  box.disabled = true;
  box.toggleAttribute("checked", checked);
  return box;
}

function tableOf({ header, rows }: Tokens.Table): HTMLElement {
  const row = (cells: readonly Tokens.TableCell[], tag: string) =>
    make("tr", ...cells.map((cell) => cellOf(cell, tag)));
  const body = rows.map((cells) => row(cells, "td"));
  return make("table", make("thead", row(header, "th")), make("tbody", ...body));
}

function cellOf({ tokens, align }: Tokens.TableCell, tag: string): HTMLElement {
  const cell = make(tag, fragmentOf(tokens));
  if (align !== null) cell.setAttribute("align", align);
  return cell;
}

const IS_HARMLESS = /^(?:https?|mailto):/i;

/** A link that opens elsewhere without a way back; of one to anywhere else only what it says. */
function linkTo(href: string, title: string | null | undefined, content: Node | string): Node | string {
  if (!IS_HARMLESS.test(href)) return content;
  const link = document.createElement("a");
  link.append(content);
  link.setAttribute("href", href);
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  if (title) link.title = readReferences(title);
  return link;
}

const REFERENCE = /&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});/gi;

/** Puts signs in the place of references such as `&lt;`, which a text area reads and nothing else. */
function readReferences(text: string): string {
  const reader = document.createElement("textarea");
  return text.replace(REFERENCE, (reference) => {
    reader.innerHTML = reference;
    return reader.value;
  });
}
