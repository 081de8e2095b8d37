/** Windows over the page: what closes them, and what does not. */

import { afterEach, expect, it } from "vitest";
import { FakeKernel, row, showing } from "./fake-kernel";
import { click, press, type Screen, settle, show, submit } from "./screen";

let screen: Screen;

afterEach(() => screen.close());

async function ask(): Promise<void> {
  screen = await show(new FakeKernel(showing([row()])));
  await press(screen.find(".ts-run-toggle"), "t");
}

const push = (target: HTMLElement) => target.dispatchEvent(new Event("pointerdown", { bubbles: true }));
const isOpen = () => screen.all(".ts-dialog").length > 0;

it("a click beside a question takes it back; a selection that is dragged out of its field does not", async () => {
  await ask();
  const dialog = screen.find(".ts-dialog");
  push(screen.find(".ts-dialog input"));
  await click(dialog); // what the browser says of a button that went down in the field and up beside the window
  expect(isOpen()).toBe(true);
  push(dialog);
  await click(dialog);
  expect(isOpen()).toBe(false);
});

it("a question says what is wrong in a place that was there before, so that it is read out", async () => {
  await ask();
  const place = screen.find(".ts-form-fault");
  expect([place.getAttribute("role"), place.textContent]).toEqual(["alert", ""]);
  await submit(screen.find(".ts-form"));
  await settle();
  expect(place.isConnected && place.textContent).toBe("A tag needs a name.");
});
