/** The cells of both sides: those that changed open, stretches of unchanged ones folded into a line. */

import { useState } from "preact/hooks";
import type { CellDiff } from "../../diff-protocol";
import { strings } from "../../strings";
import { Icon } from "../icons";
import { Lines } from "./lines";

export function CellList({ cells }: { cells: readonly CellDiff[] }) {
  const counts = countCells(cells);
  return (
    <section class="ts-diff-cells" aria-label={strings.cells}>
      <h4 class="ts-diff-counts">
        {strings.cells}
        {counts.map((text) => (
          <span key={text} class="ts-muted">
            {text}
          </span>
        ))}
      </h4>
      {stretches(cells).map((stretch) =>
        isSame(stretch[0]) ? (
          <Folded key={keyOf(stretch)} cells={stretch} />
        ) : (
          <Cell key={keyOf(stretch)} cell={stretch[0]} />
        ),
      )}
    </section>
  );
}

type Stretch = [CellDiff, ...CellDiff[]];

const isSame = ({ kind, moved }: CellDiff) => kind === "same" && !moved;
const keyOf = ([cell]: Stretch) => `${cell.before}:${cell.after}`;

/** Each changed cell by itself, unchanged neighbours together. */
export function stretches(cells: readonly CellDiff[]): Stretch[] {
  const found: Stretch[] = [];
  for (const cell of cells) {
    const last = found.at(-1);
    if (last !== undefined && isSame(cell) && isSame(last[0])) last.push(cell);
    else found.push([cell]);
  }
  return found;
}

function countCells(cells: readonly CellDiff[]): string[] {
  const of = (is: (cell: CellDiff) => boolean, text: (count: number) => string) => {
    const count = cells.filter(is).length;
    return count > 0 ? [text(count)] : [];
  };
  const { cellCounts } = strings;
  return [
    ...(["changed", "added", "removed"] as const).flatMap((kind) => of((cell) => cell.kind === kind, cellCounts[kind])),
    ...of(({ moved }) => moved, cellCounts.moved),
    ...of(isSame, strings.cellsUnchanged),
  ];
}

function Folded({ cells }: { cells: Stretch }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <div class="ts-diff-folded">
      <button type="button" class="ts-diff-fold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <Icon name="chevron" />
        {strings.cellsUnchanged(cells.length)}
      </button>
      {isOpen && cells.map((cell) => <Cell key={keyOf([cell])} cell={cell} />)}
    </div>
  );
}

const SIGNS = { same: "", changed: "±", added: "+", removed: "−" } as const;

function Cell({ cell }: { cell: CellDiff }) {
  const isChange = !isSame(cell);
  return (
    <article class="ts-diff-cell" data-kind={cell.kind} data-change={isChange} tabIndex={isChange ? -1 : undefined}>
      <h5 class="ts-diff-cell-head">
        <span class="ts-diff-sign" aria-hidden="true">
          {cell.kind === "same" && cell.moved ? "↕" : SIGNS[cell.kind]}
        </span>
        <span>{strings.cellAt(cell.after ?? cell.before ?? 0)}</span>
        <span class="ts-muted">{cell.cell_type}</span>
        {marksOf(cell).map((mark) => (
          <span key={mark} class="ts-diff-mark">
            {mark}
          </span>
        ))}
      </h5>
      {cell.cut ? <p class="ts-none">{strings.tooLong}</p> : <Lines cell={cell} />}
    </article>
  );
}

function marksOf(cell: CellDiff): string[] {
  const kind = isSame(cell) || cell.kind !== "same" ? [strings.cellKind[cell.kind]] : [];
  const moved = cell.moved && cell.before !== null ? [strings.cellMoved(cell.before)] : [];
  return [...kind, ...moved, ...cell.changed.map((part) => strings.cellPart[part])].filter(Boolean);
}
