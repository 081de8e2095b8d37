/**
 * What people choose in each chart. All of it is plain JSON, so that it can be kept in a saved notebook. Columns are
 * named by their ids; one that the frame does not have is left out, and what is null is chosen by the chart.
 */

/** `auto` is logarithmic where all values are positive and spread over more than two powers of ten. */
export type ScaleKind = "auto" | "linear" | "log";

/** Where values stand that the scale has no place for; `nonpositive` are those that have no logarithm. */
export type Lane = "missing" | "nan" | "nonpositive" | "-inf" | "inf";

/** Which runs an axis lets pass: those in the range, with one of the texts, or in one of the lanes. */
export interface Brush {
  /** Both ends count. */
  range?: readonly [number, number];
  texts?: readonly string[];
  lanes?: readonly Lane[];
}

export interface AxisOptions {
  column: string;
  scale?: ScaleKind;
  isInverted?: boolean;
  brush?: Brush | null;
}

export interface ParallelOptions {
  /** From left to right; null takes params that differ and then metrics, at most `MAX_AXES`. */
  axes: readonly AxisOptions[] | null;
  /** The column that colours the runs; null takes the main metric. */
  colour: string | null;
  /** CSS pixels; null is 320. */
  height?: number | null;
}

export interface ScatterOptions {
  x: string | null;
  y: string | null;
  colour: string | null;
  xScale?: ScaleKind;
  yScale?: ScaleKind;
  height?: number | null;
}

export interface ContourOptions {
  x: string | null;
  y: string | null;
  z: string | null;
  xScale?: ScaleKind;
  yScale?: ScaleKind;
  zScale?: ScaleKind;
  height?: number | null;
}

export type Across = "step" | "time" | "relative";

export interface CurvesOptions {
  /** The metric's key; null takes the main metric, or one that most runs have. */
  metric: string | null;
  across: Across;
  xScale?: ScaleKind;
  yScale?: ScaleKind;
  /** 0 is none, up to (not including) 1: how much of the smoothed value so far goes into the next. */
  smoothing: number;
  /** A column whose equal values make one group, drawn as its mean and the band of its spread. */
  group: string | null;
  /** What is seen after zooming, in the axes' values (relative time in ms); null is everything. */
  zoom?: { x: readonly [number, number]; y: readonly [number, number] } | null;
  height?: number | null;
}

export interface BarsOptions {
  /** A column of numbers; null takes the main metric. */
  metric: string | null;
  scale?: ScaleKind;
  height?: number | null;
}

export interface ImportanceOptions {
  /** The metric that params are weighed for; null takes the main one. */
  metric: string | null;
  height?: number | null;
}
