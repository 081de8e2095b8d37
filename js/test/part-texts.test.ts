/** Each part has the texts that it shows: those of the list, and those that it brings. */

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const WIDGET = "src/widget";
const IMPORT = /^(?:import|export)\s(?!type\b)[^;]*?from "(\.[^"]+)"/gm;
const USED = /\bstrings\.(?!ts\b)(\w+)/g;
const TAKEN_OUT = /\{([^{}]*)\} = strings\b/g;
const TABLES = /from "[./]+\/strings\/([\w-]+)"/g;

const ENTRIES = [
  "index.tsx",
  "compare/app.tsx",
  "panels/diff/part.ts",
  "panels/drawers.tsx",
  "panels/layers.tsx",
  "panels/run-view/part.ts",
  "reproduce/part.ts",
].map((path) => join(WIDGET, path));

const read = (path: string) => readFileSync(path, "utf8");
const groups = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((found) => found[1] ?? "");

/** The modules that come with an entry, without those of the comparison's model, which speaks only once it is shown. */
function modulesOf(path: string, found = new Set<string>()): Set<string> {
  const isText = path.includes("/strings");
  const isModel = found.has(join(WIDGET, "index.tsx")) && path.includes("/compare/");
  if (found.has(path) || isText || isModel) return found;
  found.add(path);
  for (const name of groups(read(path), IMPORT)) {
    const module = [".ts", ".tsx", "/index.ts"].map((end) => join(dirname(path), name) + end).find(existsSync);
    if (module !== undefined) modulesOf(module, found);
  }
  return found;
}

async function keysOf(tables: readonly string[]): Promise<string[]> {
  const all = await Promise.all(tables.map((name) => import(`../src/widget/strings/${name}.ts`)));
  return all.flatMap(({ en }) => Object.keys(en ?? {}));
}

it.each(ENTRIES)("%s", async (entry) => {
  const sources = [...modulesOf(entry)].map(read);
  const used = sources.flatMap((source) => [
    ...groups(source, USED),
    ...groups(source, TAKEN_OUT).flatMap((names) => names.split(",").map((name) => name.trim().split(":")[0] ?? "")),
  ]);
  const has = new Set(await keysOf(["panel", "list", "actions", ...groups(read(entry), TABLES)]));
  expect(used.length).toBeGreaterThan(5);
  expect([...new Set(used)].filter((key) => !has.has(key))).toEqual([]);
});
