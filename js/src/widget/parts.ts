/** Parts of the front end that few need: they are fetched from the kernel when they are, once per model. */

import { readBytes } from "./columns";
import type { WidgetState } from "./widget-state";

export interface Markdown {
  renderMarkdown: (text: string) => DocumentFragment;
}

const loading = new WeakMap<WidgetState, Promise<Markdown>>();

/** The part that shows Markdown. Rejects where the kernel does not give it or the page does not run it. */
export function loadMarkdown(state: WidgetState): Promise<Markdown> {
  const known = loading.get(state) ?? fetchPart(state);
  loading.set(state, known);
  known.catch(() => loading.delete(state));
  return known;
}

async function fetchPart(state: WidgetState): Promise<Markdown> {
  const { reply, buffers } = await state.request("part.read", { name: "markdown" });
  const url = URL.createObjectURL(new Blob([readBytes(buffers[reply.content])], { type: "text/javascript" }));
  try {
    return (await import(/* @vite-ignore */ url)) as Markdown;
  } finally {
    URL.revokeObjectURL(url);
  }
}
