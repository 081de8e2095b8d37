/** The runs, of which only those in sight are drawn. One is in the tab order; the arrow keys move between them. */

import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useCallback, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { columnsOf, metricOf } from "../fields";
import { Heights } from "../heights";
import { Layout, nextWindow } from "../layout";
import { type RunList as Listed, type ListedRun, lineOf, runAt } from "../runs";
import { strings } from "../strings";
import { useView } from "../view";
import { RunCard } from "./run-card";
import { px, type Sizes, useSizes } from "./sizes";
import { TableHead, tableWidth } from "./table";

const HEADS = ".ts-run-toggle";
/** How many lines above and below those in sight are drawn, so that they are there when they are scrolled to. */
const OVERSCAN = 6;

export function RunList({ list }: { list: Listed }) {
  const { state } = useView();
  const frame = useRef<HTMLDivElement>(null);
  const active = useSignal("");
  const { density, columns: chosen } = state.settings.value;
  const isTable = density === "rows";
  const telling = list.snapshot.columns;
  const columns = useMemo(() => (isTable ? columnsOf(chosen, telling, isTable) : null), [chosen, telling, isTable]);
  const sizes = useSizes(frame, density);
  const layout = useLayout(list, sizes);
  const [first, end] = layout.range(sizes.top.value, sizes.height.value);
  const from = Math.max(0, first - OVERSCAN);
  const to = Math.min(layout.lines, end + OVERSCAN);
  useTop(frame, sizes);
  useAnchor(frame, list, layout, sizes.top);
  useCurves(list, from, to);
  useLayoutEffect(() => {
    const { offset } = list.snapshot;
    const next = nextWindow([first, end], { offset, limit: list.runs.length }, layout.lines);
    const run = first > 0 ? runAt(list, first) : undefined;
    if (next) state.moveTo({ ...next, anchor: run ? { run_id: run.row.run_id, line: first } : null });
  }, [first, end, list, layout, state]);
  return (
    <div ref={frame} class="ts-scroll" data-density={density} onScroll={() => sizes.read()}>
      {columns && <TableHead columns={columns} />}
      <Lines {...{ list, layout, from, to, active, frame, sizes, columns }} />
    </div>
  );
}

/** Scrolls to the top when other runs are listed. */
function useTop(frame: RefObject<HTMLDivElement | null>, sizes: Sizes): void {
  const query = JSON.stringify(useView().state.query.value);
  useLayoutEffect(() => {
    if (frame.current === null || frame.current.scrollTop === 0) return;
    frame.current.scrollTop = 0;
    sizes.read();
  }, [frame, sizes, query]);
}

/** Has the curves of the lines that are drawn fetched, for the metrics that the columns show. */
function useCurves(list: Listed, from: number, to: number): void {
  const { curves } = useView().state;
  useLayoutEffect(() => {
    const { offset, columns } = list.snapshot;
    const keys = columns.map(metricOf).filter((key) => key !== null);
    curves.want(list.runs.slice(Math.max(0, from - offset), Math.max(0, to - offset)), keys);
  }, [list, from, to, curves]);
}

function useLayout(list: Listed, sizes: Sizes): Layout {
  const [shape, open] = [sizes.shape.value, sizes.open.value];
  const folded = useMemo(() => new Heights(shape), [shape]);
  return useMemo(() => {
    const { usual, extras } = folded.learn(list);
    for (const runId of list.details.keys()) {
      const [line, height] = [lineOf(list, runId), open.get(runId)];
      if (line !== null && height !== undefined) extras.set(line, height - usual);
    }
    return new Layout(list.snapshot.lines, usual, extras);
  }, [list, folded, open]);
}

interface LinesProps {
  list: Listed;
  layout: Layout;
  /** The lines to draw. */
  from: number;
  to: number;
  active: Signal<string>;
  frame: RefObject<HTMLDivElement | null>;
  sizes: Sizes;
  /** Those of a table, or null where the list is none. */
  columns: readonly string[] | null;
}

