/** Spearman's rank correlation. */

import { mean } from "./forest";

/** From -1 to 1; NaN where one of both is constant. */
export function rankCorrelation(one: ArrayLike<number>, other: ArrayLike<number>): number {
  const [a, b] = [ranksOf(one), ranksOf(other)];
  const [meanA, meanB] = [mean(a), mean(b)];
  let [both, squareA, squareB] = [0, 0, 0];
  a.forEach((rank, at) => {
    const [x, y] = [rank - meanA, (b[at] ?? 0) - meanB];
    both += x * y;
    squareA += x * x;
    squareB += y * y;
  });
  return both / Math.sqrt(squareA * squareB);
}

/** Equal values share the mean of their ranks. */
function ranksOf(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, at) => at).sort(
    (a, b) => (values[a] ?? 0) - (values[b] ?? 0),
  );
  const ranks = new Float64Array(values.length);
  let start = 0;
  for (let at = 1; at <= order.length; at++) {
    if (at < order.length && values[order[at] ?? 0] === values[order[start] ?? 0]) continue;
    for (const same of order.slice(start, at)) ranks[same] = (start + at - 1) / 2;
    start = at;
  }
  return ranks;
}
