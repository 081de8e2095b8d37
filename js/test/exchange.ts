/** How the examples in `tests/protocol` are typed. */

import type { Request, RequestKind, Requests } from "../src/widget/protocol";
import { bytes, floats } from "./fake-kernel";

/** A type with texts for names out of a list, because that is how JSON files are typed. */
export type Loose<T> = T extends string ? string : T extends object ? { [K in keyof T]: Loose<T[K]> } : T;

/** A buffer as numbers, which in a message is binary. */
export type Written = { float64?: (number | string)[]; uint8?: number[] };

/** A request with its reply. */
export type Exchange<K extends RequestKind> = {
  request: Loose<Request<K>>;
  reply: { id: string; reply: Loose<Requests[K]["reply"]> };
  buffers?: Written[];
};

/** The buffers as a message carries them. */
export const toBinary = (buffers: readonly Written[]) =>
  buffers.map(({ float64, uint8 = [] }) => (float64 ? floats(...float64.map(toNumber)) : bytes(...uint8)));

const toNumber = (written: number | string) => Number(written === "inf" ? "Infinity" : written);
