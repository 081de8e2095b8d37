/** What the kernel sends as the widget: the bundle in a third of its size, and what unpacks it. */

/** The bundle, compressed and as text. The build fills it in. */
declare const PACKED: string;

async function unpack(): Promise<Blob> {
  const bytes = Uint8Array.from(atob(PACKED), (character) => character.charCodeAt(0));
  const bundle = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Blob([await new Response(bundle).arrayBuffer()], { type: "text/javascript" });
}

async function run(code: Blob): Promise<{ default: unknown }> {
  const url = URL.createObjectURL(code);
  try {
    return (await import(/* @vite-ignore */ url)) as { default: unknown };
  } finally {
    URL.revokeObjectURL(url);
  }
}

const widget = await run(await unpack());

export default widget.default;
