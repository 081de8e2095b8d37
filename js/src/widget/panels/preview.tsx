/** What a file looks like, shown so that nothing in it can reach the page. */

import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { readBytes } from "../columns";
import { formatSentence } from "../format";
import type { ArtifactEntry } from "../protocol";
import type { ArtifactTable } from "../run-protocol";
import { strings } from "../strings";
import { useAnswer } from "./answer";
import { Coming } from "./controls";

const MAX_CHARACTERS = 10_000;
const IMAGES: Record<string, string> = {
  avif: "image/avif",
  bmp: "image/bmp",
  gif: "image/gif",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  png: "image/png",
  svg: "image/svg+xml",
  webp: "image/webp",
};
const TEXTS = new Set(
  "cfg conf diff ini js jsonl log md patch py r rst sh sql toml txt xml yaml yml mlproject mlmodel".split(" "),
);
const KINDS: Record<string, PreviewKind> = {
  csv: "table",
  htm: "html",
  html: "html",
  ipynb: "notebook",
  json: "json",
  parquet: "table",
  tsv: "table",
};
/** Bytes of the largest file of each kind that is loaded to show it. */
const MOST: Record<PreviewKind, number> = {
  html: 10_000_000,
  image: 10_000_000,
  json: 2_000_000,
  notebook: 20_000_000,
  table: 50_000_000,
  text: 2_000_000,
};
/** What a page from a run may do: run its own scripts, load libraries and pictures, and ask for nothing else. */
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' https: blob: data:; style-src 'unsafe-inline' https:; " +
  "img-src https: data: blob:; font-src https: data:; media-src data: blob:; connect-src 'none'; form-action 'none'";

export type PreviewKind = "html" | "image" | "json" | "notebook" | "table" | "text";

/** How a file of this name can be shown, or null. */
export function previewKind(name: string): PreviewKind | null {
  const ending = endingOf(name);
  if (Object.hasOwn(IMAGES, ending)) return "image";
  if (Object.hasOwn(KINDS, ending)) return KINDS[ending] ?? null;
  return TEXTS.has(ending) ? "text" : null;
}

/** Whether a file is small enough to be loaded for that; one of unknown size is. */
export const isShowable = (kind: PreviewKind, size: number | null) => size === null || size <= MOST[kind];

const endingOf = (name: string) => name.split(/[./]/).at(-1)?.toLowerCase() ?? "";

interface PreviewProps {
  runId: string;
  entry: ArtifactEntry;
  kind: PreviewKind;
}

export function Preview({ runId, entry, kind }: PreviewProps) {
  if (!isShowable(kind, entry.size)) return <p class="ts-none">{strings.tooLargeToShow}</p>;
  if (kind === "table") return <TablePreview runId={runId} entry={entry} />;
  return <FilePreview runId={runId} entry={entry} kind={kind} />;
}

function FilePreview({ runId, entry, kind }: PreviewProps) {
  const { answer, fault } = useAnswer("artifact.read", { run_id: runId, path: entry.path }, entry.size);
  const content = useMemo(() => answer && readBytes(answer.buffers[answer.reply.content]), [answer]);
  if (fault !== null) return <p class="ts-none">{formatSentence(fault.message)}</p>;
  if (content === null) return <Coming />;
  if (kind === "image") return <Image path={entry.path} content={content} />;
  if (kind === "html") return <Page path={entry.path} content={content} />;
  return <Text text={kind === "json" ? readable(decode(content)) : decode(content)} />;
}

const decode = (content: Uint8Array) => new TextDecoder().decode(content);

/** JSON with its parts on lines of their own; as it is where it is something else. */
export function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** An image by blob: scripts inside an SVG do not run there. */
function Image({ path, content }: { path: string; content: Uint8Array<ArrayBuffer> }) {
  const url = useSignal("");
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([content], { type: IMAGES[endingOf(path)] ?? "" }));
    url.value = made;
    return () => URL.revokeObjectURL(made);
  }, [path, content]);
  return url.value === "" ? null : <img class="ts-image" src={url.value} alt={path} />;
}

/** A page in a frame of no origin: its scripts see neither this page nor its cookies, and stay in the frame. */
function Page({ path, content }: { path: string; content: Uint8Array<ArrayBuffer> }) {
  const page = useMemo(
    () => `<!doctype html><meta http-equiv="Content-Security-Policy" content="${POLICY}">${decode(content)}`,
    [content],
  );
  return <iframe class="ts-page" sandbox="allow-scripts" referrerpolicy="no-referrer" srcdoc={page} title={path} />;
}

function Text({ text }: { text: string }) {
  return (
    <>
      <pre class="ts-code" dir="auto">
        {text.slice(0, MAX_CHARACTERS)}
      </pre>
      {text.length > MAX_CHARACTERS && <p class="ts-none">{strings.previewCut}</p>}
    </>
  );
}

function TablePreview({ runId, entry }: { runId: string; entry: ArtifactEntry }) {
  const { answer, fault } = useAnswer("artifact.table", { run_id: runId, path: entry.path }, entry.size);
  if (fault !== null) return <p class="ts-none">{`${formatSentence(fault.message)} ${formatSentence(fault.hint)}`}</p>;
  if (answer === null) return <Coming />;
  return <Table table={answer.reply} name={entry.path} />;
}

function Table({ table, name }: { table: ArtifactTable; name: string }) {
  const { columns, rows, total_rows, total_columns } = table;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard */}
      <section class="ts-table-frame" tabIndex={0} aria-label={name}>
        <table class="ts-file-table">
          <thead>
            <tr>
              {columns.map((column, index) => (
                <th key={index} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, line) => (
              <tr key={line}>
                {row.map((cell, index) => (
                  <td key={index} data-number={isNumber(cell)} dir="auto">
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p class="ts-none">{strings.tableSize(rows.length, total_rows, total_columns)}</p>
    </>
  );
}

const isNumber = (text: string) => text !== "" && !Number.isNaN(Number(text));
