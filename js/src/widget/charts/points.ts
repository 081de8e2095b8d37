/** Runs as points. */

import type { RunMask } from "./frame";
import { type SvgNode, svg } from "./nodes";
import { type Rgb, toCss } from "./palette";
import { FAINT, type Marks } from "./picture";
import type { Theme } from "./theme";

const REACH = 20;
/** Above this number points have no outlines, and on a ground of their colours they are faint. */
const CROWD = 2000;
const CROWDED = 0.2;
/** The most points that are written into a file one by one. */
const MOST_NODES = 5000;

export class Points implements Marks {
  private readonly radius: number;
  private readonly opacity: number;

  constructor(
    private readonly runs: readonly number[],
    private readonly x: Float32Array,
    private readonly y: Float32Array,
    private readonly colour: (run: number) => Rgb,
    private readonly theme: Theme,
    /** On a ground of the same colours. */
    private readonly isOutlined = false,
  ) {
    const many = Math.log10(Math.max(1, runs.length / 50));
    this.radius = Math.max(1.5, 4.5 - many);
    const isCrowd = isOutlined && runs.length > CROWD;
    this.opacity = isCrowd ? CROWDED : Math.max(0.3, 0.9 - many * 0.2);
  }

  paint(context: CanvasRenderingContext2D, selected: RunMask | null): void {
    context.strokeStyle = toCss(this.theme.background);
    context.lineWidth = 1;
    const hasOutline = this.isOutlined && this.runs.length <= CROWD;
    for (const run of this.inOrder(selected)) {
      context.globalAlpha = this.strength(run, selected);
      context.fillStyle = toCss(this.colour(run));
      context.beginPath();
      context.arc(this.x[run] as number, this.y[run] as number, this.radius, 0, 7);
      context.fill();
      if (hasOutline) context.stroke();
    }
    context.globalAlpha = 1;
  }

  nodes(selected: RunMask | null): SvgNode[] | null {
    if (this.runs.length > MOST_NODES) return null;
    const outline =
      this.isOutlined && this.runs.length <= CROWD ? { stroke: toCss(this.theme.background), "stroke-width": 1 } : {};
    return this.inOrder(selected).map((run) =>
      this.circle(run, this.radius, { ...outline, "fill-opacity": this.strength(run, selected) }),
    );
  }

  highlight(run: number): SvgNode[] {
    if (!(run in this.x)) return [];
    return [this.circle(run, this.radius + 3, { stroke: toCss(this.theme.text), "stroke-width": 1.5 })];
  }

  nearest(x: number, y: number): number {
    let [best, nearest] = [-1, REACH];
    for (const run of this.runs) {
      const distance = Math.hypot((this.x[run] as number) - x, (this.y[run] as number) - y);
      if (distance < nearest) [best, nearest] = [run, distance];
    }
    return best;
  }

  /** The runs in a box of the picture. */
  within(left: number, right: number, top: number, bottom: number): number[] {
    const isIn = (run: number) => {
      const [x, y] = [this.x[run] as number, this.y[run] as number];
      return x >= left && x <= right && y >= top && y <= bottom;
    };
    return this.runs.filter(isIn);
  }

  private circle(run: number, r: number, more: SvgNode["attributes"]): SvgNode {
    return svg("circle", {
      cx: this.x[run] as number,
      cy: this.y[run] as number,
      r,
      fill: toCss(this.colour(run)),
      ...more,
    });
  }

  private readonly strength = (run: number, selected: RunMask | null) =>
    selected === null || selected[run] === 1 ? this.opacity : FAINT;

  /** What is selected lies above what is not. */
  private inOrder(selected: RunMask | null): readonly number[] {
    if (selected === null) return this.runs;
    return [...this.runs.filter((run) => selected[run] !== 1), ...this.runs.filter((run) => selected[run] === 1)];
  }
}
