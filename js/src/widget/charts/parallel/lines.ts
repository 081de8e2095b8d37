/** Paints the runs of parallel coordinates: as lines while they are few, counted into pixels when they are many. */

import { countRuns, type RunMask } from "../frame";
import { intersect, runsIn } from "../masks";
import { linePath, type SvgNode, svg } from "../nodes";
import { type Colouring, colourOf, toCss } from "../palette";
import { FAINT, type Marks } from "../picture";
import type { Theme } from "../theme";
import { Film } from "./film";
import type { Layout } from "./layout";

/** Above this number lines are counted into pixels, which is faster than strokes. */
const FEW = 200;
/** The most lines that are written into a file one by one. */
const MOST_PATHS = 2000;

export interface Bundle {
  layout: Layout;
  colouring: Colouring;
  shown: RunMask | null;
  theme: Theme;
  total: number;
}

export class Lines implements Marks {
  private readonly film: Film;
  private faint: HTMLCanvasElement | null = null;

  /** `onPaint` learns which runs are in the foreground. */
  constructor(
    private readonly bundle: Bundle,
    private readonly onPaint: (selected: RunMask | null) => void = () => undefined,
  ) {
    this.film = new Film(bundle);
  }

  paint(context: CanvasRenderingContext2D, selected: RunMask | null): void {
    this.onPaint(selected);
    if (selected !== null) this.paintFaint(context);
    const runs = selected === null ? this.bundle.shown : intersect(selected, this.bundle.shown);
    if (countRuns(runs, this.bundle.total) <= FEW) strokeRuns(context, this.bundle, runs, strength(this.bundle, runs));
    else this.film.paint(context, runs);
  }

  nodes(selected: RunMask | null): SvgNode[] | null {
    const { bundle } = this;
    if (countRuns(bundle.shown, bundle.total) > MOST_PATHS) return null;
    const opacity = strength(bundle, selected ?? bundle.shown);
    const runs = runsIn(bundle.shown, bundle.total);
    const width = thickness(bundle, selected ?? bundle.shown);
    const isOut = (run: number) => selected !== null && selected[run] !== 1;
    const back = runs.filter(isOut).map((run) => pathOf(bundle, run, toCss(bundle.theme.muted), FAINT));
    const front = runs
      .filter((run) => !isOut(run))
      .map((run) => pathOf(bundle, run, toCss(colourOf(bundle.colouring, run)), opacity, width));
    return [svg("g", { fill: "none" }, ...back, ...front)];
  }

  /** All runs in grey, painted once for as long as the picture stays. */
  private paintFaint(context: CanvasRenderingContext2D): void {
    const { shown, total } = this.bundle;
    this.faint ??= this.makeFaint(context.canvas);
    const isFew = countRuns(shown, total) <= FEW;
    context.globalAlpha = isFew ? 1 : 0.5;
    const { width, height } = context.canvas;
    context.drawImage(this.faint, 0, 0, width / pixelsOf(context), height / pixelsOf(context));
    context.globalAlpha = 1;
  }

  private makeFaint(like: HTMLCanvasElement): HTMLCanvasElement {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [like.width, like.height];
    const context = canvas.getContext("2d");
    const own = like.getContext("2d");
    if (context === null || own === null) return canvas;
    context.setTransform(own.getTransform());
    const grey = { ...this.bundle, colouring: plain(this.bundle) };
    if (countRuns(grey.shown, grey.total) <= FEW) strokeRuns(context, grey, grey.shown, FAINT);
    else this.film.paintAll(context, this.bundle.theme.muted);
    return canvas;
  }
}

const pixelsOf = (context: CanvasRenderingContext2D) => context.getTransform().a;

const plain = ({ colouring, theme }: Bundle): Colouring => ({
  ...colouring,
  table: colouring.table.map(() => theme.muted),
});

/** The more lines, the more of what is below them shines through. */
function strength({ total }: Bundle, runs: RunMask | null): number {
  const count = countRuns(runs, total);
  return count <= 30 ? 0.9 : Math.max(0.35, 0.9 - Math.log10(count / 30) * 0.35);
}

/** A few lines are followed with the eye more easily when they are thicker. */
const thickness = ({ total }: Bundle, runs: RunMask | null) => (countRuns(runs, total) <= 12 ? 2 : 1.25);

function strokeRuns(context: CanvasRenderingContext2D, bundle: Bundle, runs: RunMask | null, opacity: number): void {
  context.lineWidth = thickness(bundle, runs);
  context.lineJoin = "round";
  context.globalAlpha = opacity;
  for (const run of runsIn(runs, bundle.total)) {
    context.strokeStyle = toCss(colourOf(bundle.colouring, run));
    context.beginPath();
    for (const { x, y } of bundle.layout.axes) context.lineTo(x, bundle.layout.top + (y[run] ?? 0));
    context.stroke();
  }
  context.globalAlpha = 1;
}

export function pathOf({ layout }: Bundle, run: number, stroke: string, opacity: number, width = 1.25): SvgNode {
  const x = layout.axes.map((axis) => axis.x);
  const y = layout.axes.map((axis) => layout.top + (axis.y[run] ?? 0));
  return svg("path", { d: linePath(x, y), stroke, "stroke-width": width, "stroke-opacity": opacity, fill: "none" });
}
