/** What is different of metrics, params, environment and packages. */

import type { ComponentChildren } from "preact";
import type { Answer } from "../../bridge";
import type { Difference } from "../../diff-protocol";
import { strings } from "../../strings";
import { type MetricChange, MetricLine, readMetricChanges, TextLine } from "../change-lines";
import { Section } from "../controls";

interface FactsProps {
  difference: Difference;
  buffers: Answer<"diff.read">["buffers"];
}

export function Facts({ difference, buffers }: FactsProps) {
  const { params, environment, packages } = difference;
  const machine = environment.map((change) => ({ ...change, key: strings.machine[change.key] ?? change.key }));
  const metrics = readMetricChanges(difference.metrics, buffers);
  return (
    <>
      <Fact id="diff.metrics" title={strings.metrics} lines={metrics.map(metricLine)} />
      <Fact id="diff.params" title={strings.params} lines={params.map(textLine)} />
      <Fact id="diff.environment" title={strings.environment} lines={[...machine, ...packages].map(textLine)} />
    </>
  );
}

const metricLine = (change: MetricChange) => <MetricLine key={change.key} change={change} />;
const textLine = (change: Difference["params"][number]) => <TextLine key={change.key} change={change} />;

function Fact({ id, title, lines }: { id: string; title: string; lines: ComponentChildren[] }) {
  if (lines.length === 0) return null;
  return (
    <Section id={id} title={title} count={lines.length}>
      {() => <dl class="ts-changes">{lines}</dl>}
    </Section>
  );
}
