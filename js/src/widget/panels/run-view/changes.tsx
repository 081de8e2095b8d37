/** What is different from the run before: numbers first, because they are why the rest was changed. */

import { useSignal } from "@preact/signals";
import type { Answer } from "../../bridge";
import { formatStart } from "../../format";
import type { RunChanges, RunHead, TextChange } from "../../run-protocol";
import { strings } from "../../strings";
import { useAnyView } from "../../view";
import { useAnswer, useRound } from "../answer";
import { Answered } from "../answered";
import { Line, type MetricChange, MetricLine, readMetricChanges, TextLine } from "../change-lines";
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
  const metrics = readMetricChanges(changes.metrics, buffers);
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
