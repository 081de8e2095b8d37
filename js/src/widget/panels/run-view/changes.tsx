/** What is different from the run before: numbers first, because they are why the rest was changed. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Answer } from "../../bridge";
import { readBytes, readFloats } from "../../columns";
import { judgeChange, relativeChange } from "../../directions";
import { formatExact, formatNumber, formatParam, formatPercent, formatStart } from "../../format";
import type { CutText } from "../../protocol";
import type { RunChanges, RunHead, TextChange } from "../../run-protocol";
import { strings } from "../../strings";
import { useAnyView } from "../../view";
import { useAnswer, useRound } from "../answer";
import { Answered } from "../answered";
import { Breakable } from "../controls";
import { CompareWith } from "./compare-with";
import { RunLink } from "./run-link";

export function ChangesPart({ head }: { head: RunHead }) {
  const asked = useAnswer("run.changes", { run_id: head.run_id }, useRound(head));
  return (
    <>
      {asked.answer !== null && <Reproduces {...asked.answer.reply} />}
      <Answered asked={asked}>{({ reply, buffers }) => <Changes changes={reply.changes} buffers={buffers} />}</Answered>
      <CompareWith
        head={head}
        previous={asked.answer?.reply.changes?.previous ?? null}
        original={asked.answer?.reply.reproduces ?? null}
      />
    </>
  );
}

/** The run that this one reproduces, and whether the results were the same. */
function Reproduces({ reproduces, verdict }: Answer<"run.changes">["reply"]) {
  const found = strings.reproductionVerdicts[verdict];
  if (reproduces === null) return null;
  return (
    <p class="ts-since">
      {strings.reproducesRun} <RunLink run={reproduces} />
      {found !== undefined && (
        <span class="ts-verdict" data-verdict={verdict === "same" ? "better" : "worse"}>
          {found}
        </span>
      )}
    </p>
  );
}

interface ChangesProps {
  changes: RunChanges | null;
  buffers: Answer<"run.changes">["buffers"];
}

function Changes({ changes, buffers }: ChangesProps) {
  const { state } = useAnyView();
  if (changes === null) return <p class="ts-none">{strings.noPreviousRun}</p>;
  const { previous, params } = changes;
  const metrics = readMetricChanges(changes, buffers);
  return (
    <>
      <p class="ts-since">
        {strings.since} <RunLink run={previous} />
        {previous.start_time !== null && (
          <span class="ts-muted">{formatStart(previous.start_time, state.now.value)}</span>
        )}
      </p>
      <ChangeLines changes={changes} metrics={metrics} />
      {metrics.length === 0 && params.length === 0 && <p class="ts-none">{strings.sameNumbers}</p>}
    </>
  );
}

/** So many numbers and so many packages are shown at first. */
const FEW = 8;

/** What is another than before stands above what came or went, which two runs of different kinds have much of. */
function ChangeLines({ changes, metrics }: { changes: RunChanges; metrics: readonly MetricChange[] }) {
  const isWhole = useSignal(false);
  const { params, packages } = changes;
  const numbers = [
    ...metrics.filter(isOther).map((change) => <MetricLine key={`metric ${change.key}`} change={change} />),
    ...params.filter(isOther).map((change) => <TextLine key={`param ${change.key}`} change={change} />),
    ...metrics.filter(isOneSided).map((change) => <MetricLine key={`metric ${change.key}`} change={change} />),
    ...params.filter(isOneSided).map((change) => <TextLine key={`param ${change.key}`} change={change} />),
  ];
  const most = isWhole.value ? Number.POSITIVE_INFINITY : FEW;
  return (
    <>
      <dl class="ts-changes">
        {numbers.slice(0, most)}
        <CodeLine isChanged={changes.code_changed} />
        <EnvironmentLine isChanged={changes.environment_changed} count={packages.length} />
        {packages.slice(0, most).map((change) => (
          <TextLine key={`package ${change.key}`} change={change} isPackage={true} />
        ))}
      </dl>
      {Math.max(numbers.length, packages.length) > FEW && (
        <button
          type="button"
          class="ts-link"
          aria-expanded={isWhole.value}
          onClick={() => {
            isWhole.value = !isWhole.value;
          }}
        >
          {isWhole.value ? strings.showLess : strings.showAllChanges(numbers.length + packages.length)}
        </button>
      )}
    </>
  );
}

const isOther = ({ before, after }: MetricChange | TextChange) => before !== null && after !== null;
const isOneSided = (change: MetricChange | TextChange) => !isOther(change);

export interface MetricChange {
  key: string;
  before: number | null;
  after: number | null;
}

export function readMetricChanges(
  { metrics }: Pick<RunChanges, "metrics">,
  buffers: Answer<"run.changes">["buffers"],
): MetricChange[] {
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

function Line({ name, kind, children }: { name: string; kind: string; children: ComponentChildren }) {
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

function CodeLine({ isChanged }: { isChanged: boolean | null }) {
  if (isChanged === null) return null;
  return (
    <Line name={strings.code} kind="code">
      <span data-changed={isChanged}>{isChanged ? strings.changed : strings.unchanged}</span>
    </Line>
  );
}

function EnvironmentLine({ isChanged, count }: { isChanged: boolean | null; count: number }) {
  if (isChanged === null) return null;
  const told = !isChanged ? strings.unchanged : count === 0 ? strings.changed : strings.packagesChanged(count);
  return (
    <Line name={strings.environment} kind="environment">
      <span data-changed={isChanged}>{told}</span>
    </Line>
  );
}
