/** Where a run came from. */

import { type ComponentChildren, Fragment } from "preact";
import { formatTime } from "../format";
import type { RunDetail } from "../protocol";
import type { RunHead } from "../run-protocol";
import { strings } from "../strings";
import { useAnyView } from "../view";
import { IconButton } from "./controls";

const SHORT = 8;

export function SourceTable({ row, detail }: { row: RunHead; detail: RunDetail }) {
  const { source } = detail;
  const names = strings.sourceRows;
  return (
    <dl class="ts-pairs ts-source">
      <Line name={names.name} value={source.name}>
        <Path path={source.name} />
      </Line>
      <Line name={names.type} value={source.type} />
      <Line name={names.entryPoint} value={source.entry_point} />
      <Commit source={source} />
      <Line name={names.branch} value={source.git_branch} />
      <Line name={names.remote} value={source.git_remote}>
        <span class="ts-line" title={source.git_remote}>
          {source.git_remote.replace(/^https?:\/\//, "")}
        </span>
      </Line>
      <Code name={names.revision} value={source.revision} length={SHORT} />
      <Line name={names.user} value={row.user} />
      <Line name={names.started} value={timeOf(row.start_time)} />
      <Line name={names.ended} value={timeOf(row.end_time)} />
      <Code name={names.runId} value={row.run_id} />
      <Code name={names.artifactUri} value={detail.artifact_uri} />
    </dl>
  );
}

const timeOf = (time: number | null) => (time === null ? "" : formatTime(time));

function Line({ name, value, children }: { name: string; value: string; children?: ComponentChildren }) {
  if (value === "") return null;
  return (
    <div class="ts-pair">
      <dt>{name}</dt>
      <dd dir="auto">
        {children ?? (
          <span class="ts-text" title={value}>
            {value}
          </span>
        )}
      </dd>
    </div>
  );
}

/** A path that, where it needs more than one line, ends them after slashes. */
function Path({ path }: { path: string }) {
  return (
    <span class="ts-text" title={path}>
      {path.split(/(?<=\/)/).map((part, index) => (
        <Fragment key={index}>
          {part}
          <wbr />
        </Fragment>
      ))}
    </span>
  );
}

/** An id or an address, with a button that copies all of it. */
function Code({
  name,
  value,
  length,
  extra,
}: {
  name: string;
  value: string;
  length?: number;
  extra?: ComponentChildren;
}) {
  const view = useAnyView();
  return (
    <Line name={name} value={value}>
      <code class="ts-id" title={value}>
        {length === undefined ? value : value.slice(0, length)}
      </code>
      <IconButton icon="copy" label={strings.copy(name)} onClick={() => void view.copy(value)} />
      {extra}
    </Line>
  );
}

function Commit({ source }: { source: RunDetail["source"] }) {
  const mark = source.git_dirty ? (
    <span class="ts-dirty" title={strings.withChangesTitle}>
      {strings.withChanges}
    </span>
  ) : null;
  return <Code name={strings.sourceRows.commit} value={source.git_commit} length={SHORT} extra={mark} />;
}
