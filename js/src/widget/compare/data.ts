/** A comparison's columns as charts and tables read them. The other side is `src/trackside/widgets/chart_data.py`. */

import type { Binary } from "../bridge";
import type { Column, ColumnKind, Curve, Frame, RunMask } from "../charts/frame";
import { readBytes, readFloats } from "../columns";
import type { ColumnMessage, CompareData, CurveMessage } from "../compare-protocol";
import { betterDirection } from "../directions";
import { formatExact } from "../format";

const KINDS = { detail: "attribute", param: "param", metric: "metric", tag: "tag" } as const;
const PREFIXES: Record<ColumnKind, string> = {
  attribute: "attributes",
  param: "params",
  metric: "metrics",
  tag: "tags",
};
const TIMES = new Set(["start_time", "end_time"]);
const IS_NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

export interface Compared {
  frame: Frame;
  /** Params as they were logged, where the frame has numbers: texts by column id, one for each run. */
  texts: ReadonlyMap<string, readonly (string | null)[]>;
  histories: readonly string[];
  total: number;
  leftOut: readonly string[];
}

export function readCompared(data: CompareData, buffers: readonly Binary[]): Compared {
  const texts = new Map<string, readonly (string | null)[]>();
  const columns = data.columns.map((message) => readColumn(message, buffers, texts));
  const names = columns.find(({ id }) => id === "attributes.name");
  const ids = data.run_ids;
  const frame = {
    runs: { ids, names: ids.map((id, run) => (names && textOf(names, run)) || id.slice(0, 8)) },
    columns,
    curves: data.curves.map((curve) => readCurve(curve, buffers)),
  };
  return { frame, texts, histories: data.histories, total: data.total, leftOut: data.left_out };
}

export function readCurve({ run, key, steps, times, values }: CurveMessage, buffers: readonly Binary[]): Curve {
  const read = (index: number) => readFloats(buffers[index]);
  return { run, key, steps: read(steps), times: read(times), values: read(values) };
}

/** What a run has in a column, as it was logged; null where it has nothing. */
export function textOf(column: Column, run: number): string | null {
  if (column.type === "text") return column.texts[column.codes[run] ?? -1] ?? null;
  return column.missing?.[run] ? null : formatExact(column.values[run] ?? Number.NaN);
}

/** The runs as a mask; null for none of them. */
export function maskOf(ids: Iterable<string>, { runs }: Frame): RunMask | null {
  const wanted = new Set(ids);
  const mask = Uint8Array.from(runs.ids, (id) => (wanted.has(id) ? 1 : 0));
  return mask.includes(1) ? mask : null;
}

export function idsOf(mask: RunMask | null, { runs }: Frame): string[] {
  return mask === null ? [] : runs.ids.filter((_, run) => mask[run] === 1);
}

/** The runs that are not in a set; null where there is no set. */
export const inverted = (mask: RunMask | null): RunMask | null => (mask === null ? null : mask.map((isIn) => 1 - isIn));

function readColumn(message: ColumnMessage, buffers: readonly Binary[], texts: Map<string, unknown>): Column {
  const kind = KINDS[message.kind];
  const head = { id: `${PREFIXES[kind]}.${message.key}`, key: message.key, kind };
  const part = buffers[message.values];
  if (message.texts === null) {
    const missing = message.missing === null ? null : readBytes(buffers[message.missing]).slice();
    const isTime = kind === "attribute" && TIMES.has(message.key);
    const direction = kind === "metric" ? betterDirection(message.key) : null;
    return { ...head, type: "number", values: readFloats(part), missing, direction, isTime };
  }
  const codes = new Int32Array(readBytes(part).slice().buffer);
  const numbers = kind === "param" ? numbersOf(message.texts) : null;
  if (numbers === null) return { ...head, type: "text", codes, texts: message.texts };
  texts.set(
    head.id,
    Array.from(codes, (code) => message.texts?.[code] ?? null),
  );
  const values = Float64Array.from(codes, (code) => numbers[code] ?? Number.NaN);
  const missing = codes.includes(-1) ? Uint8Array.from(codes, (code) => (code < 0 ? 1 : 0)) : null;
  return { ...head, type: "number", values, missing, direction: null };
}

/** The numbers that all of the texts are, or null where one is none. */
function numbersOf(texts: readonly string[]): number[] | null {
  return texts.length > 0 && texts.every((text) => IS_NUMBER.test(text)) ? texts.map(Number) : null;
}
