/**
 * Builds the front end into the Python package.
 *
 *   src/widget/index.tsx  ->  ../src/trackside/widgets/static/widget.js, with the CSS in it (esbuild)
 *   PARTS                 ->  the same folder: parts/NAME.js.gz, with the part's CSS in it (esbuild)
 *   src/lab/index.ts      ->  ../src/trackside/labextension/                             (esbuild, then @jupyter/builder)
 *
 * The labextension is bundled into lib/labextension first, with a package.json of its own that carries the version of
 * the Python package. What it imports from JupyterLab stays outside and is shared with the page.
 *
 * A part (see src/widget/parts.ts) does not carry what the widget carries already: what both import is lent to it. So
 * the widget is built twice, first to learn of what it is made, then with those of its modules that parts ask for.
 * Both travel each time a page opens them, over websockets that do not compress, so they are sent packed, the widget with
 * what unpacks it (src/widget/unpack.ts).
 *
 * `--watch` builds again whenever a source changes; `--development` leaves the code readable.
 */

import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  watch as watchFolder,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
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

/** Has those modules of a package left out that nothing uses, which it does not say of itself. */
const onlyWhatIsUsed = {
  name: "only-what-is-used",
  setup: (build) =>
    build.onResolve({ filter: /^(robust-predicates|\.\/esm\/.*)$/ }, async ({ path, kind, resolveDir, pluginData }) => {
      if (pluginData === RESOLVED) return undefined;
      const found = await build.resolve(path, { kind, resolveDir, pluginData: RESOLVED });
      return { ...found, sideEffects: found.path.includes("robust-predicates") ? false : found.sideEffects };
    }),
};

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

/** What travels as bytes may have any letter as it is; a page may read a script of its server in another way. */
const packed = { ...common, charset: "utf8", write: false };
const widget = { ...packed, entryPoints: ["src/widget/index.tsx"], outfile: join(STATIC, "widget.js") };

/** What the widget fetches from the kernel when it needs it: the entry module of each part. */
const PARTS = {
  compare: "src/widget/compare/app.tsx",
  diff: "src/widget/panels/diff/part.ts",
  drawers: "src/widget/panels/drawers.tsx",
  french: "src/widget/strings/french.ts",
  layers: "src/widget/panels/layers.tsx",
  markdown: "src/widget/markdown/index.ts",
  reproduce: "src/widget/reproduce/part.ts",
  run: "src/widget/panels/run-view/part.ts",
  sentences: "src/widget/strings/sentences.ts",
};

/** Of these the widget has the English half and a part another one. */
const NEVER_LENT = /^src\/widget\/strings\//;

async function buildWidget() {
  const alone = await esbuild.build(widget);
  const has = new Set(Object.keys(alone.metafile.inputs).filter((path) => !NEVER_LENT.test(path)));
  const lent = new Set();
  const parts = { ...packed, format: "cjs", entryPoints: PARTS, outdir: join(STATIC, "parts") };
  const built = await esbuild.build({ ...parts, plugins: [onlyWhatIsUsed, borrowing(has, lent)] });
  for (const name of Object.keys(PARTS)) writePart(name, built.outputFiles);
  const style = textOf(alone.outputFiles, "widget.css");
  const { metafile, outputFiles } = await esbuild.build({ ...widget, plugins: [giving([...lent].sort(), style)] });
  await writePacked(textOf(outputFiles, "widget.js"));
  writeLicences(metafile, join(STATIC, "LICENSES.txt"));
  writeLicences(built.metafile, join(STATIC, "LICENSES-parts.txt"));
}

/** Leaves out of a part what the widget has; the part asks for it by its path. */
function borrowing(has, lent) {
  return {
    name: "borrowing",
    setup: (build) =>
      build.onResolve({ filter: /.*/ }, async ({ path, kind, resolveDir, pluginData }) => {
        if (pluginData === RESOLVED || kind === "entry-point" || path.endsWith(".css")) return undefined;
        const found = await build.resolve(path, { kind, resolveDir, pluginData: RESOLVED });
        const name = relative(HERE, found.path);
        if (!has.has(name)) return found;
        lent.add(name);
        return { path: name, external: true };
      }),
  };
}

const RESOLVED = Symbol("resolved");

