/** What a file looks like: images and texts, shown so that nothing in them can run. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { readBytes } from "../columns";
import { formatSentence } from "../format";
import type { ArtifactEntry, Fault } from "../protocol";
import { faultOf } from "../state";
import { strings } from "../strings";
import { useAnyView } from "../view";

const MAX_BYTES = 2_000_000;
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
  "cfg conf csv diff html ini ipynb js json jsonl log md patch py r rst sh sql toml tsv txt xml yaml yml mlproject mlmodel".split(
    " ",
  ),
);

export type PreviewKind = "image" | "text";

/** How a file of this name can be shown, or null. */
export function previewKind(name: string): PreviewKind | null {
  const ending = endingOf(name);
  if (ending in IMAGES) return "image";
  return TEXTS.has(ending) ? "text" : null;
}

const endingOf = (name: string) => name.split(".").at(-1)?.toLowerCase() ?? "";

interface PreviewProps {
  runId: string;
  entry: ArtifactEntry;
  kind: PreviewKind;
}

export function Preview({ runId, entry, kind }: PreviewProps) {
  const { state } = useAnyView();
  const content = useSignal<Uint8Array<ArrayBuffer> | null>(null);
  const fault = useSignal<Fault | null>(null);
  const isTooLarge = entry.size !== null && entry.size > MAX_BYTES;

  useEffect(() => {
    if (isTooLarge) return;
    state.request("artifact.read", { run_id: runId, path: entry.path }).then(
      ({ reply, buffers }) => {
        content.value = readBytes(buffers[reply.content]);
      },
      (error: unknown) => {
        fault.value = faultOf(error);
      },
    );
  }, [runId, entry.path, entry.size]);

  if (isTooLarge) return <p class="ts-none">{strings.tooLargeToShow}</p>;
  if (fault.value !== null) return <p class="ts-none">{formatSentence(fault.value.message)}</p>;
  if (content.value === null) return <p class="ts-none">…</p>;
  return kind === "image" ? <Image path={entry.path} content={content.value} /> : <Text content={content.value} />;
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

function Text({ content }: { content: Uint8Array<ArrayBuffer> }) {
  const text = new TextDecoder().decode(content);
  return (
    <>
      <pre class="ts-code" dir="auto">
        {text.slice(0, MAX_CHARACTERS)}
      </pre>
      {text.length > MAX_CHARACTERS && <p class="ts-none">{strings.previewCut}</p>}
    </>
  );
}
