/** Builds the page with every chart: `node test/charts/gallery.mjs`, then open lib/gallery/index.html?runs=200&theme=dark. */

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const TARGET = join(HERE, "..", "..", "lib", "gallery");

mkdirSync(TARGET, { recursive: true });
await esbuild.build({
  entryPoints: [join(HERE, "gallery.ts")],
  outdir: TARGET,
  bundle: true,
  format: "esm",
  logLevel: "warning",
});
const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Charts</title>
<link rel="stylesheet" href="gallery.css"><body><script type="module" src="gallery.js"></script></body></html>`;
writeFileSync(join(TARGET, "index.html"), page);
