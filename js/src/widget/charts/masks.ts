/** Sets of runs. */

import type { RunMask } from "./frame";

/** The places of the runs in a set; null holds all. */
export function runsIn(mask: RunMask | null, total: number): number[] {
  const runs: number[] = [];
  for (let run = 0; run < total; run++) if (mask?.[run] !== 0) runs.push(run);
  return runs;
}

/** The runs that are in both. */
export function intersect(one: RunMask, other: RunMask | null): RunMask {
  return other === null ? one : one.map((isIn, run) => isIn & (other[run] ?? 0));
}

/** A set of some of all runs. */
export function maskOf(runs: Iterable<number>, total: number): RunMask {
  const mask = new Uint8Array(total);
  for (const run of runs) mask[run] = 1;
  return mask;
}
