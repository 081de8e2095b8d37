/** The box that is drawn while something is dragged. */

import type { Mounted } from "./mount";
import { svg, toElement } from "./nodes";
import { toCss } from "./palette";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const boxBetween = (x1: number, y1: number, x2: number, y2: number): Box => ({
  x: Math.min(x1, x2),
  y: Math.min(y1, y2),
  width: Math.abs(x2 - x1),
  height: Math.abs(y2 - y1),
});

export class DragBox<Options> {
  private readonly rect = toElement(svg("rect", { rx: 2, "fill-opacity": 0.15 }));

  constructor(private readonly mounted: Mounted<Options>) {}

  show(box: Box): void {
    const colour = toCss(this.mounted.theme().accent);
    for (const [name, value] of Object.entries({ ...box, fill: colour, stroke: colour })) {
      this.rect.setAttribute(name, String(value));
    }
    this.mounted.stage.over.append(this.rect);
  }

  hide(): void {
    this.rect.remove();
  }
}
