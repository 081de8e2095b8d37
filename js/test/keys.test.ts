/** The table of keys that the help shows, held against what the panel does. */

import { afterEach, expect, it } from "vitest";
import { keyLines } from "../src/widget/keys";
import { FakeKernel, row, showing } from "./fake-kernel";
import { type Screen, show } from "./screen";

let screen: Screen;

afterEach(() => screen.close());

/** Enter presses the button that has the focus; there is something to undo only after a deletion. */
const NOT_TAKEN_HERE = new Set(["Enter", "Ctrl+z"]);
/** What keyboards and systems have for the menu besides the key that the help names. */
const FOR_MENUS = new Set(["ContextMenu", "Shift+F10"]);
const LETTERS = "abcdefghijklmnopqrstuvwxyz".split("");
const NAMED = "Space Delete Home End PageUp PageDown ArrowUp ArrowDown ArrowLeft ArrowRight".split(" ");
const TRIED = [
  ...LETTERS.flatMap((letter) => [letter, `Shift+${letter.toUpperCase()}`, `Ctrl+${letter}`]),
  ...NAMED.flatMap((name) => [name, `Shift+${name}`]),
  ..."0123456789/?.,;:!-+*#",
  ..."Enter Escape Tab Insert F1 F2 F5 F10 ContextMenu Shift+Enter Shift+F10".split(" "),
];

/** Keys that move do the same with Shift. */
const withoutShift = (name: string) => name.replace(/^Shift\+(?=Arrow|Home|End|Page)/, "");

/** Whether the panel takes a key that is pressed on a run, of several that are chosen. */
function isTaken(name: string): boolean {
  const head = screen.all(".ts-run-toggle")[1] as HTMLElement;
  const parts = name.split(/\+(?=.)/);
  const key = (parts.at(-1) ?? "").replace("Space", " ");
  const held = { shiftKey: parts.includes("Shift"), ctrlKey: parts.includes("Ctrl") };
  const send = (init: KeyboardEventInit) =>
    !head.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init }));
  if (name === "Escape") send({ key: "a", ctrlKey: true });
  return send({ key, ...held });
}

it("has every key that the panel takes, and none that it does not", async () => {
  const rows = ["r1", "r2", "r3"].map((run_id) => row({ run_id, name: run_id, children: 2, maker: "gone" }));
  const deleted = row({ run_id: "r4", state: "deleted" });
  screen = await show(new FakeKernel(showing([...rows, deleted])));
  screen.all(".ts-run-toggle")[1]?.focus();
  const told = new Set(keyLines().flatMap(({ keys }) => keys));
  const taken = TRIED.filter(isTaken);
  const isTold = (name: string) => told.has(name) || told.has(withoutShift(name)) || FOR_MENUS.has(name);
  expect(taken.filter((name) => !isTold(name))).toEqual([]);
  expect([...told].filter((name) => !taken.includes(name) && !NOT_TAKEN_HERE.has(name))).toEqual([]);
});
