/** All of a run, in sections. */

import type { RunRow } from "../protocol";
import type { OpenRun } from "../runs";
import { strings } from "../strings";
import { useView } from "../view";
import { ArtifactFolder } from "./artifacts";
import { isLong, LongText, Section } from "./controls";
import { MetricTable } from "./metrics";
import { SourceTable } from "./source";
import { TagTable } from "./tags";

export function RunDetails({ row }: { row: RunRow }) {
  const { state } = useView();
  const run = state.list.value?.details.get(row.run_id);
  if (run === undefined) return <div class="ts-details ts-details-loading" aria-busy="true" />;
  const { detail, metrics } = run;
  return (
    <div class="ts-details">
      <RunError run={run} />
      <Note text={detail.note} />
      <Section id="params" title={strings.params} count={detail.params.length}>
        {() => <Pairs pairs={detail.params} none={strings.noParams} />}
      </Section>
      <Section id="metrics" title={strings.metrics} count={metrics.length}>
        {() => <MetricTable metrics={metrics} />}
      </Section>
      <Section id="tags" title={strings.tags} count={detail.tags.length}>
        {() => <TagTable runId={row.run_id} tags={detail.tags} />}
      </Section>
      <Section id="artifacts" title={strings.artifacts}>
        {() => <ArtifactFolder row={row} path="" />}
      </Section>
      <Section id="source" title={strings.source}>
        {() => <SourceTable row={row} detail={detail} />}
      </Section>
      {detail.system_tags.length > 0 && (
        <Section id="systemTags" title={strings.systemTags} count={detail.system_tags.length}>
          {() => <Pairs pairs={detail.system_tags} none="" />}
        </Section>
      )}
    </div>
  );
}

function RunError({ run }: { run: OpenRun }) {
  const { error } = run.detail;
  if (error === null) return null;
  return (
    <p class="ts-error">
      <strong>{error.type}</strong>
      {error.message !== "" && <LongText text={error.message} />}
    </p>
  );
}

function Note({ text }: { text: string }) {
  if (text === "") return null;
  return (
    <Section id="note" title={strings.note}>
      {() => (
        <p dir="auto">
          <LongText text={text} />
        </p>
      )}
    </Section>
  );
}

/** Names and values, none of which can be changed. */
export function Pairs({ pairs, none }: { pairs: readonly { key: string; value: string }[]; none: string }) {
  if (pairs.length === 0) return <p class="ts-none">{none}</p>;
  return (
    <dl class="ts-pairs">
      {pairs.map(({ key, value }) => (
        <div key={key} class="ts-pair" data-long={isLong(value)}>
          <dt title={key}>
            <bdi>{key}</bdi>
          </dt>
          <dd dir="auto">
            <LongText text={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
