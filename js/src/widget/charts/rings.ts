/** Where a grid of heights is at least as high as a threshold: closed rings, found by marching squares. */

/** Heights by rows. */
export interface Grid {
  columns: number;
  rows: number;
  heights: Float64Array;
}

export type Ring = [number, number][];

/**
 * Rings around all parts that are high, and inside of them around parts that are not. Places are those of the grid's
 * cells, whose middles have the heights: 0 is the left side of the first cell. What lies outside of the grid is low.
 */
export function ringsOf(grid: Grid, threshold: number): Ring[] {
  const next = sidesOf(grid, threshold);
  const rings: Ring[] = [];
  for (let start = 0; start < next.length; start++) {
    const ring: Ring = [];
    for (let side = start; next[side] !== NOWHERE; ) {
      ring.push(crossing(grid, threshold, side));
      const after = next[side] as number;
      next[side] = NOWHERE;
      side = after;
    }
    if (ring.length > 0) rings.push(ring);
  }
  return rings;
}

const NOWHERE = -1;
/** A ring that leaves the grid follows its edge, which lies between the middle of a cell and what is outside. */
const AT_THE_EDGE = 0.5;
const [TOP, RIGHT, BOTTOM, LEFT] = [0, 1, 2, 3];

/**
 * For four neighbours, of which those that are high are counted 1, 2, 4 and 8 from the upper left one clockwise: the sides
 * of their square that a ring enters and leaves by, with what is high on its left.
 */
const LINES: readonly (readonly [number, number])[][] = [
  [],
  [[LEFT, TOP]],
  [[TOP, RIGHT]],
  [[LEFT, RIGHT]],
  [[RIGHT, BOTTOM]],
  [
    [LEFT, TOP],
    [RIGHT, BOTTOM],
  ],
  [[TOP, BOTTOM]],
  [[LEFT, BOTTOM]],
  [[BOTTOM, LEFT]],
  [[BOTTOM, TOP]],
  [
    [TOP, RIGHT],
    [BOTTOM, LEFT],
  ],
  [[BOTTOM, RIGHT]],
  [[RIGHT, LEFT]],
  [[RIGHT, TOP]],
  [[TOP, LEFT]],
  [],
];

/** For each side of a square between neighbours the next one that a ring crosses. */
function sidesOf(grid: Grid, threshold: number): Int32Array {
  const { columns, rows } = grid;
  const width = columns + 2;
  const next = new Int32Array(2 * width * (rows + 2)).fill(NOWHERE);
  const isHigh = (column: number, row: number) => Number(heightAt(grid, column, row) >= threshold);
  for (let row = -1; row < rows; row++) {
    for (let column = -1; column < columns; column++) {
      const [upper, lower] = [
        isHigh(column, row) + 2 * isHigh(column + 1, row),
        4 * isHigh(column + 1, row + 1) + 8 * isHigh(column, row + 1),
      ];
      const at = 2 * ((row + 1) * width + column + 1);
      const sides = [at, at + 3, at + 2 * width, at + 1];
      for (const [from, to] of LINES[upper + lower] ?? []) next[sides[from] as number] = sides[to] as number;
    }
  }
  return next;
}

const heightAt = ({ columns, rows, heights }: Grid, column: number, row: number): number =>
  column < 0 || row < 0 || column >= columns || row >= rows
    ? Number.NEGATIVE_INFINITY
    : (heights[row * columns + column] as number);

/** Where the surface has the height of the threshold, between the middles of two cells beside or below each other. */
function crossing(grid: Grid, threshold: number, side: number): [number, number] {
  const cell = side >> 1;
  const [column, row] = [(cell % (grid.columns + 2)) - 1, Math.floor(cell / (grid.columns + 2)) - 1];
  const [across, down] = side % 2 === 0 ? [1, 0] : [0, 1];
  const from = heightAt(grid, column, row);
  const to = heightAt(grid, column + across, row + down);
  const at = Number.isFinite(from) && Number.isFinite(to) ? (threshold - from) / (to - from) : AT_THE_EDGE;
  return [column + 0.5 + at * across, row + 0.5 + at * down];
}
