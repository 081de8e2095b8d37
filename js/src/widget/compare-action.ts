/** Compare the chosen runs: below the cell, where it stays in the notebook, or in a tab. */

import { idsOf } from "./choosing";
import { askHost } from "./host";
import type { RunRow } from "./protocol";
import { strings } from "./strings";
import type { AnyView } from "./view";

/** More ids than that make no cell that anyone wants to read. */
export const MOST_IN_CELL = 100;

/** The code that compares runs. */
export const compareSource = (runIds: readonly string[]): string =>
  `import trackside\n\ntrackside.compare([\n${runIds.map((id) => `    ${JSON.stringify(id)},\n`).join("")}])`;

/** In a cell that is run below the active one; where the page has no cells, in a tab. */
export async function compareInline(view: AnyView, rows: readonly RunRow[]): Promise<void> {
  try {
    const source = compareSource(idsOf(rows));
    if (await askHost(view.element, { kind: "cell.run", source })) return;
    await view.copy(source, strings.copiedInstead);
  } catch (error) {
    view.state.showFault(error);
  }
}

export async function compareInTab(view: AnyView, rows: readonly RunRow[]): Promise<void> {
  try {
    const { reply } = await view.state.request("compare.open", { run_ids: idsOf(rows) });
    const name = strings.compareTitle(rows.length);
    if (!(await askHost(view.element, { kind: "compare.open", name, ...reply }))) await compareInline(view, rows);
  } catch (error) {
    view.state.showFault(error);
  }
}
