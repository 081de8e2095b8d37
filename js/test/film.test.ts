/** Many lines counted into pixels: whatever was brushed before, the picture is that of the runs that are in it now. */

import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ChartInput, ParallelOptions, RunMask } from "../src/widget/charts";
import { colourRuns } from "../src/widget/charts/palette";
import { ParallelDesign } from "../src/widget/charts/parallel/chart";
import { Film } from "../src/widget/charts/parallel/film";
import { LIGHT } from "../src/widget/charts/theme";
import { randomNumbers, sweep } from "./charts/sweep";

class Image {
  readonly data: Uint8ClampedArray;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.data = new Uint8ClampedArray(width * height * 4);
    images.push(this);
  }
}

let images: Image[] = [];
const context = { getTransform: () => ({ a: 1 }), drawImage: () => undefined } as unknown as CanvasRenderingContext2D;

beforeEach(() => {
  images = [];
  vi.stubGlobal("ImageData", Image);
});
afterEach(() => vi.unstubAllGlobals());

function makeFilm(total: number): Film {
  const frame = sweep(total);
  const options: ParallelOptions = { axes: null, colour: null };
  const input: ChartInput<ParallelOptions> = { frame, options, shown: null, selected: null, hovered: null };
  const design = new ParallelDesign();
  design.draw(input, { width: 400, theme: LIGHT });
  if (design.layout === null) throw new Error("A sweep has axes.");
  const colouring = colourRuns(frame, "metrics.val_loss", null, false, LIGHT.accent);
  return new Film({ layout: design.layout, colouring, shown: null, theme: LIGHT, total });
}

/** The hash of what a film shows after it painted these sets of runs, one after the other. */
function shownAfter(total: number, masks: readonly RunMask[]): string {
  const film = makeFilm(total);
  for (const mask of masks) film.paint(context, mask);
  return hash(images.at(-1)?.data ?? new Uint8ClampedArray());
}

const hash = (data: Uint8ClampedArray) => createHash("sha1").update(data).digest("hex");

describe.each([
  ["line by line", 400],
  ["by pairs of places", 6000],
])("runs counted %s", (_, total) => {
  const random = randomNumbers(11);
  const mask = (part: number) => Uint8Array.from({ length: total }, () => Number(random() < part));
  const [some, few, many] = [mask(0.5), mask(0.05), mask(0.9)];

  it("look after brushes as if they were drawn anew", () => {
    const anew = shownAfter(total, [some]);
    expect(shownAfter(total, [many, few, some])).toBe(anew);
    expect(shownAfter(total, [few])).not.toBe(anew);
  });

  it("are gone when none is left", () => {
    expect(shownAfter(total, [some])).not.toBe(hash(new Uint8ClampedArray(images[0]?.data.length ?? 0)));
    expect(shownAfter(total, [some, mask(0)])).toBe(hash(new Uint8ClampedArray(images[0]?.data.length ?? 0)));
  });
});
