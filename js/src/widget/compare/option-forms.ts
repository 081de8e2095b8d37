/** Options of charts out of a notebook: anybody may have written them, so what has another form is left out. */

import type { ChartName } from "../compare-protocol";
import { CHARTS } from "./chart-list";

type Options = Partial<Record<ChartName, Record<string, unknown>>>;
type Form = (value: unknown) => boolean;

const isText: Form = (value) => typeof value === "string";
const isNumber: Form = (value) => typeof value === "number" && Number.isFinite(value);
const isScale: Form = (value) => value === "auto" || value === "linear" || value === "log";
const isAcross: Form = (value) => value === "step" || value === "time" || value === "relative";
const isRange: Form = (value) => Array.isArray(value) && value.length === 2 && value.every(isNumber);
const orNull =
  (form: Form): Form =>
  (value) =>
    value === null || form(value);
const listOf =
  (form: Form): Form =>
  (value) =>
    Array.isArray(value) && value.every(form);
const record =
  (forms: Record<string, Form>, required: readonly string[] = []): Form =>
  (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    const isRight = ([name, one]: [string, unknown]) => Object.hasOwn(forms, name) && forms[name]?.(one);
    return required.every((name) => Object.hasOwn(value, name)) && Object.entries(value).every(isRight);
  };

const isBrush = record({ range: isRange, texts: listOf(isText), lanes: listOf(isText) });
const isAxis = record(
  { column: isText, scale: isScale, isInverted: (value) => typeof value === "boolean", brush: orNull(isBrush) },
  ["column"],
);
const isZoom = record({ x: isRange, y: isRange }, ["x", "y"]);

const FORMS: Record<string, Form> = {
  axes: orNull(listOf(isAxis)),
  zoom: orNull(isZoom),
  across: isAcross,
  smoothing: isNumber,
  height: orNull(isNumber),
  ...Object.fromEntries(["colour", "x", "y", "z", "metric", "group"].map((name) => [name, orNull(isText)])),
  ...Object.fromEntries(["scale", "xScale", "yScale", "zScale"].map((name) => [name, isScale])),
};

export function readOptions(value: unknown): Options {
  if (typeof value !== "object" || value === null) return {};
  const found: Options = {};
  for (const [chart, { initial }] of Object.entries(CHARTS)) {
    const own = (value as Record<string, unknown>)[chart];
    if (typeof own !== "object" || own === null) continue;
    const kept = Object.entries(own).filter(([name, one]) => Object.hasOwn(FORMS, name) && FORMS[name]?.(one));
    found[chart as ChartName] = { ...initial, ...Object.fromEntries(kept) };
  }
  return found;
}
