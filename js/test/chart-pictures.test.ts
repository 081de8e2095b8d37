/** R10.2: every chart as a picture, kept beside the tests: what changes in one shows in the difference of its file. */

import { describe, expect, it } from "vitest";
import type { ChartInput, Frame } from "../src/widget/charts";
import { drawBars } from "../src/widget/charts/bars";
import { drawContour } from "../src/widget/charts/contour";
import { drawCurves } from "../src/widget/charts/curves/chart";
import { drawImportance } from "../src/widget/charts/importance/chart";
import { drawParallel } from "../src/widget/charts/parallel/chart";
import { type Picture, pictureFile, type Room } from "../src/widget/charts/picture";
import { drawScatter } from "../src/widget/charts/scatter";
import { DARK, LIGHT } from "../src/widget/charts/theme";
import { words } from "../src/widget/charts/words";
import { bad, curvesOf, frameOf, numbers, sweep } from "./charts/sweep";

const room: Room = { width: 600, theme: LIGHT };
const input = <Options>(frame: Frame, options: Options): ChartInput<Options> => ({
  frame,
  options,
  shown: null,
  selected: null,
  hovered: null,
});

const scatterOptions = { x: null, y: null, colour: null };
const contourOptions = { x: null, y: null, z: null };
const curvesOptions = { metric: null, across: "step" as const, smoothing: 0.6, group: null };

const charts: Record<string, (frame: Frame, where: Room) => Picture> = {
  parallel: (frame, where) => drawParallel(input(frame, { axes: null, colour: null }), where),
  scatter: (frame, where) => drawScatter(input(frame, scatterOptions), where),
  contour: (frame, where) => drawContour(input(frame, contourOptions), where),
  curves: (frame, where) => drawCurves(input(frame, curvesOptions), where),
  bars: (frame, where) => drawBars(input(frame, { metric: null }), where),
  importance: (frame, where) => drawImportance(input(frame, { metric: null }), where),
};

const runs = sweep(24);

describe.each(Object.entries(charts))("a picture of %s", (name, draw) => {
  it("is as it was", async () => {
    const frame = name === "curves" ? { ...runs, curves: curvesOf(4, 40) } : runs;
    const file = pictureFile(draw(frame, room), LIGHT.background);
    await expect(`${file}\n`).toMatchFileSnapshot(`charts/pictures/${name}.svg`);
  });

  it("is drawn in the colours of a dark page, narrow and wide", () => {
    for (const width of [160, 400, 1400]) {
      const picture = draw(runs, { width, theme: DARK });
      expect(picture.width).toBe(width);
      expect(pictureFile(picture, DARK.background)).toContain("rgb(17,17,17)");
    }
  });

  it.each(Object.keys(bad))("bears %s", (which) => {
    const frame = bad[which] as Frame;
    const file = pictureFile(draw(frame, room), LIGHT.background);
    expect(file).not.toMatch(/NaN(?!<|,| |\))|Infinity|undefined|e\+|="[^"]*NaN/);
    const parsed = new DOMParser().parseFromString(file, "image/svg+xml");
    expect(parsed.querySelector("parsererror, script, img, b")).toBeNull();
    expect(parsed.documentElement.getAttribute("width")).toBe("600");
  });
});

describe("pictures of bad runs", () => {
  const textsOf = (picture: Picture) =>
    [
      ...new DOMParser()
        .parseFromString(pictureFile(picture, LIGHT.background), "image/svg+xml")
        .querySelectorAll("text"),
    ].map((node) => node.textContent ?? "");
  const parallel = (which: string) => charts.parallel?.(bad[which] as Frame, room) as Picture;

  it("have a place for NaN, for both infinities and for what was not logged", () => {
    expect(textsOf(parallel("infinities"))).toEqual(expect.arrayContaining(["∞", "−∞", "NaN", "none"]));
  });

  it("say in words that there is nothing to draw", () => {
    expect(textsOf(parallel("one run"))).toEqual(["These runs have nothing that differs."]);
    expect(charts.bars?.(bad["all NaN"] as Frame, room).title).toContain("No run has a number for loss.");
    expect(charts.contour?.(bad["one run"] as Frame, room).notes[0]).toContain("Too few runs");
  });

  it("list the axes that are the same in all runs instead of drawing them", () => {
    expect(parallel("one run").notes[0]).toContain("n_estimators");
    expect(charts.parallel?.(runs, room).notes).toEqual(["The same in all runs: n_estimators"]);
  });

  it("label only as many of 500 texts as there is room for", () => {
    const labels = textsOf(parallel("500 texts")).filter((text) => text.startsWith("dataset-"));
    expect(labels.length).toBeGreaterThan(10);
    expect(labels.length).toBeLessThan(25);
  });

  it("take a logarithmic scale from 1e-300 to 1e300, and a linear one where values are negative", () => {
    const titles = textsOf(parallel("huge and tiny"));
    expect(titles).toContain("spread · log");
    expect(titles).toContain("signed");
    expect(titles).toContain("1000.0002");
  });

  it("are made, as contours, of the params that most runs have", () => {
    const three = [numbers("rare", [1, null, null, 2], "param"), numbers("p", [1, 2, 1, 2], "param")];
    const frame = frameOf([...three, numbers("q", [1, 1, 2, 2], "param"), numbers("loss", [1, 2, 3, 4])]);
    expect(charts.contour?.(frame, room).title).toBe(words.contourTitle("loss", "p", "q"));
  });

  it("warn where runs are too few to tell what matters", () => {
    expect(charts.importance?.(runs, room).notes[0]).toBe("Only 23 runs: too few to trust. Take this as a hint.");
    expect(charts.importance?.(sweep(200), room).notes[0]).not.toContain("Only");
  });
});
