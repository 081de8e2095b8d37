import { describe, expect, it } from "vitest";
import { drawSparkline, nearestPoint, placePoints } from "../src/widget/charts/sparkline";

const draw = (steps: number[], values: number[]) => drawSparkline(steps, values, 100, 24);

describe("a small curve", () => {
  it("fills its box from the first to the last step and from the lowest to the highest value", () => {
    expect(draw([0, 10, 20], [1, 3, 2])).toEqual({ path: "M2 22L50 2L98 12", end: { x: 98, y: 12 }, low: 1, high: 3 });
  });

  it("has gaps where a value is not finite", () => {
    const { path, low, high } = draw([0, 1, 2, 3, 4], [1, Number.NaN, 2, Number.POSITIVE_INFINITY, 3]);
    expect(path.match(/M/g)).toHaveLength(3);
    expect(path).not.toMatch(/NaN|Infinity/);
    expect([low, high]).toEqual([1, 3]);
  });

  it("is level where all values are the same", () => {
    expect(draw([0, 1], [5, 5]).path).toBe("M2 12L98 12");
  });

  it("spreads points evenly where all steps are the same", () => {
    expect(draw([0, 0, 0], [1, 2, 3]).path).toBe("M2 22L50 12L98 2");
  });

  it("ends at the last value that can be drawn", () => {
    expect(draw([0, 1, 2], [1, 2, Number.NaN]).end).toEqual({ x: 50, y: 2 });
  });

  it("is empty where nothing can be drawn", () => {
    expect(draw([0, 1], [Number.NaN, Number.NaN])).toMatchObject({ path: "", end: null });
    expect(draw([], [])).toMatchObject({ path: "", end: null });
  });
});

it("the point nearest to the pointer is never a gap", () => {
  const places = placePoints([0, 1, 2], [1, Number.NaN, 3], 100, 24);
  expect([0, 40, 60, 100].map((x) => nearestPoint(places, x))).toEqual([0, 0, 2, 2]);
  expect(nearestPoint(placePoints([0], [Number.NaN], 100, 24), 3)).toBe(-1);
});
