/** The files of a run, folder by folder as they are unfolded. */

import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { downloadArtifact, type Progress } from "../download";
import { formatName, formatSize } from "../format";
import { saveFile } from "../host";
import type { ArtifactEntry } from "../protocol";
import type { RunHead } from "../run-protocol";
import { strings } from "../strings";
import { useAnyView } from "../view";
import { useAnswer, useRound } from "./answer";
import { Answered } from "./answered";
import { IconButton } from "./controls";
import { Icon, type IconName } from "./icons";
import { isShowable, Preview, type PreviewKind, previewKind } from "./preview";

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
          <File key={entry.path} row={row} entry={entry} />
        ),
      )}
    </ul>
  );
}

function Folder({ row, entry }: { row: RunHead; entry: ArtifactEntry }) {
  const isOpen = useSignal(false);
  return (
    <li>
      <div class="ts-file">
        <FileButton path={entry.path} icon="folder" isOpen={isOpen} />
        {entry.size !== null && <span class="ts-file-size">{formatSize(entry.size)}</span>}
      </div>
      {isOpen.value && <ArtifactFolder row={row} path={entry.path} />}
    </li>
  );
}

function File({ row, entry }: { row: RunHead; entry: ArtifactEntry }) {
  const isOpen = useSignal(false);
  const kind = previewKind(entry.path);
  const progress = useSignal<Progress | null>(null);
  return (
    <li>
      <div class="ts-file">
        {kind === "notebook" && isShowable(kind, entry.size) ? (
          <NotebookButton row={row} entry={entry} />
        ) : (
          <FileButton path={entry.path} icon={iconOf(kind)} isOpen={kind && isOpen} />
        )}
        {entry.size !== null && <span class="ts-file-size">{formatSize(entry.size)}</span>}
        <DownloadButton row={row} entry={entry} progress={progress} />
      </div>
      {progress.value !== null && <DownloadBar progress={progress.value} />}
      {isOpen.value && kind !== null && <Preview runId={row.run_id} entry={entry} kind={kind} />}
    </li>
  );
}

const iconOf = (kind: PreviewKind | null): IconName =>
  kind === "image" ? "image" : kind === "table" ? "table" : kind === "notebook" ? "notebook" : "file";

/** Notebooks are documents of their own. */
function NotebookButton({ row, entry }: { row: RunHead; entry: ArtifactEntry }) {
  const view = useAnyView();
  return (
    <button
      type="button"
      class="ts-file-button ts-opens"
      title={strings.openNotebook(entry.path)}
      onClick={() => void view.openNotebook(row, entry.path)}
    >
      <Icon name="notebook" />
      <bdi class="ts-file-name">{formatName(entry.path)}</bdi>
    </button>
  );
}

interface DownloadProps {
  row: RunHead;
  entry: ArtifactEntry;
  /** How far it is, or null while nothing is downloaded. */
  progress: Signal<Progress | null>;
}

/** Starts a download, and stops the one that goes on. */
function DownloadButton({ row, entry, progress }: DownloadProps) {
  const { state } = useAnyView();
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const download = async () => {
    const controller = new AbortController();
    stop.current = controller;
    const tell = (now: Progress) => {
      if (!controller.signal.aborted) progress.value = now;
    };
    tell({ done: 0, size: entry.size });
    try {
      const parts = await downloadArtifact(state, { run_id: row.run_id, path: entry.path }, tell, controller.signal);
      if (parts !== null) saveFile(formatName(entry.path), ...parts);
    } catch (error) {
      if (!controller.signal.aborted) state.showFault(error);
    }
    if (stop.current === controller) progress.value = null;
  };
  const cancel = () => {
    stop.current?.abort();
    progress.value = null;
  };
  const isGoing = progress.value !== null;
  return (
    <IconButton
      icon={isGoing ? "close" : "download"}
      label={isGoing ? strings.stopDownload(entry.path) : strings.download(entry.path)}
      onClick={() => (isGoing ? cancel() : void download())}
    />
  );
}

function DownloadBar({ progress: { done, size } }: { progress: Progress }) {
  return (
    <div class="ts-download">
      <progress aria-label={strings.downloading} {...(size === null || size === 0 ? {} : { max: size, value: done })} />
      <span class="ts-muted">{size === null ? formatSize(done) : `${formatSize(done)} / ${formatSize(size)}`}</span>
    </div>
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
        {formatName(path)}
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
