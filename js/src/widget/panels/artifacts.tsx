/** The files of a run, folder by folder as they are unfolded. */

import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { readBytes } from "../columns";
import { formatSentence, formatSize } from "../format";
import { saveFile } from "../host";
import type { ArtifactEntry, Fault, RunRow } from "../protocol";
import { faultOf } from "../state";
import { strings } from "../strings";
import { useAnyView } from "../view";
import { IconButton } from "./controls";
import { Icon, type IconName } from "./icons";
import { Preview, previewKind } from "./preview";

/** How often the files of a run that goes on are listed again. */
const LIST_EVERY_MS = 5000;

export function ArtifactFolder({ row, path }: { row: RunRow; path: string }) {
  const { entries, fault } = useEntries(row, path);
  if (fault !== null) return <p class="ts-none">{formatSentence(fault.message)}</p>;
  if (entries === null) return <p class="ts-none">…</p>;
  if (entries.length === 0) return <p class="ts-none">{path === "" ? strings.noArtifacts : strings.emptyFolder}</p>;
  return (
    <ul class="ts-files">
      {entries.map((entry) =>
        entry.is_dir ? (
          <Folder key={entry.path} row={row} entry={entry} />
        ) : (
          <File key={entry.path} runId={row.run_id} entry={entry} />
        ),
      )}
    </ul>
  );
}

interface Listing {
  entries: ArtifactEntry[] | null;
  fault: Fault | null;
}

/** What is in a folder; asked for again when the run ends, when people refresh, and now and then while the run goes on. */
function useEntries(row: RunRow, path: string): Listing {
  const { state } = useAnyView();
  const listing = useSignal<Listing>({ entries: null, fault: null });
  const round = row.status === "RUNNING" ? Math.floor(state.now.value / LIST_EVERY_MS) : row.end_time;
  useEffect(() => {
    let isCurrent = true;
    const take = (found: Listing) => {
      if (isCurrent) listing.value = found;
    };
    state.request("artifacts.list", { run_id: row.run_id, path }).then(
      ({ reply }) => take({ entries: reply.entries, fault: null }),
      (error: unknown) => take({ entries: null, fault: faultOf(error) }),
    );
    return () => {
      isCurrent = false;
    };
  }, [row.run_id, path, round, state.refreshes.value]);
  return listing.value;
}

const nameOf = (path: string) => path.split("/").at(-1) ?? path;

function Folder({ row, entry }: { row: RunRow; entry: ArtifactEntry }) {
  const isOpen = useSignal(false);
  return (
    <li>
      <div class="ts-file">
        <FileButton path={entry.path} icon="folder" isOpen={isOpen} />
      </div>
      {isOpen.value && <ArtifactFolder row={row} path={entry.path} />}
    </li>
  );
}

function File({ runId, entry }: { runId: string; entry: ArtifactEntry }) {
  const { state } = useAnyView();
  const isOpen = useSignal(false);
  const isLoading = useSignal(false);
  const kind = previewKind(entry.path);
  const download = async () => {
    isLoading.value = true;
    const answer = await state.ask("artifact.read", { run_id: runId, path: entry.path });
    isLoading.value = false;
    if (answer) saveFile(nameOf(entry.path), readBytes(answer.buffers[answer.reply.content]));
  };
  return (
    <li>
      <div class="ts-file">
        <FileButton path={entry.path} icon={kind === "image" ? "image" : "file"} isOpen={kind && isOpen} />
        {entry.size !== null && <span class="ts-file-size">{formatSize(entry.size)}</span>}
        <IconButton
          icon="download"
          label={strings.download(entry.path)}
          isBusy={isLoading.value}
          onClick={() => void download()}
        />
      </div>
      {isOpen.value && kind !== null && <Preview runId={runId} entry={entry} kind={kind} />}
    </li>
  );
}

interface FileButtonProps {
  path: string;
  icon: IconName;
  /** What the button toggles, or null where there is nothing to unfold. */
  isOpen: Signal<boolean> | null;
}

function FileButton({ path, icon, isOpen }: FileButtonProps) {
  const label = (
    <>
      <Icon name={icon} />
      <bdi class="ts-file-name" title={path}>
        {nameOf(path)}
      </bdi>
    </>
  );
  if (isOpen === null) return <span class="ts-file-button">{label}</span>;
  const toggle = () => {
    isOpen.value = !isOpen.value;
  };
  return (
    <button type="button" class="ts-file-button" aria-expanded={isOpen.value} onClick={toggle}>
      <Icon name="chevron" />
      {label}
    </button>
  );
}
