/** What a chart gives to be drawn: plain data and pure functions, made anew when data, options or size change. */

import type { RunMask } from "./frame";
import { type SvgNode, svg, toFile } from "./nodes";
import { type Rgb, toCss } from "./palette";
import type { Theme } from "./theme";

export interface Room {
  width: number;
  /** How high the picture may be; without it as high as it likes. */
  height?: number | null;
  theme: Theme;
}

/** How high a drawing is that has a legend below it: as asked, else as the room allows, else as usual. */
export const drawingHeight = (asked: number | null | undefined, usual: number, room: Room, legend: number): number =>
  asked ?? (room.height == null ? usual : Math.max(usual * LEAST, room.height - legend));

/** The part of its usual height that a drawing needs. */
const LEAST = 0.7;

export interface Picture {
  width: number;
  height: number;
  /** What it is, for screen readers and files. */
  title: string;
  /** Beneath the marks: axes, grid. */
  back: readonly SvgNode[];
  /** The runs. */
  marks: Marks;
  /** Above the marks: legend, labels. */
  front: readonly SvgNode[];
  /** What stands out of one run, above all else. */
  highlight: (run: number) => readonly SvgNode[];
  /** The run that is meant at a place, or -1. */
  nearest: (x: number, y: number) => number;
  /** Runs in the order in which the keyboard goes through them. */
  order: () => readonly number[];
  /** What is said of a run: names and values. */
  facts: (run: number) => readonly Fact[];
  /** What people have to know to read it, below it. */
  notes: readonly string[];
}

export type Fact = readonly [name: string, value: string];

export interface Marks {
  paint: (context: CanvasRenderingContext2D, selected: RunMask | null) => void;
  /** The same as SVG; null where there are too many for it, then the canvas is kept as an image. */
  nodes: (selected: RunMask | null) => readonly SvgNode[] | null;
}

/** What a picture without runs in it has. */
export const NO_RUNS = {
  marks: { paint: () => undefined, nodes: () => [] } satisfies Marks,
  front: [],
  highlight: () => [],
  nearest: () => -1,
  order: () => [],
  facts: () => [],
};

/** How strongly runs are drawn that are not selected while others are. */
export const FAINT = 0.15;

/** A picture as an SVG file. `photograph` gives the marks as an image's URL where they are too many for shapes. */
export function pictureFile(
  { width, height, title, back, marks, front }: Picture,
  background: Rgb,
  selected: RunMask | null = null,
  over: readonly SvgNode[] = [],
  photograph: () => string = () => "",
): string {
  const paper = svg("rect", { width, height, fill: toCss(background) });
  const nodes = marks.nodes(selected) ?? [svg("image", { width, height, href: photograph() })];
  return toFile(width, height, title, [paper, ...back, ...nodes, ...front, ...over]);
}

/** What is worked out when it is asked for, and remembered. */
export function once<Value>(make: () => Value): () => Value {
  let made: { value: Value } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
