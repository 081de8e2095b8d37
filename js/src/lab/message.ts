/** What the panel shows where there are no runs to show: a sentence, and what can be done about it. */

import { Widget } from "@lumino/widgets";
import { strings } from "./strings";

export interface Message {
  text: string;
  /** What can be done about it. */
  hint?: string;
  /** Code to insert, or what a program said. */
  code?: string;
  /** For those who look closer. */
  detail?: string;
  isFault?: boolean;
  /** Something goes on that ends by itself. */
  isWaiting?: boolean;
  actions?: { label: string; run: () => void }[];
}

export class MessageView extends Widget {
  /** @param notebook Name of the notebook that the message is about, if it is about one. */
  constructor(message: Message, notebook = "") {
    super();
    this.addClass("trackside-message");
    this.node.setAttribute("role", message.isFault ? "alert" : "status");
    if (message.isWaiting) this.addClass("trackside-mod-waiting");
    if (message.isFault) this.addClass("trackside-mod-fault");
    this.node.append(header(notebook), body(message));
  }
}

function header(notebook: string): HTMLElement {
  const title = element("h3", "", strings.title);
  const made = element("header", "trackside-message-header");
  made.append(title, element("p", "trackside-notebook", notebook));
  return made;
}

function body({ text, hint = "", code = "", detail = "", actions = [] }: Message): HTMLElement {
  const made = element("div", "trackside-message-body");
  const buttons = element("div", "trackside-actions");
  buttons.append(...actions.map(({ label, run }) => button(label, run)));
  const parts = [
    element("p", "", text),
    element("p", "trackside-hint", hint),
    element("code", "", code),
    buttons,
    element("p", "trackside-detail", detail),
  ];
  made.append(...parts.filter((part) => part.childNodes.length > 0));
  return made;
}

function button(label: string, run: () => void): HTMLElement {
  const made = element("button", "trackside-button", label);
  made.setAttribute("type", "button");
  made.addEventListener("click", run);
  return made;
}

function element(tag: string, className: string, text = ""): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== "") made.textContent = text;
  return made;
}
