/** The runs, newest first. One of them is in the tab order; the arrow keys move between them. */

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { PAGE } from "../state";
import { strings } from "../strings";
import { useView } from "../view";
import { RunCard } from "./run-card";

const HEADS = ".ts-run-toggle";

export function RunList() {
  const { state } = useView();
  const list = useRef<HTMLUListElement>(null);
  const active = useSignal("");
  const placed = state.placed.value;
  const first = placed.find(({ run }) => run.row.run_id === active.value) ?? placed[0];

  const move = (event: KeyboardEvent) => {
    const heads = [...(list.current?.querySelectorAll<HTMLElement>(HEADS) ?? [])];
    const target = targetOf(event.key, heads, heads.indexOf(event.target as HTMLElement));
    if (target === undefined) return;
    event.preventDefault();
    target.focus();
  };

  return (
    <>
      {/* biome-ignore lint/a11y/noRedundantRoles: lists without bullets lose their role in Safari */}
      <ul ref={list} class="ts-runs" role="list" aria-label={strings.title} onKeyDown={move}>
        {placed.map((place) => (
          <RunCard
            key={place.run.row.run_id}
            run={place.run}
            isChild={place.isChild}
            childCount={place.children}
            isActive={place === first}
            active={active}
          />
        ))}
      </ul>
      <More />
    </>
  );
}

/** The head that a key moves to; only keys pressed on a head move. */
function targetOf(key: string, heads: HTMLElement[], at: number): HTMLElement | undefined {
  if (at < 0) return undefined;
  if (key === "ArrowDown") return heads[at + 1];
  if (key === "ArrowUp") return heads[at - 1];
  if (key === "Home") return heads[0];
  return key === "End" ? heads.at(-1) : undefined;
}

function More() {
  const { state } = useView();
  const list = state.list.value;
  if (list === null || list.runs.length >= list.snapshot.total) return null;
  const { total } = list.snapshot;
  const shown = list.runs.length;
  return (
    <div class="ts-more">
      <span>{strings.shownOf(shown, total)}</span>
      <button type="button" class="ts-button" onClick={() => state.showMore()}>
        {strings.showMore(Math.min(PAGE, total - shown))}
      </button>
    </div>
  );
}
