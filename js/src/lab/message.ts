/** What the panel shows where there are no runs to show: a sentence, and what can be done about it. */

import { Widget } from "@lumino/widgets";
import { strings } from "./strings";

export interface Message {
  text: string;
  hint?: string;
  /** Shown as code, such as a path or a cell to insert. */
  code?: string[];
  isFault?: boolean;
  /** Something goes on that ends by itself. */
  isWaiting?: boolean;
  actions?: { label: string; run: () => void }[];
}

export class MessageView extends Widget {
  constructor(message: Message) {
    super();
    this.addClass("trackside-message");
    this.node.setAttribute("role", message.isFault ? "alert" : "status");
    if (message.isWaiting) this.addClass("trackside-mod-waiting");
    if (message.isFault) this.addClass("trackside-mod-fault");
    this.node.append(...describe(message));
  }
}

function describe({ text, hint = "", code = [], actions = [] }: Message): HTMLElement[] {
  const parts = [element("h3", strings.title), element("p", text)];
  if (hint !== "") parts.push(element("p", hint, "trackside-hint"));
  parts.push(...code.map((line) => element("code", line)));
  if (actions.length > 0) {
    const buttons = element("div", "", "trackside-actions");
    buttons.append(...actions.map(({ label, run }) => button(label, run)));
    parts.push(buttons);
  }
  return parts;
}

function button(label: string, run: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "jp-mod-styled jp-mod-accept";
  made.textContent = label;
  made.addEventListener("click", run);
  return made;
}

function element(tag: string, text: string, className = ""): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}