/** Fills in src/widget/built.ts: what the widget lends, and its style sheet. */
function giving(names, style) {
  const imports = names.map((name, index) => `import * as m${index} from ${JSON.stringify(`./${name}`)};`);
  const entries = names.map((name, index) => `${JSON.stringify(name)}: m${index}`);
  const contents = `${imports.join("\n")}
export const shared = { ${entries.join(", ")} };
export const style = ${JSON.stringify(style)};`;
  return {
    name: "giving",
    setup: (build) => build.onLoad({ filter: /src\/widget\/built\.ts$/ }, () => ({ contents, resolveDir: HERE })),
  };
}

const textOf = (files, name) => files.find(({ path }) => basename(path) === name)?.text ?? "";

/** Writes the widget's bundle so that it unpacks itself; for development as it is. */
async function writePacked(bundle) {
  if (development) return writeFileSync(join(STATIC, "widget.js"), bundle);
  const bytes = gzipSync(bundle, { level: 9 });
  const define = { PACKED: JSON.stringify(encode85(bytes)), PACKED_SIZE: String(bytes.length) };
  await esbuild.build({ ...common, entryPoints: ["src/widget/unpack.ts"], outfile: join(STATIC, "widget.js"), define });
}

/** Four bytes in five characters that JSON leaves as they are; src/widget/unpack.ts reads them. */
function encode85(bytes) {
  const padded = Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
  const digits = (at) => [4, 3, 2, 1, 0].map((place) => Math.floor(padded.readUInt32BE(at) / 85 ** place) % 85);
  const codes = Array.from({ length: padded.length / 4 }, (_, index) => digits(4 * index)).flat();
  return codes.map((digit) => (digit === 57 ? "y" : String.fromCharCode(35 + digit))).join("");
}

/** Writes a part as a module that waits for what the widget lends it, with its style sheet beside it. */
function writePart(name, files) {
  const style = `export const style = ${JSON.stringify(textOf(files, `${name}.css`))};`;
  const made = textOf(files, `${name}.js`);
  const code = `export default (require) => { const module = { exports: {} };\n${made}return module.exports; };`;
  mkdirSync(join(STATIC, "parts"), { recursive: true });
  writeFileSync(join(STATIC, "parts", `${name}.js.gz`), gzipSync(`${style}\n${code}\n`, { level: 9 }));
}

const lab = {
  ...common,
  entryPoints: { index: "src/lab/index.ts", panel: "src/lab/panel.css" },
  outdir: STAGE,
  splitting: true,
  external: SHARED,
  loader: { ".svg": "text" },
  plugins: [onlyWhatIsUsed, afterBuild(({ metafile }) => buildLabextension(metafile))],
};

/** Has the style sheet of what is loaded later come with it. What the page loads at once has `panel.css`. */
function linkStyles({ outputs }) {
  for (const [path, { entryPoint, cssBundle }] of Object.entries(outputs)) {
    if (cssBundle === undefined || entryPoint === lab.entryPoints.index) continue;
    const code = readFileSync(join(HERE, path), "utf8");
    writeFileSync(join(HERE, path), `import "./${basename(cssBundle)}";\n${code}`);
  }
}

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
    style: "panel.css",
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
  linkStyles(metafile);
  writeStagePackage(metafile);
  const require = createRequire(import.meta.url);
  const builder = join(dirname(require.resolve("@jupyter/builder")), "build-labextension.js");
  const core = require.resolve("@jupyterlab/core-meta/core.package.json");
  const options = ["--core-package-file", core, ...(development ? ["--development"] : [])];
  const result = spawnSync(process.execPath, [builder, ...options, STAGE], { encoding: "utf8" });
  if (result.status !== 0) throw new Error(`${result.stdout}${result.stderr}`);
  copyFileSync(join(HERE, "install.json"), join(LABEXTENSION, "install.json"));
}

async function buildAll() {
  for (const folder of [STATIC, STAGE]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }
  await Promise.all([buildWidget(), esbuild.build(lab)]);
}

/** Builds again a moment after the last change. */
function buildOnChange() {
  let timer;
  const build = () => buildAll().catch(() => undefined); // esbuild has told what is wrong
  watchFolder(join(HERE, "src"), { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(build, 100);
  });
}

await buildAll();
if (watch) buildOnChange();
