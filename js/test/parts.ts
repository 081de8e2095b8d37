/** The parts of the front end as they are in the sources: there is no kernel that could send them as files. */

import { vi } from "vitest";
import type { PartName } from "../src/widget/parts";

const SOURCES: Record<PartName, () => Promise<unknown>> = {
  compare: () => import("../src/widget/compare/app"),
  diff: () => import("../src/widget/panels/diff/part"),
  drawers: () => import("../src/widget/panels/drawers"),
  french: () => import("../src/widget/strings/french"),
  layers: () => import("../src/widget/panels/layers"),
  markdown: () => import("../src/widget/markdown"),
  reproduce: () => import("../src/widget/reproduce/part"),
  run: () => import("../src/widget/panels/run-view/part"),
  sentences: () => import("../src/widget/strings/sentences"),
};

vi.mock("../src/widget/part-source", () => ({
  fetchPart: async (_ask: unknown, name: PartName) => ({ content: await SOURCES[name](), style: "" }),
}));
