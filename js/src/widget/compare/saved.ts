/** A comparison as a notebook keeps it. The other side is `src/trackside/widgets/compare_saved.py`. */

import type { CompareData, CompareView } from "../compare-protocol";
import { inflate } from "../inflate";

export const MIME = "application/vnd.trackside.compare.v1+json";
/** The newest form that is understood here. */
export const VERSION = 1;

export interface SavedComparison {
  version: number;
  /** What the kernel that made it knows it by. */
  comparison: string;
  /** How many runs are kept, of how many. */
  runs: number;
  total: number;
  view: CompareView;
  content: string;
}

export interface UnpackedComparison {
  data: CompareData;
  view: CompareView;
  buffers: ArrayBuffer[];
}

/** What is kept, as far as it has the right form; null where it was damaged or is no comparison. */
export function readSaved(value: unknown): SavedComparison | null {
  if (typeof value !== "object" || value === null) return null;
  const { version, comparison, content, view } = value as Partial<SavedComparison>;
  if (typeof version !== "number") return null;
  if (version > VERSION) return value as SavedComparison;
  const isWhole = typeof comparison === "string" && typeof content === "string" && Array.isArray(view?.charts);
  return isWhole ? (value as SavedComparison) : null;
}

/** Rejects where the content is damaged. */
export async function unpack({ content, view }: SavedComparison): Promise<UnpackedComparison> {
  const bytes = await inflate(
    Uint8Array.from(atob(content), (character) => character.charCodeAt(0)),
    "deflate",
  );
  const length = new DataView(bytes).getUint32(0, true);
  const text = new TextDecoder().decode(new Uint8Array(bytes, 4, length));
  const { data, buffers } = JSON.parse(text) as { data: CompareData; buffers: [number, number][] };
  const start = Math.ceil((4 + length) / 8) * 8;
  return { data, view, buffers: buffers.map(([from, size]) => bytes.slice(start + from, start + from + size)) };
}
