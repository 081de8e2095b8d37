/** The line nearest to the pointer. */

import type { RunMask } from "../frame";
import type { Axis, Layout } from "./layout";

const REACH = 12;

/**
 * The run whose line is nearest to a place of the picture, -1 if none is near. Looks through the lines of one gap
 * alone: a fifth of a millisecond for 100,000 runs.
 */
export function nearestLine(layout: Layout, passing: RunMask | null, x: number, y: number): number {
  const { axes, top, height } = layout;
  if (y < top || y > top + height) return -1;
  const right = axes.findIndex((axis) => axis.x >= x);
  const [from, to] = [axes[Math.max(0, right - 1)], axes[right < 0 ? axes.length - 1 : right]];
  if (from === undefined || to === undefined) return -1;
  return searchGap(from, to, x, y - top, passing);
}

function searchGap(from: Axis, to: Axis, x: number, y: number, passing: RunMask | null): number {
  const width = Math.max(1, to.x - from.x);
  const part = Math.min(Math.max((x - from.x) / width, 0), 1);
  const square = width * width;
  let best = -1;
  let nearest = REACH * REACH;
  for (let run = 0; run < from.y.length; run++) {
    const start = from.y[run] as number;
    const rise = (to.y[run] as number) - start;
    const down = start + rise * part - y;
    const straight = (down * down * square) / (square + rise * rise);
    if (straight >= nearest || passing?.[run] === 0) continue;
    best = run;
    nearest = straight;
  }
  return best;
}
