import { describe, expect, it } from "vitest";
import { Layout, nextWindow } from "../src/widget/layout";

describe("a layout", () => {
  const layout = new Layout(
    100_000,
    50,
    new Map([
      [7, 300],
      [2, 100],
      [200_000, 9],
    ]),
  );

  it("puts lines below each other, higher ones included", () => {
    expect([0, 2, 3, 7, 8].map((line) => layout.top(line))).toEqual([0, 100, 250, 450, 800]);
    expect(layout.total).toBe(100_000 * 50 + 400);
  });

  it("finds the line at any place", () => {
    for (let line = 0; line < 50; line += 1) {
      expect(layout.lineAt(layout.top(line))).toBe(line);
      expect(layout.lineAt(layout.top(line + 1) - 1)).toBe(line);
    }
    expect([layout.lineAt(-5), layout.lineAt(1e9)]).toEqual([0, 99_999]);
  });

  it("shows what touches the view", () => {
    expect(layout.range(60, 100)).toEqual([1, 3]);
    expect(new Layout(0, 50).range(0, 500)).toEqual([0, 0]);
  });
});

describe("the window", () => {
  it("stays while it holds what is in sight with some room, and surrounds it otherwise", () => {
    expect(nextWindow([0, 10], { offset: 0, limit: 60 }, 1000)).toBeNull();
    expect(nextWindow([50, 60], { offset: 0, limit: 60 }, 1000)).toEqual({ offset: 30, limit: 60 });
    expect(nextWindow([90, 100], { offset: 70, limit: 30 }, 100)).toBeNull();
    expect(nextWindow([5, 905], { offset: 0, limit: 60 }, 5000)?.limit).toBe(1000);
  });
});
