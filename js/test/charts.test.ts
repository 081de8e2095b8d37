import { describe, expect, it } from "vitest";
import type { Column } from "../src/widget/charts";
import { meanCurve } from "../src/widget/charts/curves/groups";
import { Ink } from "../src/widget/charts/curves/ink";
import { pointsOf, smooth, thin } from "../src/widget/charts/curves/points";
import { weighParams } from "../src/widget/charts/importance/weigh";
import { mainMetric } from "../src/widget/charts/main-metric";
import { svg, toMarkup } from "../src/widget/charts/nodes";
import { numberColour } from "../src/widget/charts/palette";
import { brushRuns } from "../src/widget/charts/parallel/brush";
import { Scales } from "../src/widget/charts/parallel/layout";
import { excludeRuns, keepRuns } from "../src/widget/charts/parallel/tools";
import {
  addLine,
  addSmoothLine,
  developField,
  inkOf,
  makeField,
  measureField,
  toneTable,
} from "../src/widget/charts/raster";
import { makeScale } from "../src/widget/charts/scale";
import { makeSurface } from "../src/widget/charts/surface";
import { fitText, textWidth } from "../src/widget/charts/text";
import { parseColour } from "../src/widget/charts/theme";
import { durationTicks, linearTicks, logTicks, wholeTicks } from "../src/widget/charts/ticks";
import { curvesOf, frameOf, numbers, randomNumbers, sweep, texts } from "./charts/sweep";

const labels = (ticks: readonly { label: string }[]) => ticks.map(({ label }) => label).filter((label) => label !== "");

describe("ticks", () => {
  it("are powers of ten on a logarithmic axis, with marks between them", () => {
    const ticks = logTicks(1e-5, 1, 8);
    expect(labels(ticks)).toEqual(["10⁻⁵", "10⁻⁴", "0.001", "0.01", "0.1", "1"]);
    expect(ticks.filter(({ label }) => label === "")).toHaveLength(40);
  });

  it("leave out decades where there is no room for all", () => {
    expect(labels(logTicks(1e-300, 1e300, 4))).toEqual(["10⁻³⁰⁰", "10⁻²⁰⁰", "10⁻¹⁰⁰", "1", "10¹⁰⁰", "10²⁰⁰", "10³⁰⁰"]);
    expect(labels(logTicks(1e-4, 20, 4))).toEqual(["10⁻⁴", "0.001", "0.01", "0.1", "1", "10"]);
  });

  it("have nothing between two whole numbers where all values are whole", () => {
    const depth = numbers("depth", [2, 4, 3]);
    expect(
      makeScale(depth, "auto", null)
        .ticks(9)
        .map(({ label }) => label),
    ).toEqual(["2", "3", "4"]);
    const rate = numbers("rate", [2, 4, 2.5]);
    expect(labels(makeScale(rate, "auto", null).ticks(4))).toEqual(["2", "2.5", "3", "3.5", "4"]);
    expect(labels(wholeTicks(0, 1e6, 5))).toEqual(["0", "200000", "400000", "600000", "800000", "1e6"]);
  });

  it("have the digits that tell neighbours apart", () => {
    expect(labels(linearTicks(1000.0001, 1000.0003, 2))).toEqual(["1000.0001", "1000.0002", "1000.0003"]);
    expect(labels(linearTicks(-1.7e308, 1.7e308, 4))).toEqual(["−1.7e308", "0", "1.7e308"]);
  });

  it("are minutes and seconds on an axis of time since the start", () => {
    expect(labels(durationTicks(0, 90_000, 6))).toEqual([
      "0",
      "15 s",
      "30 s",
      "45 s",
      "1:00 min",
      "1:15 min",
      "1:30 min",
    ]);
  });
});

