/** A surface through scattered points: known at the points, straight between them, and nothing outside of their hull. */

import Delaunator from "delaunator";
import { type Ring, ringsOf } from "./rings";

/** Points with places from 0 to 1 on both axes. */
export interface Scattered {
  x: Float64Array;
  y: Float64Array;
  z: Float64Array;
}

export interface Surface {
  /** The corners of the smallest convex shape around all points. */
  hull: Ring;
  /** For each threshold the area where the surface is at least as high, in rings of places from 0 to 1. */
  areas: { threshold: number; rings: Ring[] }[];
}

const COLUMNS = 72;
const ROWS = 54;
/** More points than this are first put together: the mean of those that share one of `CELLS`² cells. */
const MANY = 1500;
const CELLS = 36;

/** Null where fewer than three points do not lie on a line. */
export function makeSurface(points: Scattered, thresholds: readonly number[]): Surface | null {
  const merged = mergePoints(points, points.x.length > MANY ? CELLS : 4096);
  const flat = Float64Array.from(
    { length: merged.x.length * 2 },
    (_, at) => (at % 2 === 0 ? merged.x : merged.y)[at >> 1] as number,
  );
  const mesh = new Delaunator(flat);
  if (mesh.triangles.length === 0 || isFlat(mesh)) return null;
  const grid = { columns: COLUMNS, rows: ROWS, heights: fillGrid(mesh, merged) };
  const hull = Array.from(mesh.hull, (at): [number, number] => [merged.x[at] as number, merged.y[at] as number]);
  const areas = thresholds.map((threshold) => ({ threshold, rings: ringsOf(grid, threshold).map(toPlaces) }));
  return { hull, areas };
}

/** Points that fall into one cell become their mean: several runs with the same params, or crowds. */
function mergePoints({ x, y, z }: Scattered, cells: number): Scattered {
  const sums = new Map<number, [number, number, number, number]>();
  x.forEach((across, at) => {
    const down = y[at] as number;
    const part = (place: number) => Math.min(Math.floor(place * cells), cells - 1);
    const cell = part(across) * cells + part(down);
    const sum = sums.get(cell) ?? [0, 0, 0, 0];
    sums.set(cell, [sum[0] + across, sum[1] + down, sum[2] + (z[at] as number), sum[3] + 1]);
  });
  const means = [...sums.values()];
  const mean = (part: 0 | 1 | 2) => Float64Array.from(means, (sum) => sum[part] / sum[3]);
  return { x: mean(0), y: mean(1), z: mean(2) };
}

type Mesh = Delaunator<Float64Array>;

/** Triangles of points on a line are smaller than this. */
const FLAT = 1e-6;

function isFlat({ coords, triangles }: Mesh): boolean {
  for (let at = 0; at < triangles.length; at += 3) {
    if (Math.abs(doubleArea(coords, triangles, at)) > FLAT) return false;
  }
  return true;
}

function doubleArea(points: ArrayLike<number>, triangles: ArrayLike<number>, at: number): number {
  const [ax, ay, bx, by, cx, cy] = cornersOf(points, triangles, at);
  return (bx - ax) * (cy - ay) - (cx - ax) * (by - ay);
}

type Corners = [number, number, number, number, number, number];

const cornersOf = (points: ArrayLike<number>, triangles: ArrayLike<number>, at: number) =>
  [0, 1, 2].flatMap((corner) => {
    const point = triangles[at + corner] as number;
    return [points[point * 2] as number, points[point * 2 + 1] as number];
  }) as Corners;

/** Heights at the middles of the grid's cells. Outside of the hull that of the nearest point, which the hull cuts off. */
function fillGrid(mesh: Mesh, points: Scattered): Float64Array {
  const grid = new Float64Array(COLUMNS * ROWS).fill(Number.NaN);
  for (let at = 0; at < mesh.triangles.length; at += 3) fillTriangle(grid, mesh, points.z, at);
  return grid.map((height, cell) => (Number.isNaN(height) ? nearestHeight(points, cell) : height));
}

function nearestHeight({ x, y, z }: Scattered, cell: number): number {
  const [across, down] = [((cell % COLUMNS) + 0.5) / COLUMNS, (Math.floor(cell / COLUMNS) + 0.5) / ROWS];
  let [height, nearest] = [0, Number.POSITIVE_INFINITY];
  for (let at = 0; at < z.length; at++) {
    const distance = ((x[at] as number) - across) ** 2 + ((y[at] as number) - down) ** 2;
    if (distance < nearest) [height, nearest] = [z[at] as number, distance];
  }
  return height;
}

function fillTriangle(grid: Float64Array, { coords: points, triangles }: Mesh, z: Float64Array, at: number): void {
  const [ax, ay, bx, by, cx, cy] = cornersOf(points, triangles, at);
  const area = doubleArea(points, triangles, at);
  if (area === 0) return;
  const [za, zb, zc] = [0, 1, 2].map((corner) => z[triangles[at + corner] as number] as number) as [
    number,
    number,
    number,
  ];
  eachCell([ax, bx, cx], [ay, by, cy], (cell, x, y) => {
    const b = ((x - ax) * (cy - ay) - (cx - ax) * (y - ay)) / area;
    const c = ((bx - ax) * (y - ay) - (x - ax) * (by - ay)) / area;
    if (b >= -1e-9 && c >= -1e-9 && b + c <= 1 + 1e-9) grid[cell] = za + b * (zb - za) + c * (zc - za);
  });
}

/** The cells whose middles lie in the box around some places. */
function eachCell(
  x: readonly number[],
  y: readonly number[],
  visit: (cell: number, x: number, y: number) => void,
): void {
  const range = (values: readonly number[], count: number) => [
    Math.max(0, Math.ceil(Math.min(...values) * count - 0.5)),
    Math.min(count - 1, Math.floor(Math.max(...values) * count - 0.5)),
  ];
  const [left = 0, right = 0] = range(x, COLUMNS);
  const [top = 0, bottom = 0] = range(y, ROWS);
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      visit(row * COLUMNS + column, (column + 0.5) / COLUMNS, (row + 0.5) / ROWS);
    }
  }
}

const toPlaces = (ring: Ring): Ring => ring.map(([x, y]) => [x / COLUMNS, y / ROWS]);