function Lines(props: LinesProps) {
  const { list, layout, from, to, active, sizes, columns } = props;
  const lines = Array.from({ length: to - from }, (_, index) => ({
    line: from + index,
    run: runAt(list, from + index),
  }));
  const tabStop = lines.find(({ run }) => run?.row.run_id === active.value) ?? lines.find(({ run }) => run);
  const move = useMove(props);
  return (
    <ul
      class="ts-runs"
      // biome-ignore lint/a11y/noRedundantRoles: lists without bullets lose their role in Safari
      role="list"
      aria-label={strings.title}
      style={{
        paddingTop: px(layout.top(from)),
        paddingBottom: px(layout.total - layout.top(to)),
        minWidth: columns ? px(tableWidth(columns)) : "",
      }}
      onKeyDown={move}
    >
      {lines.map(({ line, run }) =>
        run === undefined ? (
          <li key={line} class="ts-run ts-blank" aria-hidden="true" style={{ height: px(layout.height) }} />
        ) : (
          <RunCard
            key={run.row.run_id}
            run={run}
            line={line}
            total={layout.lines}
            isActive={run === tabStop?.run}
            active={active}
            sizes={sizes}
            columns={columns}
          />
        ),
      )}
    </ul>
  );
}

/** Keeps what is in sight where it is when lines come, go or change their height above it. */
function useAnchor(frame: RefObject<HTMLDivElement | null>, list: Listed, layout: Layout, top: Signal<number>): void {
  const anchor = useRef<{ run: ListedRun; below: number } | null>(null);
  const before = useRef(layout);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element !== null && before.current !== layout && anchor.current !== null) {
      const line = lineOf(list, anchor.current.run.row.run_id);
      const place = line === null ? top.value : layout.top(line) + anchor.current.below;
      if (Math.abs(place - element.scrollTop) > 0.5) element.scrollTop = place;
      top.value = element.scrollTop;
    }
    before.current = layout;
    const line = layout.lineAt(top.value);
    const run = top.value > 0 ? runAt(list, line) : undefined;
    anchor.current = run === undefined ? null : { run, below: top.value - layout.top(line) };
  });
}

/** Moves the focus with the keys, also to lines that are not drawn yet. */
function useMove({ frame, list, layout, active, sizes }: LinesProps) {
  const wanted = useRef<number | null>(null);
  useLayoutEffect(() => {
    const run = wanted.current === null ? undefined : runAt(list, wanted.current);
    const head = run && headOf(frame.current, run.row.run_id);
    if (!head) return;
    wanted.current = null;
    if (!isElsewhere(frame.current)) head.focus();
  });
  return useCallback(
    (event: KeyboardEvent) => {
      if (!(event.target as Element).matches(HEADS)) return;
      const at = lineOf(list, active.value);
      const target = at === null ? null : targetOf(event.key, at, layout, sizes.height.peek());
      if (target === null || frame.current === null) return;
      event.preventDefault();
      const head = headOf(frame.current, runAt(list, target)?.row.run_id);
      if (head) return head.focus();
      wanted.current = target;
      frame.current.scrollTop = layout.top(target);
    },
    [frame, list, layout, active, sizes],
  );
}

/** Whether people took the focus out of the list, while the line that it was to go to was on its way. */
function isElsewhere(frame: HTMLDivElement | null): boolean {
  const focused = (frame?.getRootNode() as Document | ShadowRoot | undefined)?.activeElement ?? null;
  return focused !== null && focused !== document.body && frame?.contains(focused) === false;
}

const headOf = (frame: HTMLDivElement | null, runId: string | undefined) =>
  runId && frame?.querySelector<HTMLElement>(`[data-run="${CSS.escape(runId)}"] ${HEADS}`);

/** The line that a key moves to, or null; `page` is how many pixels are in sight. */
function targetOf(key: string, at: number, layout: Layout, page: number): number | null {
  const last = layout.lines - 1;
  if (key === "ArrowDown") return Math.min(last, at + 1);
  if (key === "ArrowUp") return Math.max(0, at - 1);
  if (key === "PageDown") return Math.max(Math.min(last, at + 1), layout.lineAt(layout.top(at) + page));
  if (key === "PageUp") return Math.min(Math.max(0, at - 1), layout.lineAt(layout.top(at) - page));
  if (key === "Home") return 0;
  return key === "End" ? last : null;
}
