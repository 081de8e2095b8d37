/** The charts of a comparison: how each is made, and what it begins with. */

import {
  type CreateChart,
  createBars,
  createContour,
  createCurves,
  createImportance,
  createParallel,
  createScatter,
} from "../charts";
import type { ChartName } from "../compare-protocol";

export type ChartKind = Exclude<ChartName, "table">;

/** What people chose in a chart. Each chart knows its own options; here they are kept and handed on. */
export type Options = Record<string, unknown>;

export interface ChartEntry {
  create: CreateChart<Options>;
  initial: Options;
}

const entry = <O extends object>(create: CreateChart<O>, initial: O): ChartEntry => ({
  create: create as unknown as CreateChart<Options>,
  initial: initial as unknown as Options,
});

export const CHARTS: Record<ChartKind, ChartEntry> = {
  parallel: entry(createParallel, { axes: null, colour: null }),
  curves: entry(createCurves, { metric: null, across: "step", smoothing: 0, group: null }),
  scatter: entry(createScatter, { x: null, y: null, colour: null }),
  contour: entry(createContour, { x: null, y: null, z: null }),
  bars: entry(createBars, { metric: null }),
  importance: entry(createImportance, { metric: null }),
};
