/** What tests/bench/charts.py runs in the page: the same runs drawn and brushed by Trackside and by its peers. */

"use strict";

const AXES = 8;
const BRUSHES = 15;
/** Slow libraries are brushed less often, but so many times. */
const FEWEST = 3;
const MOST_BRUSHING_MS = 10_000;

/** Resolves when what was drawn is on the screen. */
const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));

/** For libraries that go on drawing in later frames: how long none of them strokes a line when they are done. */
const QUIET_MS = 1000;
const MOST_SETTLING_MS = 120_000;
let strokes = 0;

/** Resolves with the time of the last stroke on a canvas, when none came for a while. */
async function settled() {
  const start = performance.now();
  let last = start;
  let seen = strokes;
  while (performance.now() < last + QUIET_MS && last < start + MOST_SETTLING_MS) {
    await painted();
    if (strokes !== seen) [last, seen] = [performance.now(), strokes];
  }
  return last;
}

/** Counts the strokes of all canvases. */
function countStrokes() {
  const { stroke } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.stroke = function (...path) {
    strokes += 1;
    return stroke.apply(this, path);
  };
}

const done = async (library) => {
  await painted();
  return drawers[library].isGradual ? settled() : performance.now();
};

function makeHost() {
  document.body.replaceChildren();
  const host = document.body.appendChild(document.createElement("div"));
  host.className = "trackside";
  host.style.cssText = "width: 1000px; height: 400px";
  return host;
}

function random(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Eight columns: each follows the one before, with noise. */
function makeColumns(runs) {
  const next = random(7);
  const columns = [Float64Array.from({ length: runs }, next)];
  while (columns.length < AXES) columns.push(columns.at(-1).map((value) => (value + next()) / 2));
  return columns;
}

function makeCurves(count, points) {
  const next = random(3);
  return Array.from({ length: count }, (_, run) => {
    const values = Float64Array.from({ length: points }, (_, step) => Math.exp(-step / (points / (2 + run / 4))) + next() / 10);
    return { run, key: "loss", steps: Float64Array.from(values, (_, step) => step), times: Float64Array.from(values, (_, step) => step), values };
  });
}

const frameOf = (columns, runs, curves = []) => ({
  runs: { ids: Array.from({ length: runs }, (_, run) => `${run}`), names: Array.from({ length: runs }, (_, run) => `run ${run}`) },
  columns: columns.map((values, index) => ({ id: `metrics.m${index}`, key: `m${index}`, kind: "metric", type: "number", values, missing: null, direction: null })),
  curves,
});
const input = (frame, options) => ({ frame, options, shown: null, selected: null, hovered: null });

/** Brushes the first axis with the pointer, as people do. */
function brushByPointer(host) {
  const drawing = host.querySelector(".ts-chart-drawing");
  const box = drawing.getBoundingClientRect();
  drawing.setPointerCapture = drawing.releasePointerCapture = () => undefined;
  const send = (type, y) =>
    drawing.dispatchEvent(new PointerEvent(type, { clientX: box.left + 48, clientY: box.top + y, pointerId: 1, button: 0, bubbles: true }));
  send("pointerdown", 70);
  return (step) => send("pointermove", 90 + step * 10);
}

/** HiPlot has no call that brushes: the mouse does it, on the first axis. False where there is nothing to brush. */
function brushByMouse(host) {
  let overlay = null;
  const send = (type, part) => {
    const box = overlay.getBoundingClientRect();
    const place = { clientX: box.left + box.width / 2, clientY: box.top + box.height * part };
    overlay.dispatchEvent(new MouseEvent(type, { ...place, button: 0, bubbles: true, cancelable: true, view: window }));
  };
  return (step) => {
    if (overlay === null) {
      overlay = host.querySelector(".overlay");
      if (overlay === null) return false;
      send("mousedown", 0.1);
    }
    send("mousemove", 0.2 + step / 50);
    return true;
  };
}

const drawers = {
  trackside: {
    parallel(host, columns, runs) {
      trackside.createParallel(host, input(frameOf(columns, runs), { axes: null, colour: null }));
      return brushByPointer(host);
    },
    curves(host, curves) {
      const options = { metric: "loss", across: "step", smoothing: 0, group: null };
      trackside.createCurves(host, input(frameOf([], curves.length, curves), options));
    },
  },
  echarts: {
    parallel(host, columns, runs) {
      const chart = echarts.init(host);
      const data = Array.from({ length: runs }, (_, run) => columns.map((column) => column[run]));
      const series = { type: "parallel", data, lineStyle: { width: 1, opacity: 0.3 }, progressive: 0 };
      chart.setOption({ animation: false, parallelAxis: columns.map((_, dim) => ({ dim, name: `m${dim}` })), series: [series] });
      return (step) => chart.dispatchAction({ type: "axisAreaSelect", parallelAxisId: chart.getModel().getComponent("parallelAxis", 0).id, intervals: [[0.1 + step / 50, 0.9]] });
    },
    curves(host, curves) {
      const series = curves.map(({ steps, values }) => ({ type: "line", showSymbol: false, sampling: "lttb", data: Array.from(steps, (step, at) => [step, values[at]]) }));
      echarts.init(host).setOption({ animation: false, xAxis: { type: "value" }, yAxis: { type: "value" }, series });
    },
  },
  plotly: {
    async parallel(host, columns) {
      const dimensions = columns.map((values, dim) => ({ label: `m${dim}`, values: Array.from(values) }));
      await Plotly.newPlot(host, [{ type: "parcoords", dimensions, line: { color: Array.from(columns.at(-1)) } }]);
      return (step) => Plotly.restyle(host, { "dimensions[0].constraintrange": [[0.1 + step / 50, 0.9]] });
    },
    async curves(host, curves) {
      await Plotly.newPlot(host, curves.map(({ steps, values }) => ({ type: "scatter", mode: "lines", x: steps, y: values })));
    },
  },
  hiplot: {
    isGradual: true,
    parallel(host, columns, runs) {
      const valuesOf = (run) => Object.fromEntries(columns.map((column, dim) => [`m${dim}`, column[run]]));
      const datapoints = Array.from({ length: runs }, (_, run) => ({ uid: `${run}`, from_uid: null, values: valuesOf(run) }));
      const experiment = { datapoints, parameters_definition: {}, display_data: {}, colormap: "", weightcolumn: "", enabled_displays: ["PARALLEL_PLOT"] };
      hiplot_setup(host, { experiment, is_webserver: false });
      return brushByMouse(host);
    },
  },
};

countStrokes();

window.measureParallel = async (library, runs) => {
  const columns = makeColumns(runs);
  const host = makeHost();
  await painted();
  const start = performance.now();
  const brush = await drawers[library].parallel(host, columns, runs);
  const first = (await done(library)) - start;
  const brushes = [];
  const patience = performance.now() + MOST_BRUSHING_MS;
  for (let step = 0; step < BRUSHES && (step < FEWEST || performance.now() < patience); step++) {
    const begin = performance.now();
    if ((await brush(step)) === false) break;
    brushes.push((await done(library)) - begin);
  }
  return { first, brushes };
};

window.measureCurves = async (library, count, points) => {
  const curves = makeCurves(count, points);
  const host = makeHost();
  await painted();
  const start = performance.now();
  await drawers[library].curves(host, curves);
  await painted();
  return performance.now() - start;
};
