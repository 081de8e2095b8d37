/** The notebook of a run, over the list, where the page around the widget cannot open it. */

import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { isRecord } from "../bridge";
import { formatTime } from "../format";
import { restoreShown } from "../restore";
import { strings } from "../strings";
import { type RevisionReply, useAnyView } from "../view";
import { IconButton } from "./controls";

interface Cell {
  type: string;
  source: string;
}

export function RevisionSheet({ revision }: { revision: RevisionReply }) {
  const view = useAnyView();
  const sheet = useRef<HTMLDivElement>(null);
  const cells = useMemo(() => readCells(revision.notebook), [revision.notebook]);
  useLayoutEffect(() => sheet.current?.querySelector("button")?.focus(), []);
  const close = () => {
    view.revision.value = null;
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Escape") close();
  };
  return (
    <div ref={sheet} class="ts-sheet" role="dialog" aria-label={revision.file_name} onKeyDown={press}>
      <RevisionBar revision={revision} onClose={close} />
      <div class="ts-sheet-cells">
        {cells.length === 0 && <p class="ts-none">{strings.emptyNotebook}</p>}
        {cells.map((cell, index) => (
          <pre key={index} class="ts-code" data-type={cell.type}>
            {cell.source}
          </pre>
        ))}
      </div>
    </div>
  );
}

function RevisionBar({ revision, onClose }: { revision: RevisionReply; onClose: () => void }) {
  const view = useAnyView();
  const restore = async () => {
    if (await restoreShown(view, revision)) onClose();
  };
  return (
    <header class="ts-sheet-bar">
      <IconButton icon="back" label={strings.back} onClick={onClose} />
      <div>
        <h3 class="ts-experiment">
          <bdi>{revision.run_name}</bdi>
        </h3>
        {revision.start_time !== null && <time>{formatTime(revision.start_time)}</time>}
        <p class="ts-store">
          <span class="ts-store-name">{revision.file_name}</span>
          <span class="ts-total">{strings.readOnly}</span>
        </p>
      </div>
      {revision.run_id !== undefined && (
        <IconButton icon="restore" label={strings.restoreRevision(revision.run_name)} onClick={() => void restore()} />
      )}
    </header>
  );
}

/** The cells of a notebook in nbformat 4; none where the text is something else. */
function readCells(notebook: string): Cell[] {
  const parsed: unknown = JSON.parse(notebook);
  const cells = isRecord(parsed) && Array.isArray(parsed.cells) ? parsed.cells : [];
  return cells.filter(isRecord).map((cell) => ({
    type: String(cell.cell_type),
    source: Array.isArray(cell.source) ? cell.source.join("") : String(cell.source ?? ""),
  }));
}
