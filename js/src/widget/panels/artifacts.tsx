/** The files of a run, folder by folder as they are unfolded. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { readBytes } from "../columns";
import { formatSentence, formatSize } from "../format";
import { saveFile } from "../host";
import type { ArtifactEntry, Fault, RunRow } from "../protocol";
import { faultOf } from "../state";
import { strings } from "../strings";
import { useView } from "../view";
import { IconButton } from "./controls";
import { Icon } from "./icons";
import { Preview, previewKind } from "./preview";

/** How often the files of a run that goes on are listed again. */
const LIST_EVERY_MS = 5000;

export function ArtifactFolder({ row, path }: { row: RunRow; path: string }) {
  const { state } = useView();
  const entries = useSignal<ArtifactEntry[] | null>(null);
  const fault = useSignal<Fault | null>(null);
  const round = row.status === "RUNNING" ? Math.floor(state.now.value / LIST_EVERY_MS) : row.end_time;

  useEffect(() => {
    let isCurrent = true;
    const list = async () => {
      try {
        const { reply } = await state.request("artifacts.list", { run_id: row.run_id, path });
        if (!isCurrent) return;
        entries.value = reply.entries;
        fault.value = null;
      } catch (error) {
        if (isCurrent) fault.value = faultOf(error);
      }
    };
    void list();
    return () => {
      isCurrent = false;
    };
  }, [row.run_id, path, round, state.refreshes.value]);

  if (fault.value !== null) return <p class="ts-none">{formatSentence(fault.value.message)}</p>;
  if (entries.value === null) return <p class="ts-none">…</p>;
  if (entries.value.length === 0)
    return <p class="ts-none">{path === "" ? strings.noArtifacts : strings.emptyFolder}</p>;
  return (
    <ul class="ts-files">
      {entries.value.map((entry) =>
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

function Folder({ row, entry }: { row: RunRow; entry: ArtifactEntry }) {
  const isOpen = useSignal(false);
  return (
    <li>
      <div class="ts-file">
        <button
          type="button"
          class="ts-file-button"
          aria-expanded={isOpen.value}
          onClick={() => {
            isOpen.value = !isOpen.value;
          }}
        >
          <Icon name="chevron" />
          <Icon name="folder" />
          <bdi class="ts-file-name">{nameOf(entry.path)}</bdi>
        </button>
      </div>
      {isOpen.value && <ArtifactFolder row={row} path={entry.path} />}
    </li>
  );
}

function File({ runId, entry }: { runId: string; entry: ArtifactEntry }) {
  const { state } = useView();
  const isOpen = useSignal(false);
  const isLoading = useSignal(false);
  const name = nameOf(entry.path);
  const kind = previewKind(name);
  const download = async () => {
    isLoading.value = true;
    const answer = await state.ask("artifact.read", { run_id: runId, path: entry.path });
    isLoading.value = false;
    if (answer) saveFile(name, readBytes(answer.buffers[answer.reply.content]));
  };
  const label = (
    <>
      <Icon name={kind === "image" ? "image" : "file"} />
      <bdi class="ts-file-name" title={entry.path}>
        {name}
      </bdi>
    </>
  );
  return (
    <li>
      <div class="ts-file">
        {kind === null ? (
          <span class="ts-file-button">{label}</span>
        ) : (
          <button
            type="button"
            class="ts-file-button"
            aria-expanded={isOpen.value}
            onClick={() => {
              isOpen.value = !isOpen.value;
            }}
          >
            <Icon name="chevron" />
            {label}
          </button>
        )}
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
