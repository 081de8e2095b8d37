/** Where parts come from: the kernel has them as files, and hands out their code. */

import type { Binary } from "./bridge";
import { readBytes } from "./columns";
import { inflate } from "./inflate";
import type { PartName } from "./parts";
import type { BufferIndex } from "./protocol";

/** Asks the kernel for the code of a part, which is compressed because websockets do not compress. */
export type AskForPart = (name: PartName) => Promise<{ reply: { content: BufferIndex }; buffers: readonly Binary[] }>;

/** Modules of the widget that parts use too, by the name that parts are built to ask for. */
export type Shared = Readonly<Record<string, unknown>>;

/** What a module of a part exports, and its style sheet. */
export interface LoadedPart {
  content: unknown;
  style: string;
}

/** A part as `build.mjs` writes it: a module that makes what the part exports, with what the widget lends it. */
interface BuiltPart {
  default: (require: (name: string) => unknown) => unknown;
  style: string;
}

/** Rejects where the kernel does not give the part or the page does not run it. */
export async function fetchPart(ask: AskForPart, name: PartName, shared: Shared): Promise<LoadedPart> {
  const { reply, buffers } = await ask(name);
  const code = await inflate(readBytes(buffers[reply.content]), "gzip");
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  try {
    const built = (await import(/* @vite-ignore */ url)) as BuiltPart;
    return { content: built.default((wanted) => lend(shared, wanted)), style: built.style };
  } finally {
    URL.revokeObjectURL(url);
  }
}

function lend(shared: Shared, name: string): unknown {
  if (Object.hasOwn(shared, name)) return shared[name];
  throw new Error(`the widget has no ${name} for its part`);
}
