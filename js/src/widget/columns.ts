/** Binary parts of messages as arrays. They are copied, because a part may start at any byte. */

import type { Binary } from "./bridge";

/** A column of float64, or an empty one where the message has no such part. */
export function readFloats(part: Binary | undefined): Float64Array {
  return new Float64Array(readBytes(part).slice().buffer);
}

/** The bytes of a part, or none where the message has no such part. */
export function readBytes(part: Binary | undefined): Uint8Array<ArrayBuffer> {
  if (part === undefined) return new Uint8Array();
  if (part instanceof ArrayBuffer) return new Uint8Array(part);
  return new Uint8Array(part.buffer as ArrayBuffer, part.byteOffset, part.byteLength);
}