describe("a scale", () => {
  it("is logarithmic by itself where values spread over more than two powers of ten", () => {
    expect(makeScale(numbers("lr", [1e-4, 1e-3, 0.1]), "auto", null).kind).toBe("log");
    expect(makeScale(numbers("lr", [1, 2, 90]), "auto", null).kind).toBe("linear");
    expect(makeScale(numbers("lr", [0, 1, 1000]), "auto", null).kind).toBe("linear");
  });

  it("gives what has no logarithm a lane when people ask for a logarithmic one", () => {
    const scale = makeScale(numbers("loss", [-1, 0, 1, 10]), "log", null);
    expect(scale.lanes).toEqual(["nonpositive"]);
    expect(Array.from(scale.laneOf)).toEqual([0, 0, -1, -1]);
  });

  it("tells what was logged as NaN from what was not logged", () => {
    const scale = makeScale(numbers("loss", [1, Number.NaN, null, Number.POSITIVE_INFINITY, 2]), "auto", null);
    const lanes = Array.from(scale.laneOf, (lane) => scale.lanes[lane] ?? null);
    expect(lanes).toEqual([null, "nan", "missing", "inf", null]);
  });

  it("places the largest numbers without overflowing", () => {
    expect(Array.from(makeScale(numbers("m", [-1.7e308, 0, 1.7e308]), "linear", null).at)).toEqual([0, 0.5, 1]);
  });

  it("orders texts as people count and spans only the runs that are shown", () => {
    const column = texts("name", ["run-10", "run-2", "run-1"]);
    expect(makeScale(column, "auto", null).texts).toEqual(["run-1", "run-2", "run-10"]);
    expect(makeScale(column, "auto", Uint8Array.of(1, 1, 0)).texts).toEqual(["run-2", "run-10"]);
    expect(makeScale(numbers("m", [1, 5, 9]), "auto", Uint8Array.of(1, 1, 0)).domain).toEqual([1, 5]);
  });
});

describe("brushes", () => {
  const scales = new Scales();
  const axis = (column: Column, brush: object) => ({
    options: { column: column.id, brush },
    scale: scales.of(column, "auto", null),
  });
  const loss = numbers("loss", [1, 2, 3, null]);

  it("let pass what lies between their ends, ends included", () => {
    expect(brushRuns([axis(loss, { range: [1, 2] })], null)).toEqual(Uint8Array.of(1, 1, 0, 0));
  });

  it("of several axes let pass what passes all of them, of the runs that are shown", () => {
    const kind = axis(texts("kind", ["a", "b", "a", "a"]), { texts: ["a"] });
    expect(brushRuns([axis(loss, { range: [1, 3] }), kind], null)).toEqual(Uint8Array.of(1, 0, 1, 0));
    expect(brushRuns([axis(loss, { range: [1, 3] }), kind], Uint8Array.of(0, 1, 1, 1))).toEqual(
      Uint8Array.of(0, 0, 1, 0),
    );
  });

  it("can take what was not logged", () => {
    expect(brushRuns([axis(loss, { lanes: ["missing"] })], null)).toEqual(Uint8Array.of(0, 0, 0, 1));
  });

  it("are none where no axis has one", () => {
    expect(brushRuns([{ options: { column: loss.id }, scale: scales.of(loss, "auto", null) }], null)).toBeNull();
  });

  it("lead to what is kept and excluded", () => {
    const [shown, selected] = [Uint8Array.of(1, 1, 0), Uint8Array.of(1, 0, 1)];
    expect(keepRuns(shown, selected)).toEqual(Uint8Array.of(1, 0, 0));
    expect(excludeRuns(shown, selected)).toEqual(Uint8Array.of(0, 1, 0));
  });
});

describe("counted lines", () => {
  it("can be taken out again without a trace", () => {
    const random = randomNumbers();
    const field = makeField(40, 30);
    const lines = Array.from({ length: 200 }, () => [random() * 30, random() * 30, random() * 255] as const);
    for (const [from, to, tone] of lines) addLine(field, from, to, ...inkOf([tone, tone, tone]));
    expect(measureField(field)).toBeGreaterThan(2 * 4);
    for (const [from, to, tone] of lines) {
      const [first, second] = inkOf([tone, tone, tone]);
      addLine(field, from, to, -first, -second);
    }
    expect([...field.first, ...field.second].every((value) => value === 0)).toBe(true);
  });

  it("cover every row that a steep line crosses", () => {
    const field = makeField(2, 10);
    addLine(field, 0, 9.9, ...inkOf([0, 0, 0]));
    expect(Array.from(field.first, (count) => count % 2 ** 20)).toEqual([
      ...Array(5).fill(4),
      ...Array(10).fill(0),
      ...Array(5).fill(4),
    ]);
  });

  it("are soft where they are flat: in each column the rows that they touch get a part", () => {
    const field = makeField(2, 4);
    addLine(field, 1.75, 1.75, ...inkOf([0, 0, 0]));
    expect(Array.from(field.first)).toEqual([0, 3, 1, 0, 0, 3, 1, 0]);
  });

  it("are developed in the mean of their colours", () => {
    const field = makeField(1, 1);
    addLine(field, 0, 0, ...inkOf([255, 0, 0]));
    addLine(field, 0, 0, ...inkOf([0, 0, 255]));
    const image = { width: 1, height: 1, data: new Uint8ClampedArray(4) } as ImageData;
    developField(field, image, 0, toneTable(4, 0.1));
    expect(Array.from(image.data)).toEqual([127, 0, 127, 255]);
  });

  it("stay inside of their field when they are smooth, and share each column between two rows", () => {
    const field = makeField(8, 4);
    addSmoothLine(field, 0.5, 3.5, ...inkOf([0, 0, 0]));
    expect(
      Array.from({ length: 8 }, (_, column) => field.first.slice(column * 4, column * 4 + 4).reduce((a, b) => a + b)),
    ).toEqual(Array(8).fill(4));
  });
});

