/** The widget on a page, used as people use it. */

import { vi } from "vitest";
import createWidget from "../src/widget/index";
import "../src/widget/markdown";
import "../src/widget/panels/diff/part";
import "../src/widget/panels/drawers";
import "../src/widget/panels/layers";
import "../src/widget/panels/run-view/part";
import "../src/widget/reproduce/part";
import type { FakeKernel } from "./fake-kernel";

export interface Screen {
  element: HTMLElement;
  find<T extends HTMLElement = HTMLElement>(selector: string): T;
  all(selector: string): HTMLElement[];
  text(selector: string): string;
  /** The control with this accessible name. */
  named(name: string): HTMLElement;
  close(): void;
}

export async function show(kernel: FakeKernel): Promise<Screen> {
  const widget = createWidget();
  const element = document.createElement("div");
  document.body.append(element);
  const end = widget.initialize({ model: kernel });
  const remove = widget.render({ model: kernel, el: element });
  await settle();
  const all = (selector: string) => [...element.querySelectorAll<HTMLElement>(selector)];
  const find = <T extends HTMLElement>(selector: string): T => {
    const found = element.querySelector<T>(selector);
    if (found === null) throw new Error(`there is no ${selector} in ${element.textContent}`);
    return found;
  };
  return {
    element,
    all,
    find,
    text: (selector) => find(selector).textContent ?? "",
    named: (name) => {
      const found = all("button, input, textarea").find((control) => nameOf(control) === name);
      if (found === undefined) throw new Error(`nothing is named ${name}`);
      return found;
    },
    close: () => {
      remove();
      end();
      element.remove();
    },
  };
}

const nameOf = (control: HTMLElement) => control.getAttribute("aria-label") ?? control.textContent?.trim();

/** Waits until answers have come and what they change is drawn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) {
    if (vi.isFakeTimers()) await vi.advanceTimersByTimeAsync(4);
    else await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export async function click(control: HTMLElement, held: MouseEventInit = {}): Promise<void> {
  control.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ...held }));
  await settle();
}

export async function press(control: HTMLElement, key: string, held: KeyboardEventInit = {}): Promise<void> {
  control.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...held }));
  await settle();
}

export async function submit(form: HTMLElement): Promise<void> {
  form.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  await settle();
}

export async function type(field: HTMLElement, text: string): Promise<void> {
  (field as HTMLInputElement).value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await settle();
}
