/** A difference as a tab: what was measured, what it was measured with, and the cells. */

import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Answer } from "../../bridge";
import type { Difference, DiffSide } from "../../diff-protocol";
import type { DiffState, Sides } from "../../diff-state";
import { formatSentence } from "../../format";
import { askHost } from "../../host";
import { strings } from "../../strings";
import { useAnyView } from "../../view";
import { faultOf } from "../../widget-state";
import type { Asked } from "../answer";
import { Answered } from "../answered";
import { IconButton } from "../controls";
import { NoticeBar, WaitingBar } from "../notices";
import { RunLink } from "../run-view/run-link";
import { CellList } from "./cells";
import { Facts } from "./facts";
import { readDifference } from "./read";
import { stepTo } from "./steps";

export function DiffPage({ state }: { state: DiffState }) {
  const { sides } = state;
  const swap = () => {
    sides.value = { before: sides.value.after, after: sides.value.before };
  };
  return (
    <section class="ts-panel ts-diff-page" aria-label={strings.difference}>
      <DiffBody sides={sides.value} onSwap={swap} />
      <NoticeBar />
    </section>
  );
}

interface DiffBodyProps {
  sides: Sides;
  onSwap?: () => void;
}

export function DiffBody({ sides, onSwap }: DiffBodyProps) {
  const body = useRef<HTMLDivElement>(null);
  const asked = useDifference(sides);
  const press = (event: KeyboardEvent) => {
    const step = { n: 1, p: -1 }[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    stepTo(body.current, step);
  };
  useLayoutEffect(() => body.current?.focus({ preventScroll: true }), []);
  return (
    <div ref={body} class="ts-diff" role="document" tabIndex={-1} onKeyDown={press}>
      <DiffHead
        difference={asked.answer?.reply.difference ?? null}
        onStep={(step) => stepTo(body.current, step)}
        onSwap={sides.after === "" ? undefined : onSwap}
      />
      <div class="ts-body ts-diff-body">
        <Answered asked={asked}>{(answer) => <Content answer={answer} />}</Answered>
      </div>
      <WaitingBar />
    </div>
  );
}

/** Read anew when people refresh, with the notebook as the page has it then. */
function useDifference(sides: Sides): Asked<"diff.read"> {
  const { state, element } = useAnyView();
  const asked = useSignal<Asked<"diff.read">>({ answer: null, fault: null });
  useEffect(() => {
    let isCurrent = true;
    readDifference(state, element, sides).then(
      (answer) => isCurrent && show({ answer, fault: null }),
      (error: unknown) => isCurrent && show({ answer: null, fault: faultOf(error) }),
    );
    const show = (found: Asked<"diff.read">) => {
      asked.value = found;
    };
    return () => {
      isCurrent = false;
    };
  }, [sides.before, sides.after, state.refreshes.value]);
  return asked.value;
}

interface DiffHeadProps {
  difference: Difference | null;
  onStep: (step: number) => void;
  onSwap: (() => void) | undefined;
}

function DiffHead({ difference, onStep, onSwap }: DiffHeadProps) {
  const view = useAnyView();
  const name = difference && strings.diffTitle(nameOf(difference.before), nameOf(difference.after));
  useEffect(() => {
    if (name !== null) void askHost(view.element, { kind: "compare.title", name }).catch(() => undefined);
  }, [name, view]);
  return (
    <header class="ts-header ts-page-head">
      <h3 class="ts-header-text ts-diff-title">
        {difference !== null && (
          <>
            <Side side={difference.before} /> <span aria-hidden="true">→</span> <Side side={difference.after} />
          </>
        )}
      </h3>
      <IconButton icon="up" label={strings.previousChange} onClick={() => onStep(-1)} />
      <IconButton icon="down" label={strings.nextChange} onClick={() => onStep(1)} />
      {onSwap !== undefined && <IconButton icon="swap" label={strings.swapSides} onClick={onSwap} />}
      <IconButton icon="refresh" label={strings.refresh} onClick={() => view.state.refresh()} />
    </header>
  );
}

const nameOf = ({ run, name }: DiffSide) => (run === null ? strings.notebookNow(name) : name);

function Side({ side }: { side: DiffSide }) {
  return side.run === null ? <bdi>{nameOf(side)}</bdi> : <RunLink run={side.run} />;
}

function Content({ answer }: { answer: Answer<"diff.read"> }) {
  const { difference } = answer.reply;
  return (
    <>
      {difference.same && <p class="ts-none">{strings.noDifference}</p>}
      <Facts difference={difference} buffers={answer.buffers} />
      {difference.cells === null ? (
        <p class="ts-none">
          {strings.noCells} {formatSentence(difference.missing)}
        </p>
      ) : (
        <CellList cells={difference.cells} />
      )}
    </>
  );
}
