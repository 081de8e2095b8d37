/** How a notebook becomes a revision with as little change as can be. `notebook/restoring.py` does it to files. */

import type { IAttachments, ICell } from "@jupyterlab/nbformat";

/** What belongs to outputs or to the view, and what the revision tells of its execution. */
const NOT_CODE = new Set(["trackside", "execution", "ExecuteTime", "papermill", "trusted", "collapsed", "scrolled"]);

/** A cell of the result: one that stays where it is, by its position, or one that is put in. */
export type Step = { kept: number } | { put: ICell };

/**
 * The cells of the result in their order. Cells that are as the revision has them stay; those of them that stand
 * elsewhere are put in as they are now, with their outputs.
 */
export function planRestore(current: readonly ICell[], revision: readonly ICell[]): Step[] {
  const positions = findUnchanged(current, revision);
  let last = -1;
  return revision.map((cell, index) => {
    const position = positions[index];
    const found = position === undefined ? undefined : current[position];
    if (position === undefined || found === undefined) return { put: whole(cell, current) };
    if (position < last) return { put: found };
    last = position;
    return { kept: position };
  });
}

/** For each cell of the revision the position of the one that is the same: by id first, then by content. */
function findUnchanged(current: readonly ICell[], revision: readonly ICell[]): (number | undefined)[] {
  const found = new Array<number | undefined>(revision.length);
  const taken = new Set<number>();
  const textOf = revision.some(lacksAttachments) ? bareContentOf : contentOf;
  for (const keyOf of [(cell: ICell) => `${String(cell.id)} ${textOf(cell)}`, textOf]) {
    const waiting = new Map<string, number[]>();
    current.forEach((cell, position) => {
      if (!taken.has(position)) waiting.set(keyOf(cell), [...(waiting.get(keyOf(cell)) ?? []), position]);
    });
    revision.forEach((cell, index) => {
      const position = found[index] === undefined ? waiting.get(keyOf(cell))?.shift() : undefined;
      if (position === undefined) return;
      found[index] = position;
      taken.add(position);
    });
  }
  return found;
}

const contentOf = (cell: ICell) => `${bareContentOf(cell)} ${JSON.stringify(sorted(attachmentsOf(cell) ?? {}))}`;
const bareContentOf = (cell: ICell) => JSON.stringify([cell.cell_type, sourceOf(cell), ownMetadata(cell)]);
const attachmentsOf = (cell: ICell) =>
  "attachments" in cell ? (cell.attachments as IAttachments | undefined) : undefined;

/** Whether the revision has the cell without attachments that were too large for it. */
function lacksAttachments({ metadata }: ICell): boolean {
  const ours = metadata.trackside as { attachments_left_out?: unknown } | undefined;
  return Array.isArray(ours?.attachments_left_out);
}

/** A cell of a revision as one that was never run, with what it lacks as far as the notebook has it still. */
function whole(cell: ICell, current: readonly ICell[]): ICell {
  const plain = withoutTraces(cell);
  const same = lacksAttachments(cell) ? current.find(({ id }) => id === cell.id) : undefined;
  const attachments = same && attachmentsOf(same);
  return attachments === undefined ? plain : ({ ...plain, attachments } as ICell);
}

const sourceOf = ({ source }: ICell) =>
  (Array.isArray(source) ? source.join("") : source).replace(/\r\n/g, "\n").trim();
const ownMetadata = ({ metadata }: ICell) =>
  sorted(Object.fromEntries(Object.entries(metadata).filter(([key]) => !NOT_CODE.has(key))));
const sorted = (record: object) => Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1));

/** A cell of a revision as one that was never run. */
function withoutTraces(cell: ICell): ICell {
  const { trackside: _, ...metadata } = cell.metadata as Record<string, unknown>;
  const plain = { ...cell, metadata } as ICell;
  return cell.cell_type === "code" ? { ...plain, outputs: [], execution_count: null } : plain;
}
