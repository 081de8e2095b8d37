/** The examples of messages about reproducing a run are what the protocol says. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { EXAMPLES } from "./reproduce-examples";

it("every example is held to the protocol", () => {
  const files = readdirSync(join(import.meta.dirname, "../../tests/protocol/reproduce"));
  const kinds = Object.values(EXAMPLES).map((example) => ("push" in example ? example.push : example.request).kind);
  expect(files.sort()).toEqual(kinds.map((kind) => `${kind}.json`).sort());
});
