/** Asks the kernel what is different, and tells it the notebook as the page has it where that is a side. */

import type { Answer } from "../../bridge";
import type { Sides } from "../../diff-state";
import { readNotebook } from "../../host";
import { inPieces } from "../../pieces";
import type { WidgetState } from "../../widget-state";

/** The cells of a notebook that is too large for one message go ahead, one message after the other. */
export async function readDifference(state: WidgetState, element: Element, sides: Sides): Promise<Answer<"diff.read">> {
  const { path, cells } = sides.after === "" ? await readNotebook(element) : { path: "", cells: [] };
  const pieces = inPieces(cells);
  const last = pieces.pop() ?? [];
  const key = pieces.length === 0 ? "" : Math.random().toString(36).slice(2);
  for (const piece of pieces) await state.request("diff.cells", { key, cells: piece });
  return state.request("diff.read", { ...sides, path, cells: last, key });
}