describe("curves", () => {
  it("keep every peak when they are thinned to what a screen shows", () => {
    const [curve] = curvesOf(1, 1_000_000);
    if (curve === undefined) throw new Error("There is one curve.");
    curve.values[777_777] = 99;
    curve.values[123_456] = -99;
    const points = thin(pointsOf(curve, "step"), 0, 1_000_000, 800);
    expect(points.x.length).toBeLessThanOrEqual(3204);
    expect(points.y).toContain(99);
    expect(points.y).toContain(-99);
    expect(points.x[0]).toBe(0);
    expect(points.x.at(-1)).toBe(999_999);
  });

  it("have a gap where values are not finite", () => {
    const points = thin({ x: Float64Array.of(0, 1, 2), y: Float64Array.of(1, Number.NEGATIVE_INFINITY, 3) }, 0, 2, 100);
    expect(Array.from(points.y)).toEqual([1, Number.NaN, 3]);
  });

  it("are sorted where points were logged in disorder", () => {
    const curve = {
      run: 0,
      key: "m",
      steps: Float64Array.of(2, 0, 1),
      times: Float64Array.of(5, 6, 7),
      values: Float64Array.of(20, 0, 10),
    };
    expect(Array.from(pointsOf(curve, "step").y)).toEqual([0, 10, 20]);
    expect(Array.from(pointsOf(curve, "relative").x)).toEqual([0, 1, 2]);
  });

  it("are smoothed without a pull towards 0, and past values that are not finite", () => {
    expect(Array.from(smooth(Float64Array.of(5, 5, Number.NaN, 5), 0.9), (value) => Math.round(value))).toEqual([
      5,
      5,
      Number.NaN,
      5,
    ]);
  });

  it("of many points cover in each column of pixels what they pass there", () => {
    const ink = new Ink({ left: 10, right: 14, top: 0, bottom: 8 }, 1);
    const x = Float64Array.of(10, 11.5, 11.6, 12.5, 13.5);
    ink.add({ x, y: Float64Array.of(2, 2, 6, Number.NaN, 4) }, 2, [255, 0, 0], 1);
    const opacity = (row: number, column: number) => (ink.data[(row * 4 + column) * 4 + 3] ?? 0) > 0;
    const rows = Array.from({ length: 8 }, (_, row) => [0, 1, 2, 3].map((column) => (opacity(row, column) ? 4 : 0)));
    expect(rows.map((row) => row.join(""))).toEqual(["0000", "4400", "4400", "0404", "0404", "0400", "0400", "0000"]);
  });

  it("of a group have their mean and the band that they span", () => {
    const one = { x: Float64Array.of(0, 2), y: Float64Array.of(0, 2) };
    const other = { x: Float64Array.of(0, 1, 2), y: Float64Array.of(2, 3, 4) };
    const { points, band } = meanCurve([one, other]);
    expect(Array.from(points.y)).toEqual([1, 2, 3]);
    expect([Array.from(band?.low ?? []), Array.from(band?.high ?? [])]).toEqual([
      [0, 1, 2],
      [2, 3, 4],
    ]);
  });
});

describe("a surface", () => {
  const grid = Array.from({ length: 100 }, (_, at) => [(at % 10) / 9, Math.floor(at / 10) / 9] as const);

  it("lies between its points: a plane stays a plane", () => {
    const points = {
      x: Float64Array.from(grid, ([x]) => x),
      y: Float64Array.from(grid, ([, y]) => y),
      z: Float64Array.from(grid, ([x]) => x),
    };
    const area = makeSurface(points, [0.5])?.areas[0];
    const left = Math.min(...(area?.rings.flat().map(([x]) => x) ?? []));
    expect(left).toBeCloseTo(0.5, 2);
  });

  it("reaches all edges where it is high there", () => {
    const points = {
      x: Float64Array.from(grid, ([x]) => x),
      y: Float64Array.from(grid, ([, y]) => y),
      z: new Float64Array(grid.length).fill(1),
    };
    const places = makeSurface(points, [0.5])?.areas[0]?.rings.flat() ?? [];
    const [across, down] = [places.map(([x]) => x), places.map(([, y]) => y)];
    expect([Math.min(...across), Math.max(...across), Math.min(...down), Math.max(...down)]).toEqual([0, 1, 0, 1]);
  });

  it("needs three points that do not lie on a line", () => {
    const line = Float64Array.of(0, 0.5, 1);
    expect(makeSurface({ x: line, y: line, z: line }, [0.5])).toBeNull();
    expect(makeSurface({ x: line.slice(1), y: line.slice(1), z: line.slice(1) }, [0.5])).toBeNull();
  });

  it("has the outermost points as its hull", () => {
    const points = {
      x: Float64Array.of(0, 1, 0, 0.2),
      y: Float64Array.of(0, 0, 1, 0.2),
      z: Float64Array.of(1, 2, 3, 4),
    };
    expect(makeSurface(points, [0.5])?.hull).toHaveLength(3);
  });
});

