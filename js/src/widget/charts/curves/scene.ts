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

/** Above this number of steps the pointer is at whole ones. */
const WHOLE = 10;

/** The value of the axis across at a place of the picture; a whole step where they are seen close to each other. */
export function valueAcross({ view }: Scene, x: number): number {
  const value = view.x.valueAt((x - view.plane.left) / (view.plane.right - view.plane.left));
  return view.x.domain[1] - view.x.domain[0] > WHOLE ? Math.round(value) : value;
}
