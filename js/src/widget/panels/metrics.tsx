/** Metrics with their latest value and, where there is more than one, the curve of all values. */

import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { drawSparkline, nearestPoint, placePoints } from "../charts/sparkline";
import { formatExact, formatKey, formatNumber } from "../format";
import type { MetricCurve } from "../runs";
import { strings } from "../strings";

const WIDTH = 200;
const HEIGHT = 24;

export function MetricTable({ metrics }: { metrics: readonly MetricCurve[] }) {
  if (metrics.length === 0) return <p class="ts-none">{strings.noMetrics}</p>;
  return (
    <ul class="ts-metrics">
      {metrics.map((metric) => (
        <MetricLine key={metric.key} metric={metric} />
      ))}
    </ul>
  );
}

/** While the pointer is over the curve, or keys move on it, the value and step are those of a point of it. */
function MetricLine({ metric }: { metric: MetricCurve }) {
  const pointed = useSignal(-1);
  const at = pointed.value < metric.values.length ? pointed.value : -1;
  const value = metric.values[at] ?? metric.value;
  const step = metric.steps[at] ?? metric.step;
  const hasCurve = metric.values.length > 1;
  return (
    <li class="ts-metric" data-curve={hasCurve}>
      <span class="ts-metric-key" title={formatKey(metric.key)}>
        <bdi>{formatKey(metric.key)}</bdi>
      </span>
      <span class="ts-metric-value" title={formatExact(value)}>
        {formatNumber(value)}
      </span>
      {hasCurve && (
        <>
          <Curve
            metric={metric}
            at={at}
            told={`${formatNumber(value)}, ${strings.step(step)}`}
            onPoint={(index) => {
              pointed.value = index;
            }}
          />
          <span class="ts-metric-step">{strings.step(step)}</span>
        </>
      )}
    </li>
  );
}

interface CurveProps {
  metric: MetricCurve;
  /** The point to mark, or -1 for the last. */
  at: number;
  /** The value and step of that point. */
  told: string;
  onPoint: (index: number) => void;
}

function Curve({ metric, at, told, onPoint }: CurveProps) {
  const { steps, values } = metric;
  const places = useMemo(() => placePoints(steps, values, WIDTH, HEIGHT), [steps, values]);
  const drawn = useMemo(() => drawSparkline(steps, values, WIDTH, HEIGHT), [steps, values]);
  const marked = at < 0 ? drawn.end : { x: places.x[at] ?? 0, y: places.y[at] ?? 0 };
  const move = (event: PointerEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    onPoint(nearestPoint(places, ((event.clientX - box.left) / box.width) * WIDTH));
  };
  const last = values.length - 1;
  const press = (event: KeyboardEvent) => {
    const target = pointAt(event.key, at < 0 ? last : at, last);
    if (target === null) return;
    event.preventDefault();
    onPoint(target);
  };
  return (
    <div
      class="ts-curve"
      role="slider"
      tabIndex={0}
      aria-label={nameOf(metric, drawn)}
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={at < 0 ? last : at}
      aria-valuetext={told}
      onPointerMove={move}
      onPointerLeave={() => onPoint(-1)}
      onKeyDown={press}
      onBlur={() => onPoint(-1)}
    >
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <path d={drawn.path} />
      </svg>
      {marked && <i style={{ left: `${(marked.x / WIDTH) * 100}%`, top: `${(marked.y / HEIGHT) * 100}%` }} />}
    </div>
  );
}

const nameOf = ({ key, points, value }: MetricCurve, { low, high }: { low: number; high: number }) =>
  strings.curve(formatKey(key), points, formatNumber(low), formatNumber(high), formatNumber(value));

/** The point that a key moves to, or null. */
function pointAt(key: string, at: number, last: number): number | null {
  if (key === "ArrowRight" || key === "ArrowUp") return Math.min(last, at + 1);
  if (key === "ArrowLeft" || key === "ArrowDown") return Math.max(0, at - 1);
  if (key === "Home") return 0;
  return key === "End" ? last : null;
}
