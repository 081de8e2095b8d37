import { describe, expect, it } from "vitest";
import { inBatches, nextSize } from "../src/widget/batches";

describe("many runs", () => {
  const ids = Array.from({ length: 120 }, (_, index) => `r${index}`);

  it("are asked for in parts, and what is left when one is not answered is known", async () => {
    const parts: number[] = [];
    const ask = async (part: string[]) => {
      parts.push(part.length);
      if (parts.length === 2) throw new Error("gone");
      return { done: part, refused: [] };
    };
    const { outcomes, fault, unanswered } = await inBatches(ids, ask);
    expect([outcomes.length, unanswered.length, fault === null]).toEqual([1, 70, false]);
  });

  it.each([
    [50, 1000, 50],
    [50, 2500, 20],
    [50, 0, 1000],
    [50, 60_000, 16],
  ])("%d in %d ms: %d next", (size, took, next) => {
    expect(nextSize(size, took)).toBe(next);
  });
});
