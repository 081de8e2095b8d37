/**
 * Builds the front end into the Python package.
 *
 *   src/widget/index.tsx  ->  ../src/trackside/widgets/static/widget.js and widget.css   (esbuild)
 *   src/widget/markdown/index.ts  ->  the same folder: markdown.js                                       (esbuild)
 *   src/lab/index.ts      ->  ../src/trackside/labextension/                             (esbuild, then @jupyter/builder)
 *
 * The labextension is bundled into lib/labextension first, with a package.json of its own that carries the version of
 * the Python package. What it imports from JupyterLab stays outside and is shared with the page.
 *
 * `--watch` builds again whenever a source changes; `--development` leaves the code readable.
 */

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const PACKAGE = join(HERE, "..", "src", "trackside");
const STATIC = join(PACKAGE, "widgets", "static");
const LABEXTENSION = join(PACKAGE, "labextension");
const STAGE = join(HERE, "lib", "labextension");
const SHARED = ["@jupyterlab/*", "@lumino/*", "@jupyter/*"];

const watch = process.argv.includes("--watch");
const development = watch || process.argv.includes("--development");

/** The one place that has the version. */
function readVersion() {
  const text = readFileSync(join(PACKAGE, "__init__.py"), "utf8");
  const found = /^__version__ = "(.+)"$/m.exec(text);
  if (!found) throw new Error('src/trackside/__init__.py has no line __version__ = "…"');
  return found[1];
}

/** Calls `done` after each build that went well. */
function afterBuild(done) {
  return {
    name: "after-build",
    setup: (build) => build.onEnd((result) => (result.errors.length === 0 ? done(result) : undefined)),
  };
}

const common = {
  absWorkingDir: HERE,
  bundle: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  minify: !development,
  sourcemap: development ? "inline" : false,
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
};

const widget = {
  ...common,
  entryPoints: ["src/widget/index.tsx"],
  outfile: join(STATIC, "widget.js"),
  plugins: [afterBuild(({ metafile }) => writeLicences(metafile, join(STATIC, "LICENSES.txt")))],
};

/** What the widget fetches from the kernel when it needs it. */
const parts = {
  ...common,
  entryPoints: { markdown: "src/widget/markdown/index.ts" },
  outdir: STATIC,
  plugins: [afterBuild(({ metafile }) => writeLicences(metafile, join(STATIC, "LICENSES-parts.txt")))],
};

const lab = {
  ...common,
  entryPoints: { index: "src/lab/index.ts" },
  outdir: STAGE,
  external: SHARED,
  loader: { ".svg": "text" },
  plugins: [afterBuild(({ metafile }) => buildLabextension(metafile))],
};

/** Writes the licence texts of the packages that went into a bundle. */
function writeLicences(metafile, target) {
  const folders = Object.keys(metafile.inputs).map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]);
  const used = [...new Set(folders)].filter((folder) => folder !== undefined).sort();
  writeFileSync(target, used.map(readLicence).join("\n\n"));
}

function readLicence(folder) {
  const { name, version } = JSON.parse(readFileSync(join(HERE, folder, "package.json"), "utf8"));
  const file = readdirSync(join(HERE, folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} has no licence file`);
  return `${name} ${version}\n\n${readFileSync(join(HERE, folder, file), "utf8")}`;
}

/** Which packages the bundle expects from JupyterLab. */
function sharedPackages(metafile) {
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  const names = new Set(imports.filter((entry) => entry.external).map((entry) => entry.path));
  const ours = [...names].filter((name) => name.startsWith("@jupyterlab/"));
  return Object.fromEntries(ours.map((name) => [name, { bundled: false, requiredVersion: false }]));
}

function writeStagePackage(metafile) {
  const description = {
    name: "trackside",
    version: readVersion(),
    description: "Experiment runs beside the notebook that made them.",
    license: "Apache-2.0",
    main: "index.js",
    style: "index.css",
    dependencies: {},
    jupyterlab: {
      extension: true,
      outputDir: relative(STAGE, LABEXTENSION),
      sharedPackages: sharedPackages(metafile),
    },
  };
  writeFileSync(join(STAGE, "package.json"), JSON.stringify(description, null, 2));
}

/** Turns the staged bundle into what JupyterLab loads. */
function buildLabextension(metafile) {
  writeStagePackage(metafile);
  const require = createRequire(import.meta.url);
  const builder = join(dirname(require.resolve("@jupyter/builder")), "build-labextension.js");
  const core = require.resolve("@jupyterlab/core-meta/core.package.json");
  const options = ["--core-package-file", core, ...(development ? ["--development"] : [])];
  const result = spawnSync(process.execPath, [builder, ...options, STAGE], { encoding: "utf8" });
  if (result.status !== 0) throw new Error(`${result.stdout}${result.stderr}`);
  copyFileSync(join(HERE, "install.json"), join(LABEXTENSION, "install.json"));
}

async function main() {
  for (const folder of [STATIC, STAGE]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }
  if (!watch) return Promise.all([widget, parts, lab].map((options) => esbuild.build(options)));
  const contexts = await Promise.all([widget, parts, lab].map((options) => esbuild.context(options)));
  return Promise.all(contexts.map((context) => context.watch()));
}

await main();
