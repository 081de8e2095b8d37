/** A small curve: where its lines and its end go. */

export interface Sparkline {
  /** SVG path data; one part for each stretch without gaps. */
  path: string;
  /** Position of the last point that can be drawn, or null. */
  end: { x: number; y: number } | null;
  low: number;
  high: number;
}

/** Places of the points in a box of `width` by `height`, with room for the line's thickness; NaN where there is none. */
export interface Places {
  x: Float64Array;
  y: Float64Array;
}

const MARGIN = 2;

/**
 * Draws values over steps. Points that are not finite leave gaps. Steps that are all the same say nothing, so the
 * points are then spread evenly.
 */
export function drawSparkline(steps: ArrayLike<number>, values: ArrayLike<number>, width: number, height: number) {
  const places = placePoints(steps, values, width, height);
  const [low, high] = finiteRange(values);
  return { path: joinPoints(places), end: lastPoint(places), low, high } satisfies Sparkline;
}

export function placePoints(
  steps: ArrayLike<number>,
  values: ArrayLike<number>,
  width: number,
  height: number,
): Places {
  const [first, last] = finiteRange(steps);
  const across = last > first ? steps : Float64Array.from({ length: steps.length }, (_, index) => index);
  return {
    x: scale(across, MARGIN, width - MARGIN),
    y: scale(values, height - MARGIN, MARGIN),
  };
}

/** The point nearest to `x`, or -1. */
export function nearestPoint({ x: places, y }: Places, x: number): number {
  let nearest = -1;
  for (let index = 0; index < places.length; index++) {
    if (Number.isNaN(y[index])) continue;
    if (nearest < 0 || distance(places, index, x) < distance(places, nearest, x)) nearest = index;
  }
  return nearest;
}

const distance = (places: Float64Array, index: number, x: number) => Math.abs((places[index] ?? Number.NaN) - x);

function scale(values: ArrayLike<number>, from: number, to: number): Float64Array {
  const [low, high] = finiteRange(values);
  const factor = high > low ? (to - from) / (high - low) : 0;
  const start = high > low ? from : (from + to) / 2;
  return Float64Array.from(values, (value) => (Number.isFinite(value) ? start + (value - low) * factor : Number.NaN));
}

function finiteRange(values: ArrayLike<number>): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of Array.from(values)) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

function joinPoints({ x, y }: Places): string {
  let path = "";
  let isDrawing = false;
  x.forEach((across, index) => {
    const down = y[index] ?? Number.NaN;
    const isPoint = !Number.isNaN(across) && !Number.isNaN(down);
    if (isPoint) path += `${isDrawing ? "L" : "M"}${round(across)} ${round(down)}`;
    isDrawing = isPoint;
  });
  return path;
}

const round = (value: number) => Math.round(value * 10) / 10;

function lastPoint({ x, y }: Places): Sparkline["end"] {
  for (let index = y.length - 1; index >= 0; index--) {
    const [across, down] = [x[index], y[index]];
    if (across !== undefined && down !== undefined && !Number.isNaN(down)) return { x: round(across), y: round(down) };
  }
  return null;
}
