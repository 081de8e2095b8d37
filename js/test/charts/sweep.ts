/** Runs as sweeps make them, the same each time, and runs that are bad in every way that charts must bear. */

import type { Column, Curve, Direction, Frame, NumberColumn, RunMask, TextColumn } from "../../src/widget/charts";

/** Numbers from 0 to 1 that look random and are the same in each run of the tests. */
export function randomNumbers(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function numbers(
  key: string,
  values: readonly (number | null)[] | Float64Array,
  kind: "metric" | "param" = "metric",
  direction: Direction | null = null,
): NumberColumn {
  const missing = Uint8Array.from(values, (value) => (value === null ? 1 : 0)) as RunMask;
  const filled = Float64Array.from(values, (value) => value ?? Number.NaN);
  const id = `${kind}s.${key}`;
  return { id, key, kind, type: "number", values: filled, missing: missing.includes(1) ? missing : null, direction };
}

export function texts(key: string, values: readonly (string | null)[]): TextColumn {
  const found = [...new Set(values.filter((value) => value !== null))];
  const codes = Int32Array.from(values, (value) => (value === null ? -1 : found.indexOf(value)));
  return { id: `params.${key}`, key, kind: "param", type: "text", codes, texts: found };
}

export function frameOf(columns: readonly Column[], curves: readonly Curve[] = [], names?: readonly string[]): Frame {
  const [first] = columns;
  const total = first === undefined ? 0 : first.type === "text" ? first.codes.length : first.values.length;
  const ids = Array.from({ length: total }, (_, run) => `run${run}`);
  return { runs: { ids, names: names ?? ids.map((_, run) => `brave-lark-${run}`) }, columns, curves };
}

const range = <Value>(count: number, make: (index: number) => Value) =>
  Array.from({ length: count }, (_, index) => make(index));

/** A sweep over gradient boosting: what matters most is the learning rate, then depth. */
export function sweep(total: number, seed = 7): Frame {
  const random = randomNumbers(seed);
  const rate = range(total, () => 10 ** (-4 + 3.7 * random()));
  const depth = range(total, () => 2 + Math.floor(random() * 11));
  const booster = range(total, () => ["gbtree", "dart", "gblinear"][Math.floor(random() * 3)] ?? "");
  const subsample = range(total, () => 0.5 + Math.floor(random() * 6) / 10);
  const l2 = range(total, () => (random() < 0.12 ? null : 10 ** (-6 + 7 * random())));
  const noise = () => (random() + random() + random() - 1.5) / 20;
  const loss = range(total, (run) => {
    const miss = Math.abs(Math.log10((rate[run] ?? 1) / 0.03));
    const value =
      0.21 +
      0.09 * miss ** 2 +
      0.006 * Math.abs((depth[run] ?? 0) - 7) +
      (booster[run] === "gblinear" ? 0.12 : 0) +
      noise();
    return random() < 0.02 ? Number.NaN : Math.max(0.15, value);
  });
  const accuracy = loss.map((value) => (Number.isNaN(value) ? null : Math.min(0.97, 0.99 - value * 0.45 + noise())));
  const seconds = range(total, (run) => 3 + (depth[run] ?? 0) * 4 * (1 + random()));
  return frameOf(
    [
      numbers("learning_rate", rate, "param"),
      numbers("max_depth", depth, "param"),
      texts("booster", booster),
      numbers("subsample", subsample, "param"),
      numbers("reg_lambda", l2, "param"),
      numbers(
        "n_estimators",
        range(total, () => 300),
        "param",
      ),
      numbers("fit_time", seconds),
      numbers("val_loss", loss, "metric", "smaller"),
      numbers("accuracy", accuracy, "metric", "larger"),
    ],
    curvesOf(Math.min(total, 20), 200, seed),
  );
}

/** Falling losses with noise; one in seven overfits. */
export function curvesOf(runs: number, points: number, seed = 3): Curve[] {
  const random = randomNumbers(seed);
  return range(runs, (run) => {
    const [speed, floor, rise] = [0.02 + random() * 0.05, 0.15 + random() * 0.2, run % 7 === 3 ? 0.0012 : 0];
    const scale = 200 / points;
    const values = Float64Array.from({ length: points }, (_, step) => {
      const at = step * scale;
      return floor + 1.6 * Math.exp(-speed * at) + rise * at + (random() - 0.5) * 0.06 * Math.exp(-at / 300);
    });
    const start = 1_700_000_000_000 + run * 45_000;
    return {
      run,
      key: "val_loss",
      steps: Float64Array.from(values, (_, step) => step),
      times: Float64Array.from(values, (_, step) => start + step * (900 + run * 40)),
      values,
    };
  });
}

const repeat = (value: number, total: number) => range(total, () => value);

/** Each of them has broken a chart somewhere. */
export const bad: Record<string, Frame> = {
  "one run": sweep(1),
  "no run": frameOf([]),
  "no common metric": frameOf([
    numbers("lr", [0.1, 0.2, 0.3, 0.4], "param"),
    numbers("loss", [0.5, 0.4, null, null]),
    numbers("accuracy", [null, null, 0.8, 0.9]),
  ]),
  "all NaN": frameOf([numbers("lr", [0.1, 0.2, 0.3], "param"), numbers("loss", repeat(Number.NaN, 3))]),
  infinities: frameOf([
    numbers("lr", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], "param"),
    numbers("loss", [1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, null, 2]),
  ]),
  "500 texts": frameOf([
    texts(
      "dataset",
      range(2000, (run) => `dataset-${(run * 7) % 500}`),
    ),
    numbers(
      "loss",
      range(2000, (run) => ((run * 37) % 101) / 101),
    ),
  ]),
  markup: frameOf(
    [
      numbers("val/acc.top 5 <b>&\"'", [0.1, 0.5, 0.9]),
      texts("<img src=x onerror=alert(1)>", ["<script>", "&amp;", "a".repeat(300)]),
      numbers("метрика 損失", [3, 2, 1]),
    ],
    [],
    ["<b>bold</b>", "\u0000\ud800 & co", "x".repeat(200)],
  ),
  "huge and tiny": frameOf([
    numbers("spread", [1e-300, 1, 1e300]),
    numbers("signed", [-1e300, 0, 1e300]),
    numbers("tiny", [1e-300, 2e-300, 3e-300]),
    numbers("close", [1000.0001, 1000.0002, 1000.0003]),
  ]),
};
