/**
 * A forest of small regression trees, only as much of one as it takes to say which params a metric depends on.
 *
 * Values are cut into at most `BINS` equally full bins, each tree sees a sample of the rows drawn with replacement, and
 * each split a part of the params. What a param is worth is measured on the rows that a tree has not seen: by how much
 * its error grows when that param is shuffled among them. The same rows always give the same answer.
 */

/** One byte for each row: the bin of its value. */
export type Bins = Uint8Array;

export interface Explained {
  /**
   * For each param the part of the metric's variance that comes from it, alone or together with others: half of what
   * shuffling it adds to the squared error, which is Sobol's total index. Never below 0.
   */
  importance: number[];
  /** The part of the variance that the forest explains of rows it has not seen; below 0 where it is worse than the mean. */
  explained: number;
}

const BINS = 16;
const TREES = 48;
const DEPTH = 6;
const LEAF = 3;

interface Leaf {
  value: number;
}

interface Split {
  param: number;
  /** Bins up to this one go to the left. */
  bin: number;
  left: Tree;
  right: Tree;
}

type Tree = Leaf | Split;

/** Cuts numbers into equally full bins; equal numbers share one. */
export function binNumbers(values: Float64Array): Bins {
  const sorted = values.slice().sort();
  const edges = Array.from(
    { length: BINS - 1 },
    (_, edge) => sorted[Math.floor(((edge + 1) * sorted.length) / BINS)] ?? 0,
  );
  const inner = [...new Set(edges)].filter((edge) => edge > (sorted[0] ?? 0));
  return Uint8Array.from(values, (value) => inner.filter((edge) => value >= edge).length);
}

export function explain(params: readonly Bins[], metric: Float64Array): Explained {
  const random = makeRandom();
  const variance = meanSquare(metric, mean(metric));
  const lost = params.map(() => 0);
  let [error, unseenRows] = [0, 0];
  for (let number = 0; number < TREES; number++) {
    const drawn = Int32Array.from(metric, () => Math.floor(random() * metric.length));
    const tree = grow(params, metric, drawn, DEPTH, random);
    const unseen = rowsBut(drawn, metric.length);
    const own = errorOf(tree, params, metric, unseen);
    error += own;
    unseenRows += unseen.length;
    params.forEach((_, param) => {
      lost[param] = (lost[param] ?? 0) + errorOf(tree, shuffled(params, param, unseen, random), metric, unseen) - own;
    });
  }
  const whole = Math.max(unseenRows * variance, Number.MIN_VALUE);
  return { importance: lost.map((sum) => Math.max(0, sum / whole / 2)), explained: 1 - error / whole };
}

function grow(
  params: readonly Bins[],
  metric: Float64Array,
  rows: Int32Array,
  depth: number,
  random: () => number,
): Tree {
  const split = depth > 0 && rows.length >= 2 * LEAF ? bestSplit(params, metric, rows, random) : null;
  if (split === null) return { value: rows.reduce((sum, row) => sum + (metric[row] as number), 0) / rows.length };
  const column = params[split.param] as Bins;
  const side = (isLeft: boolean) => {
    const own = rows.filter((row) => (column[row] as number) <= split.bin === isLeft);
    return grow(params, metric, own, depth - 1, random);
  };
  return { ...split, left: side(true), right: side(false) };
}

interface Choice {
  param: number;
  bin: number;
  gain: number;
}

/** The split that leaves the least variance, among half of the params. */
function bestSplit(
  params: readonly Bins[],
  metric: Float64Array,
  rows: Int32Array,
  random: () => number,
): Choice | null {
  let best: Choice | null = null;
  const isTried = params.map(() => random() < 0.5);
  params.forEach((column, param) => {
    if (isTried[param] === false && isTried.includes(true)) return;
    const found = bestCut(column, metric, rows);
    if (found !== null && found.gain > (best?.gain ?? 0)) best = { param, ...found };
  });
  return best;
}

/** Where to cut one param; the gain is how much of the squared error goes away. */
function bestCut(column: Bins, metric: Float64Array, rows: Int32Array): Omit<Choice, "param"> | null {
  const [sums, counts] = [new Float64Array(BINS), new Int32Array(BINS)];
  let total = 0;
  for (const row of rows) {
    const bin = column[row] as number;
    const value = metric[row] as number;
    sums[bin] = (sums[bin] as number) + value;
    counts[bin] = (counts[bin] as number) + 1;
    total += value;
  }
  let [left, count, best] = [0, 0, null as Omit<Choice, "param"> | null];
  for (let bin = 0; bin < BINS - 1; bin++) {
    left += sums[bin] as number;
    count += counts[bin] as number;
    const rest = rows.length - count;
    if (count < LEAF || rest < LEAF) continue;
    const gain = left ** 2 / count + (total - left) ** 2 / rest - total ** 2 / rows.length;
    if (gain > (best?.gain ?? 1e-12)) best = { bin, gain };
  }
  return best;
}

function predict(tree: Tree, params: readonly Bins[], row: number): number {
  let node = tree;
  while ("param" in node) node = ((params[node.param] as Bins)[row] as number) <= node.bin ? node.left : node.right;
  return node.value;
}

const errorOf = (tree: Tree, params: readonly Bins[], metric: Float64Array, rows: readonly number[]) =>
  rows.reduce((sum, row) => sum + ((metric[row] as number) - predict(tree, params, row)) ** 2, 0);

/** The params with one of them shuffled among some rows. */
function shuffled(params: readonly Bins[], param: number, rows: readonly number[], random: () => number): Bins[] {
  const column = (params[param] as Bins).slice();
  for (let at = rows.length - 1; at > 0; at--) {
    const [one, other] = [rows[at] as number, rows[Math.floor(random() * (at + 1))] as number];
    [column[one], column[other]] = [column[other] as number, column[one] as number];
  }
  return params.map((own, index) => (index === param ? column : own));
}

function rowsBut(drawn: Int32Array, total: number): number[] {
  const seen = new Set(drawn);
  return Array.from({ length: total }, (_, row) => row).filter((row) => !seen.has(row));
}

export const mean = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

const meanSquare = (values: Float64Array, from: number) => mean(values.map((value) => (value - from) ** 2));

/** Numbers from 0 to 1 that look random and are the same each time. */
function makeRandom(): () => number {
  let state = 0x2545f491;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
