/** Files of runs, fetched through the kernel in chunks, so that none has to be in its memory whole. */

import type { Answer } from "./bridge";
import { readBytes } from "./columns";
import type { WidgetState } from "./widget-state";

/** How long a file that is on its way to the kernel is left alone. */
const AGAIN_MS = 300;

export interface Progress {
  done: number;
  /** Null before it is known. */
  size: number | null;
}

/** All of a file, as parts that the browser may keep on disk; null where it was stopped. */
export async function downloadArtifact(
  state: WidgetState,
  file: { run_id: string; path: string },
  tell: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Blob[] | null> {
  const parts: Blob[] = [];
  let done = 0;
  for (;;) {
    const answer = await state.request("artifact.chunk", { ...file, offset: done });
    if (signal.aborted) return null;
    const { size } = answer.reply;
    const content = contentOf(answer);
    parts.push(new Blob([content]));
    done += content.length;
    tell({ done, size });
    if (size !== null && (done >= size || content.length === 0)) return parts;
    if (size === null) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

const contentOf = ({ reply, buffers }: Answer<"artifact.chunk">) => readBytes(buffers[reply.content]);
