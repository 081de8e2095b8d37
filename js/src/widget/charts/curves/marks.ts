/** Paints curves. */

import type { RunMask } from "../frame";
import { linePath, type SvgNode, svg } from "../nodes";
import { type Rgb, toCss } from "../palette";
import { FAINT, type Marks, once } from "../picture";
import type { Plane } from "../plane";
import type { Line } from "./groups";
import { Ink } from "./ink";
import { isMarked } from "./lines";
import type { Points } from "./points";

/** A line in pixels. */
export interface Drawn {
  line: Line;
  colour: Rgb;
  points: Points;
  raw: Points | null;
  band: Points | null;
}

const WIDTH = 1.5;
const RAW = 0.28;
const BAND = 0.16;
/** Points for each pixel across from which on a line is painted column by column. */
const DENSE = 1.2;

export class CurveMarks implements Marks {
  constructor(
    private readonly drawn: readonly Drawn[],
    private readonly plane: Plane,
  ) {}

  paint(context: CanvasRenderingContext2D, selected: RunMask | null): void {
    const { left, right, top, bottom } = this.plane;
    context.save();
    context.beginPath();
    context.rect(left, top - 2, right - left, bottom - top + 4);
    context.clip();
    context.lineJoin = "bevel";
    const ink = once(() => new Ink({ left, right, top: top - 2, bottom: bottom + 2 }, context.getTransform().a));
    const layers = inOrder(this.drawn, selected).map((drawn) => ({
      ...drawn,
      strength: this.strength(drawn, selected),
      isDense: drawn.band === null && drawn.points.x.length > (right - left) * DENSE,
    }));
    const dense = layers.filter(({ isDense }) => isDense);
    for (const layer of dense) inkLine(ink(), layer);
    if (dense.length > 0) ink().paint(context);
    for (const layer of layers.filter(({ isDense }) => !isDense)) paintLine(context, layer);
    context.restore();
  }

  nodes(selected: RunMask | null): SvgNode[] {
    const { left, right, top, bottom } = this.plane;
    const id = `c${Math.round(left)}-${Math.round(right)}-${Math.round(bottom)}`;
    const clip = svg(
      "clipPath",
      { id },
      svg("rect", { x: left, y: top - 2, width: right - left, height: bottom - top + 4 }),
    );
    const lines = inOrder(this.drawn, selected).flatMap((drawn) => lineNodes(drawn, this.strength(drawn, selected)));
    return [clip, svg("g", { "clip-path": `url(#${id})`, fill: "none", "stroke-linejoin": "bevel" }, ...lines)];
  }

  /** The more lines, the more of what is below them shines through. */
  private strength({ line }: Drawn, selected: RunMask | null): number {
    if (!isMarked(line, selected)) return FAINT;
    return selected === null ? Math.max(0.4, Math.min(1, 1.4 - Math.log10(this.drawn.length) * 0.4)) : 1;
  }
}

/** What is selected lies above what is not. */
const inOrder = (drawn: readonly Drawn[], selected: RunMask | null) =>
  [...drawn].sort((a, b) => Number(isMarked(a.line, selected)) - Number(isMarked(b.line, selected)));

interface Layer extends Drawn {
  /** How opaque it is. */
  strength: number;
}

function inkLine(ink: Ink, { colour, points, raw, strength }: Layer): void {
  if (raw !== null) ink.add(raw, 1, colour, strength * RAW);
  ink.add(points, WIDTH, colour, strength);
}

function paintLine(context: CanvasRenderingContext2D, { colour, points, raw, band, strength }: Layer): void {
  context.strokeStyle = context.fillStyle = toCss(colour);
  if (band !== null) {
    context.globalAlpha = strength * BAND;
    trace(context, band);
    context.fill();
  }
  if (raw !== null) {
    context.globalAlpha = strength * RAW;
    context.lineWidth = 1;
    trace(context, raw);
    context.stroke();
  }
  context.globalAlpha = strength;
  context.lineWidth = WIDTH;
  trace(context, points);
  context.stroke();
  paintLonely(context, points);
}

function trace(context: CanvasRenderingContext2D, { x, y }: Points): void {
  context.beginPath();
  let isDrawing = false;
  for (let index = 0; index < x.length; index++) {
    const down = y[index] as number;
    const isPlace = !Number.isNaN(down);
    if (isPlace && isDrawing) context.lineTo(x[index] as number, down);
    else if (isPlace) context.moveTo(x[index] as number, down);
    isDrawing = isPlace;
  }
}

/** Points without neighbours have no line through them. */
function lonelyPoints({ x, y }: Points): [number, number][] {
  const isGap = (index: number) => Number.isNaN(y[index] ?? Number.NaN);
  const found: [number, number][] = [];
  for (let index = 0; index < x.length; index++) {
    if (isGap(index - 1) && isGap(index + 1) && !isGap(index)) found.push([x[index] as number, y[index] as number]);
  }
  return found;
}

function paintLonely(context: CanvasRenderingContext2D, points: Points): void {
  for (const [x, y] of lonelyPoints(points)) {
    context.beginPath();
    context.arc(x, y, 2.5, 0, 7);
    context.fill();
  }
}

function lineNodes({ colour, points, raw, band }: Drawn, strength: number): SvgNode[] {
  const ink = toCss(colour);
  const under =
    band === null
      ? []
      : [svg("path", { d: `${linePath(band.x, band.y)}Z`, fill: ink, "fill-opacity": strength * BAND })];
  const thin =
    raw === null ? [] : [svg("path", { d: linePath(raw.x, raw.y), stroke: ink, "stroke-opacity": strength * RAW })];
  const line = svg("path", {
    d: linePath(points.x, points.y),
    stroke: ink,
    "stroke-width": WIDTH,
    "stroke-opacity": strength,
  });
  const dots = lonelyPoints(points).map(([cx, cy]) =>
    svg("circle", { cx, cy, r: 2.5, fill: ink, "fill-opacity": strength }),
  );
  return [...under, ...thin, line, ...dots];
}
