/** What a chart of curves shows now. */

import type { Extent } from "./lines";
import type { Drawn } from "./marks";
import type { View } from "./view";

export interface Scene {
  metric: string;
  view: View;
  drawn: readonly Drawn[];
  extent: Extent;
}

/** The value of the axis across at a place of the picture. */
export const valueAcross = ({ view }: Scene, x: number) =>
  view.x.valueAt((x - view.plane.left) / (view.plane.right - view.plane.left));
