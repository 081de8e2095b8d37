/** What was asked of a kernel that did not live to answer, and what a page remembers of a notebook. */

import { afterEach, beforeEach, expect, it } from "vitest";
import { bytes, detail, FakeKernel, floats, row, showing, snapshot } from "./fake-kernel";
import { click, press, type Screen, settle, show, submit, type } from "./screen";

let screen: Screen;

beforeEach(() => {
  sessionStorage.clear();
  localStorage.clear();
});
afterEach(() => screen.close());

async function open(answers: FakeKernel["answers"] = {}, traits: FakeKernel["traits"] = {}): Promise<FakeKernel> {
  const counted = { "descendants.count": () => ({ reply: { count: 0 } }) };
  const kernel = new FakeKernel({ ...showing([row()]), ...counted, ...answers }, traits);
  screen = await show(kernel);
  return kernel;
}

const notices = () => screen.all(".ts-notice-text").map(({ textContent }) => textContent);
const pressed = (key: string) => press(screen.find(".ts-run-toggle"), key);

it("an action on runs is said to be not done by the panel of the next kernel, once", async () => {
  await open({ "runs.delete": () => null });
  await pressed("Delete");
  await submit(screen.find(".ts-form"));
  screen.close();
  await open();
  expect(notices()[0]).toContain("Not done: Delete 1 run");
  screen.close();
  await open();
  expect(notices()).toEqual([]);
});

it("a change of one run is said to be not done too, in its own notebook", async () => {
  await open({ "run.rename": () => null }, { place: "wine.ipynb" });
  await pressed("F2");
  const field = screen.find<HTMLInputElement>(".ts-name-input");
  field.value = "other";
  await press(field, "Enter");
  screen.close();
  await open({}, { place: "beer.ipynb" });
  expect(notices()).toEqual([]);
  screen.close();
  await open({}, { place: "wine.ipynb" });
  expect(notices()[0]).toContain("Not done: Rename to “other”");
});

it("a run that is unfolded says that someone deleted it, and keeps silent where it was deleted here", async () => {
  const rows = [row(), row({ run_id: "r2", name: "other" })];
  const opened = snapshot(rows, { details: [detail], open_lines: [0] });
  const answers = { "runs.watch": () => ({ reply: opened, buffers: [floats(), bytes(), floats()] }) };
  const kernel = await open({ ...answers, "runs.delete": () => null });
  await click(screen.find(".ts-run-toggle"));
  const remove = async () => {
    kernel.push(snapshot(rows.slice(1)));
    await settle();
  };
  const putBack = async () => {
    kernel.push(opened, [floats(), bytes(), floats()]);
    await settle();
  };
  await remove();
  expect(notices()).toEqual(["The run brave-otter, which was unfolded here, was deleted."]);
  await click(screen.named("Dismiss"));
  await putBack();
  await pressed("Delete");
  await submit(screen.find(".ts-form"));
  await remove();
  expect(notices()).toEqual([]);
});

it("what is written on a note outlives its run, and is back in its place with it", async () => {
  const rows = [row(), row({ run_id: "r2", name: "other" })];
  const opened = snapshot(rows, { details: [detail], open_lines: [0] });
  const restored = { reply: { done: ["r1"], refused: [] } };
  const kernel = await open({
    "runs.watch": () => ({ reply: opened, buffers: [floats(), bytes(), floats()] }),
    "descendants.count": () => ({ reply: { count: 0 } }),
    "runs.restore": () => restored,
  });
  const push = async (...said: Parameters<FakeKernel["push"]>) => {
    kernel.push(...said);
    await settle();
  };
  const field = () => screen.named("Note, in Markdown") as HTMLTextAreaElement;
  await click(screen.find(".ts-run-toggle"));
  await click(screen.named("Write a note"));
  await type(field(), "half a thought");
  await push(snapshot(rows.slice(1)));
  expect(screen.text(".ts-lost-draft p")).toContain("brave-otter was deleted while you wrote its note");
  expect(screen.text(".ts-lost-draft pre")).toBe("half a thought");
  await push(snapshot(rows.slice(1)));
  await click(screen.named("Restore the run"));
  expect(kernel.dataOf("runs.restore")).toEqual([{ run_ids: ["r1"], descendants: false }]);
  await push(opened, [floats(), bytes(), floats()]);
  expect(screen.all(".ts-lost-draft")).toEqual([]);
  expect(field().value).toBe("half a thought");

  await push(snapshot(rows.slice(1)));
  await click(screen.named("Discard the text"));
  await push(opened, [floats(), bytes(), floats()]);
  expect(screen.all(".ts-lost-draft, .ts-draft")).toEqual([]);
});

it("how the list is stays when the notebook's first run gives it an id", async () => {
  await open(
    { "names.list": () => ({ reply: { metrics: [], params: [], tags: [] } }) },
    { place: "a.ipynb", notebook: "a.ipynb" },
  );
  await click(screen.named("Order, density, columns"));
  const density = screen.find<HTMLSelectElement>('select[aria-label="Density"]');
  density.value = "rows";
  density.dispatchEvent(new Event("change", { bubbles: true }));
  await settle();
  screen.close();
  await open({}, { place: "a.ipynb", notebook: "id-of-a" });
  expect(screen.find(".ts-run-head").dataset.row).toBe("true");
});
