/** The lines of a cell: both sides beside each other where there is room, else below each other. */

import { useState } from "preact/hooks";
import type { CellDiff, DiffLine } from "../../diff-protocol";
import { formatCode } from "../../format";
import { strings } from "../../strings";

/** So many unchanged lines stay in sight around those that changed. */
const CONTEXT = 3;

type Line = CellDiff["lines"][number];

export function Lines({ cell }: { cell: CellDiff }) {
  if (cell.lines.length === 0) return <Whole cell={cell} />;
  return (
    <div class="ts-diff-lines">
      {inParts(cell.lines).map((part, index) =>
        part.isFolded ? <FoldedLines key={index} lines={part.lines} /> : part.lines.map(drawLine),
      )}
    </div>
  );
}

/** A source that only one side has, or both. */
function Whole({ cell: { kind, source } }: { cell: CellDiff }) {
  if (source === "") return null;
  const of = (text: string): Line =>
    kind === "added" ? { kind, before: null, after: ["", text] } : { kind: "removed", before: ["", text], after: null };
  const lines = source.split(/\r?\n/);
  if (kind === "added" || kind === "removed")
    return <div class="ts-diff-lines ts-diff-one">{lines.map((text) => of(text)).map(drawLine)}</div>;
  return <pre class="ts-diff-source">{formatCode(source)}</pre>;
}

const drawLine = (line: Line, index: number) => <TwoSides key={index} line={line} />;

function TwoSides({ line: { kind, before, after } }: { line: Line }) {
  return (
    <div class="ts-diff-line" data-kind={kind}>
      <OneSide side="before" sign={kind === "same" ? "" : "−"} line={before} isWhole={kind !== "changed"} />
      <OneSide side="after" sign={kind === "same" ? "" : "+"} line={after} isWhole={kind !== "changed"} />
    </div>
  );
}

interface OneSideProps {
  side: "before" | "after";
  sign: string;
  line: DiffLine;
  isWhole: boolean;
}

/** A line with its sign, and the words in it that are others on the other side. */
function OneSide({ side, sign, line, isWhole }: OneSideProps) {
  if (line === null) return <span class="ts-diff-side" data-side={side} data-none="true" />;
  const Mark = side === "before" ? "del" : "ins";
  return (
    <span class="ts-diff-side" data-side={side}>
      <span class="ts-diff-sign">{sign}</span>
      <code>
        {line
          .map(formatCode)
          .map((text, index) => (index % 2 === 1 && !isWhole ? <Mark key={index}>{text}</Mark> : text))}
      </code>
    </span>
  );
}

function FoldedLines({ lines }: { lines: readonly Line[] }) {
  const [isOpen, setOpen] = useState(false);
  if (isOpen) return <>{lines.map(drawLine)}</>;
  return (
    <button type="button" class="ts-diff-fold" aria-expanded={false} onClick={() => setOpen(true)}>
      <span aria-hidden="true">⋯</span> {strings.linesUnchanged(lines.length)}
    </button>
  );
}

interface Part {
  isFolded: boolean;
  lines: Line[];
}

/** The lines near a change, and between them those that are folded; a fold that would save nothing is not made. */
export function inParts(lines: readonly Line[]): Part[] {
  const parts: Part[] = [];
  const near = nearness(lines);
  lines.forEach((line, index) => {
    const isFolded = near[index] === false;
    const last = parts.at(-1);
    if (last?.isFolded === isFolded) last.lines.push(line);
    else parts.push({ isFolded, lines: [line] });
  });
  return parts.map((part) => ({ ...part, isFolded: part.isFolded && part.lines.length > 1 }));
}

function nearness(lines: readonly Line[]): boolean[] {
  const near = lines.map(() => false);
  lines.forEach(({ kind }, index) => {
    if (kind !== "same") near.fill(true, Math.max(0, index - CONTEXT), index + CONTEXT + 1);
  });
  return near;
}
