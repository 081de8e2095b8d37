/** The files of a run, folder by folder as they are unfolded. */

import { type Signal, useSignal } from "@preact/signals";
import { readBytes } from "../columns";
import { formatSize } from "../format";
import { saveFile } from "../host";
import type { ArtifactEntry } from "../protocol";
import type { RunHead } from "../run-protocol";
import { strings } from "../strings";
import { useAnyView } from "../view";
import { IconButton } from "./controls";
import { Icon, type IconName } from "./icons";
import { Preview, previewKind } from "./preview";
import { useAnswer, useRound } from "./run-view/answer";
import { Answered } from "./run-view/answered";

export function ArtifactFolder({ row, path }: { row: RunHead; path: string }) {
  const asked = useAnswer("artifacts.list", { run_id: row.run_id, path }, useRound(row));
  return <Answered asked={asked}>{({ reply }) => <Entries row={row} path={path} entries={reply.entries} />}</Answered>;
}

function Entries({ row, path, entries }: { row: RunHead; path: string; entries: readonly ArtifactEntry[] }) {
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

const nameOf = (path: string) => path.split("/").at(-1) ?? path;

function Folder({ row, entry }: { row: RunHead; entry: ArtifactEntry }) {
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