describe("the importance of params", () => {
  it("is that of the params that the metric was made of", () => {
    const random = randomNumbers(5);
    const [a, b, c] = [0, 1, 2].map(() => Float64Array.from({ length: 300 }, random)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const metric = numbers(
      "m",
      a.map((value, run) => 3 * value + (b[run] ?? 0)),
    );
    const frame = frameOf([numbers("a", a, "param"), numbers("b", b, "param"), numbers("c", c, "param"), metric]);
    const { weights, explained } = weighParams(frame, metric, null);
    expect(weights.map(({ column }) => column.key)).toEqual(["a", "b", "c"]);
    expect(weights[0]?.importance).toBeGreaterThan(0.6);
    expect(weights[0]?.correlation).toBeGreaterThan(0.8);
    expect(weights[2]?.importance).toBeLessThan(0.05);
    expect(explained).toBeGreaterThan(0.7);
  });

  it("is nothing where the metric is noise, also with 500 texts", () => {
    const random = randomNumbers(9);
    const metric = numbers("m", Float64Array.from({ length: 1000 }, random));
    const frame = frameOf([
      texts(
        "name",
        Array.from({ length: 1000 }, (_, run) => `t${(run * 7) % 500}`),
      ),
      metric,
    ]);
    expect(weighParams(frame, metric, null).explained).toBeLessThan(0.05);
  });

  it("is the same each time", () => {
    const frame = sweep(60);
    const metric = frame.columns.find(({ key }) => key === "val_loss");
    if (metric?.type !== "number") throw new Error("The sweep has a loss.");
    expect(weighParams(frame, metric, null)).toEqual(weighParams(frame, metric, null));
  });
});

describe("colours", () => {
  const strength = ([red, green, blue]: readonly [number, number, number]) => red + green + blue;

  it("are strongest where values are best", () => {
    expect(strength(numberColour(0, "smaller", false))).toBeLessThan(strength(numberColour(1, "smaller", false)));
    expect(strength(numberColour(1, "larger", false))).toBeLessThan(strength(numberColour(0, "larger", false)));
    expect(strength(numberColour(0, "smaller", true))).toBeGreaterThan(strength(numberColour(1, "smaller", true)));
  });

  it("are read from the page however it writes them", () => {
    expect(parseColour("rgb(1, 2, 3)")).toEqual([1, 2, 3]);
    expect(parseColour("color(srgb 1 0.5 0 / 0.4)")).toEqual([255, 127.5, 0]);
    expect(parseColour("")).toBeNull();
  });
});

describe("texts in pictures", () => {
  it("are cut in their middle to the room that there is", () => {
    const cut = fitText("learning_rate_of_the_generator", 11, 80);
    expect(cut).toMatch(/^learn.*….*r$/);
    expect(textWidth(cut, 11)).toBeLessThanOrEqual(80);
  });

  it("are never markup", () => {
    expect(toMarkup(svg("text", { "data-x": '"><script>' }, "<b>&\u0000"))).toBe(
      '<text data-x="&quot;&gt;&lt;script&gt;">&lt;b&gt;&amp;\ufffd</text>',
    );
  });
});

describe("the main metric", () => {
  const time = numbers("fit_time", [1, 2]);
  const frame = frameOf([
    numbers("lr", [1, 2], "param"),
    numbers("auc", [1, 2], "metric", "larger"),
    numbers("loss", [1, 2], "metric", "smaller"),
    time,
  ]);

  it("is the one that was asked for, else the last whose better side is known, else the last", () => {
    expect(mainMetric({ ...frame, main: "metrics.fit_time" })?.key).toBe("fit_time");
    expect(mainMetric({ ...frame, main: "metrics.gone" })?.key).toBe("loss");
    expect(mainMetric(frameOf([numbers("size", [1, 2]), time]))?.key).toBe("fit_time");
    expect(mainMetric(frameOf([]))).toBeUndefined();
  });
});
