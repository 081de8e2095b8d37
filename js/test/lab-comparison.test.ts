/** The renderer of saved comparisons where it cannot draw what the notebook keeps. */

import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { expect, it } from "vitest";
import { comparisonFactory } from "../src/lab/comparison";
import { strings } from "../src/lab/strings";
import { MIME, VERSION } from "../src/widget/compare/saved";

const PICTURE = '<svg xmlns="http://www.w3.org/2000/svg"><script>window.hit = 1</script></svg>';

async function render(saved: object): Promise<HTMLElement> {
  const renderer = comparisonFactory(() => null).createRenderer({} as IRenderMime.IRendererOptions);
  const data = { [MIME]: saved, "image/svg+xml": PICTURE };
  await renderer.renderModel({ data, metadata: {} } as unknown as IRenderMime.IMimeModel);
  return renderer.node;
}

it.each([
  ["made by a newer version", { version: VERSION + 1, form: "unknown here" }, "newerComparison"],
  ["with nothing in it", { version: VERSION }, "brokenComparison"],
  ["cut off", { version: VERSION, comparison: "1", content: "eJw=", view: { charts: ["table"] } }, "brokenComparison"],
] as const)("says what is wrong with a comparison %s, and shows its picture as an image", async (_, saved, text) => {
  const node = await render(saved);
  expect(node.querySelector("[role=note]")?.textContent).toBe(strings[text]);
  const image = node.querySelector("img");
  expect(decodeURIComponent(image?.src ?? "")).toContain(PICTURE);
  expect(image?.alt).toBe(strings.comparison);
  expect(node.querySelector("svg, script")).toBeNull();
});
