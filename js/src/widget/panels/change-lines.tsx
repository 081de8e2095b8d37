/** What is different of a metric or a text: before, after, and what that means. */

import type { ComponentChildren } from "preact";
import type { Binary } from "../bridge";
import { readBytes, readFloats } from "../columns";
import { judgeChange, relativeChange } from "../directions";
import { formatExact, formatNumber, formatParam, formatPercent } from "../format";
import type { CutText } from "../protocol";
import type { ChangedMetrics, TextChange } from "../run-protocol";
import { strings } from "../strings";
import { Breakable } from "./controls";

export interface MetricChange {
  key: string;
  before: number | null;
  after: number | null;
}

export function readMetricChanges(metrics: ChangedMetrics, buffers: readonly Binary[]): MetricChange[] {
  const [before, after] = [readFloats(buffers[metrics.before]), readFloats(buffers[metrics.after])];
  const sides = readBytes(buffers[metrics.sides]);
  return metrics.keys.map((key, index) => {
    const side = sides[index] ?? 0;
    return {
      key,
      before: side & 1 ? (before[index] ?? null) : null,
      after: side & 2 ? (after[index] ?? null) : null,
    };
  });
}

export function Line({ name, kind, children }: { name: string; kind: string; children: ComponentChildren }) {
  return (
    <div class="ts-change" data-kind={kind}>
      <dt title={name}>
        <bdi>
          <Breakable text={name} />
        </bdi>
      </dt>
      <dd>{children}</dd>
    </div>
  );
}

export function MetricLine({ change: { key, before, after } }: { change: MetricChange }) {
  return (
    <Line name={key} kind="metric">
      <Sides
        before={before === null ? null : formatNumber(before)}
        after={after === null ? null : formatNumber(after)}
        title={`${before === null ? "" : formatExact(before)} → ${after === null ? "" : formatExact(after)}`}
      />
      {before !== null && after !== null && <Badge name={key} before={before} after={after} />}
    </Line>
  );
}

/** Which way and how far a metric went; green and red only where its name says what is better. */
function Badge({ name, before, after }: { name: string; before: number; after: number }) {
  const verdict = judgeChange(name, before, after);
  const part = relativeChange(before, after);
  const arrow = after > before ? "▲" : after < before ? "▼" : "";
  if (arrow === "" && verdict === "neutral") return null;
  return (
    <span class="ts-verdict" data-verdict={verdict} title={strings.verdict[verdict]}>
      <span aria-hidden="true">{arrow}</span>
      {part !== null && ` ${formatPercent(part)}`}
      {verdict !== "neutral" && <span class="ts-hidden">{strings.verdict[verdict]}</span>}
    </span>
  );
}

export function TextLine({
  change: { key, before, after },
  isPackage = false,
}: {
  change: TextChange;
  isPackage?: boolean;
}) {
  return (
    <Line name={key} kind={isPackage ? "package" : "param"}>
      <Sides before={textOf(before)} after={textOf(after)} title={`${before?.text ?? ""} → ${after?.text ?? ""}`} />
    </Line>
  );
}

const textOf = (value: CutText | null) =>
  value === null ? null : value.text === "" ? "“”" : `${formatParam(value.text)}${value.cut ? "…" : ""}`;

/** The value before and the one now; of those that came or went, only one. */
function Sides({ before, after, title }: { before: string | null; after: string | null; title: string }) {
  return (
    <span class="ts-sides" title={title}>
      {before !== null && <del dir="auto">{before}</del>}
      {before !== null && after !== null && <span aria-hidden="true">→</span>}
      {after !== null && <ins dir="auto">{after}</ins>}
      {before === null && <span class="ts-tagged">{strings.cameNew}</span>}
      {after === null && <span class="ts-tagged">{strings.wentAway}</span>}
    </span>
  );
}
