/** Where a run came from. */

import type { ComponentChildren } from "preact";
import { formatTime } from "../format";
import { formatLeftOut } from "../left-out";
import type { RunDetail } from "../protocol";
import type { RunHead } from "../run-protocol";
import { strings } from "../strings";
import { useAnyView } from "../view";
import { Breakable, IconButton } from "./controls";

const SHORT = 8;

export function SourceTable({ row, detail }: { row: RunHead; detail: RunDetail }) {
  const { source } = detail;
  const names = strings.sourceRows;
  return (
    <dl class="ts-pairs ts-source">
      <Line name={names.name} value={source.name}>
        <SourceName row={row} page={source.project_page} name={source.name} />
      </Line>
      <Line name={names.type} value={source.type} />
      <Line name={names.entryPoint} value={source.entry_point} />
      <Commit runId={row.run_id} source={source} />
      <Line name={names.branch} value={source.git_branch} />
      <Line name={names.remote} value={source.git_remote}>
        <span class="ts-line" title={source.git_remote}>
          {source.git_remote.replace(/^https?:\/\//, "")}
        </span>
      </Line>
      <Code name={names.revision} value={source.revision} length={SHORT} />
      <Line name={names.leftOut} value={formatLeftOut(source.left_out)}>
        <span class="ts-text ts-dirty" title={strings.leftOutTitle}>
          {formatLeftOut(source.left_out)}
        </span>
      </Line>
      <Line name={names.user} value={row.user} />
      <Line name={names.started} value={timeOf(row.start_time)} />
      <Line name={names.ended} value={timeOf(row.end_time)} />
      <Code name={names.runId} value={row.run_id} />
      <Code name={names.artifactUri} value={detail.artifact_uri} />
    </dl>
  );
}

/** Leads to the project's page; where that is not known, to the file itself. */
function SourceName({ row, page, name }: { row: RunHead; page: string; name: string }) {
  const view = useAnyView();
  if (isPage(page))
    return (
      <PageLink page={page} title={strings.openProject}>
        <Path path={name} />
      </PageLink>
    );
  return (
    <button
      type="button"
      class="ts-link ts-source-file"
      title={strings.openSource}
      onClick={() => void view.openSource(row)}
    >
      <Path path={name} />
    </button>
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

function Path({ path }: { path: string }) {
  return (
    <span class="ts-text" title={path}>
      <Breakable text={path} />
    </span>
  );
}

/** An id or an address, with a button that copies all of it. */
function Code({ name, value, length }: { name: string; value: string; length?: number }) {
  const view = useAnyView();
  return (
    <Line name={name} value={value}>
      <code class="ts-id" title={value}>
        {length === undefined ? value : value.slice(0, length)}
      </code>
      <IconButton icon="copy" label={strings.copy(name)} onClick={() => void view.copy(value)} />
    </Line>
  );
}

interface CommitProps {
  runId: string;
  source: RunDetail["source"];
}

/** Leads to the commit's page, or where the hosting site is not known to what the commit changed. */
function Commit({ runId, source }: CommitProps) {
  const view = useAnyView();
  const { git_commit: commit, commit_page: page } = source;
  const name = strings.sourceRows.commit;
  const short = <code class="ts-id">{commit.slice(0, SHORT)}</code>;
  return (
    <Line name={name} value={commit}>
      {isPage(page) ? (
        <PageLink page={page} title={strings.openCommitPage}>
          {short}
        </PageLink>
      ) : (
        <button
          type="button"
          class="ts-link"
          title={strings.openCommitDiff}
          onClick={() => void view.openCommit(runId, commit)}
        >
          {short}
        </button>
      )}
      <IconButton icon="copy" label={strings.copy(name)} onClick={() => void view.copy(commit)} />
      {source.git_dirty && (
        <span class="ts-dirty" title={strings.withChangesTitle}>
          {strings.withChanges}
        </span>
      )}
    </Line>
  );
}

/** Whether an address is one that a link may lead to. */
const isPage = (address: string) => /^https:\/\/[^\s"<>]+$/.test(address);

function PageLink({ page, title, children }: { page: string; title: string; children: ComponentChildren }) {
  if (!isPage(page)) return <>{children}</>;
  return (
    <a class="ts-page-link" href={page} title={`${title}: ${page}`} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}
