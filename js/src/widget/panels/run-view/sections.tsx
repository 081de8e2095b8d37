/** All of a run, in sections that fold. */

import type { RunHead } from "../../run-protocol";
import type { OpenRun } from "../../runs";
import { strings } from "../../strings";
import { ArtifactFolder } from "../artifacts";
import { LongText, Section } from "../controls";
import { MetricTable } from "../metrics";
import { Pairs } from "../pairs";
import { SourceTable } from "../source";
import { TagTable } from "../tags";
import { ChangesPart } from "./changes";
import { ChildrenSection } from "./children";
import { EnvironmentPart } from "./environment";
import { ModelsSection } from "./models";
import { NoteSection } from "./note";

export function RunSections({ head, run }: { head: RunHead; run: OpenRun }) {
  const { detail, metrics } = run;
  return (
    <>
      <RunError run={run} />
      <Section id="changes" title={strings.changes}>
        {() => <ChangesPart head={head} />}
      </Section>
      <Section id="metrics" title={strings.metrics} count={metrics.length}>
        {() => <MetricTable metrics={metrics} />}
      </Section>
      <Section id="params" title={strings.params} count={detail.params.length}>
        {() => <Pairs pairs={detail.params} none={strings.noParams} />}
      </Section>
      <Section id="tags" title={strings.tags} count={detail.tags.length}>
        {() => <TagTable runId={head.run_id} tags={detail.tags} />}
      </Section>
      <NoteSection run={head} text={detail.note} />
      <Section id="artifacts" title={strings.artifacts}>
        {() => <ArtifactFolder row={head} path="" />}
      </Section>
      <ModelsSection head={head} />
      <ChildrenSection head={head} />
      <Section id="source" title={strings.source}>
        {() => <SourceTable row={head} detail={detail} />}
      </Section>
      <Section id="environment" title={strings.environment}>
        {() => <EnvironmentPart head={head} />}
      </Section>
      {detail.system_tags.length > 0 && (
        <Section id="systemTags" title={strings.systemTags} count={detail.system_tags.length}>
          {() => <Pairs pairs={detail.system_tags} none="" />}
        </Section>
      )}
    </>
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
