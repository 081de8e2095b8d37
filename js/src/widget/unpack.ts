/** What the kernel sends as the widget: the bundle in a third of its size, and what unpacks it. */

import { inflate } from "./inflate";

/** The bundle, compressed and as text, and how many bytes it has compressed. The build fills it in. */
declare const PACKED: string;
declare const PACKED_SIZE: number;

/** Five characters are four bytes: a digit is a character from # on, but the backslash, which JSON doubles, is a y. */
function decode85(text: string): DataView<ArrayBuffer> {
  const bytes = new DataView(new ArrayBuffer((text.length / 5) * 4), 0, PACKED_SIZE);
  const all = new DataView(bytes.buffer);
  for (let at = 0; at < text.length; at += 5) {
    let value = 0;
    for (const digit of text.slice(at, at + 5)) value = value * 85 + (digit === "y" ? 57 : digit.charCodeAt(0) - 35);
    all.setUint32((at / 5) * 4, value);
  }
  return bytes;
}

async function run(code: Blob): Promise<{ default: unknown }> {
  const url = URL.createObjectURL(code);
  try {
    return (await import(/* @vite-ignore */ url)) as { default: unknown };
  } finally {
    URL.revokeObjectURL(url);
  }
}

const bundle = await inflate(decode85(PACKED), "gzip");
const widget = await run(new Blob([bundle], { type: "text/javascript" }));

export default widget.default;
