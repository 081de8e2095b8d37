/** The same request for many runs, in parts that each take about a second: the kernel stays free and none times out. */

import type { RunsOutcome } from "./protocol";

const FIRST = 50;
/** Fewer at a time are slower where each part takes its time, however small it is. */
const SMALLEST = 16;
const LARGEST = 1000;
const PART_MS = 1000;
const QUICKEST_MS = 20;

/** What came of the parts; `fault` is why the rest was not answered, or null. */
export interface Batches<O extends RunsOutcome> {
  outcomes: O[];
  fault: { error: unknown } | null;
  /** Runs of which nothing is known, because their part was not answered or not asked for. */
  unanswered: string[];
}

export async function inBatches<O extends RunsOutcome>(
  runIds: readonly string[],
  ask: (part: string[]) => Promise<O>,
  onProgress: (done: number) => void = () => undefined,
): Promise<Batches<O>> {
  const outcomes: O[] = [];
  let [start, size] = [0, FIRST];
  while (start < runIds.length) {
    const began = Date.now();
    try {
      outcomes.push(await ask(runIds.slice(start, start + size)));
    } catch (error) {
      return { outcomes, fault: { error }, unanswered: runIds.slice(start) };
    }
    start += size;
    if (start < runIds.length) onProgress(start);
    size = nextSize(size, Date.now() - began);
  }
  return { outcomes, fault: null, unanswered: [] };
}

/** How many runs to ask for next, given what the last part took. */
export const nextSize = (size: number, took_ms: number): number =>
  Math.max(SMALLEST, Math.min(LARGEST, Math.round((size * PART_MS) / Math.max(took_ms, QUICKEST_MS))));
