/** The course of a metric, as small as a word: drawn where the list knows it. */

import { useComputed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { drawSparkline } from "../charts/sparkline";
import { useView } from "../view";

const WIDTH = 36;
const HEIGHT = 14;

export function Spark({ runId, metric }: { runId: string; metric: string }) {
  const { curves } = useView().state;
  const curve = useComputed(() => curves.find(runId, metric)).value;
  const drawn = useMemo(() => curve && drawSparkline(curve.steps, curve.values, WIDTH, HEIGHT), [curve]);
  if (!drawn) return null;
  return (
    <svg
      class="ts-spark"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path d={drawn.path} />
    </svg>
  );
}
