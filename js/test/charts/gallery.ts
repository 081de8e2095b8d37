/** A page with every chart, for looking. `node test/charts/gallery.mjs` builds it. */

import "../../src/widget/theme.css";
import * as charts from "../../src/widget/charts";
import { bad, sweep } from "./sweep";

const asked = new URLSearchParams(location.search);
const dark: Record<string, string> = {
  "--jp-ui-font-color1": "#e0e0e0",
  "--jp-ui-font-color2": "#b0b0b0",
  "--jp-layout-color1": "#111111",
  "--jp-border-color2": "#424242",
  "--jp-border-color1": "#616161",
};

if (asked.get("theme") === "dark") {
  for (const [name, value] of Object.entries(dark)) document.body.style.setProperty(name, value);
  document.body.style.background = "#111";
}

const page = document.body.appendChild(document.createElement("main"));

function show<Options>(
  title: string,
  create: charts.CreateChart<Options>,
  frame: charts.Frame,
  options: Options,
): void {
  const box = page.appendChild(document.createElement("div"));
  box.className = "trackside";
  box.style.marginBottom = "12px";
  const head = box.appendChild(document.createElement("strong"));
  head.textContent = title;
  const chart = create(box, { frame, options, shown: null, selected: null, hovered: null }, events);
  Object.assign(globalThis, { chart, charts, sweep });
}

const events = {};
const CURVES: charts.CurvesOptions = { metric: null, across: "step", smoothing: 0, group: null };
const only = asked.get("chart");

function showAll(name: string, frame: charts.Frame): void {
  const kinds: Record<string, () => void> = {
    parallel: () => show(`parallel, ${name}`, charts.createParallel, frame, { axes: null, colour: null }),
    scatter: () => {
      show(`scatter, ${name}`, charts.createScatter, frame, {
        x: "params.learning_rate",
        y: "metrics.val_loss",
        colour: "metrics.accuracy",
      });
      show(`scatter of texts, ${name}`, charts.createScatter, frame, {
        x: "params.booster",
        y: "params.reg_lambda",
        colour: "params.booster",
      });
    },
    contour: () => {
      show(`contour, ${name}`, charts.createContour, frame, {
        x: "params.learning_rate",
        y: "params.max_depth",
        z: "metrics.val_loss",
      });
    },
    importance: () => show(`importance, ${name}`, charts.createImportance, frame, { metric: "metrics.val_loss" }),
    bars: () => show(`bars, ${name}`, charts.createBars, frame, { metric: null }),
    curves: () => {
      show(`curves, ${name}`, charts.createCurves, frame, { ...CURVES, smoothing: 0.8 });
      show(`groups, ${name}`, charts.createCurves, frame, { ...CURVES, across: "relative", group: "params.booster" });
    },
  };
  for (const [kind, make] of Object.entries(kinds)) if (only === null || only === kind) make();
}

const runs = asked.get("runs");
if (runs === "bad") for (const [name, frame] of Object.entries(bad)) showAll(name, frame);
else showAll(`${runs} runs`, sweep(Number(runs ?? 200)));
