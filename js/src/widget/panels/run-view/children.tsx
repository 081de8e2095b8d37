/** The runs below a run. */

import { formatRunTime } from "../../format";
import type { RunBrief, RunHead } from "../../run-protocol";
import { strings } from "../../strings";
import { useAnyView } from "../../view";
import { useAnswer, useRound } from "../answer";
import { Section } from "../controls";
import { RunLink } from "./run-link";

/** Not there at all for runs without children, which are most. */
export function ChildrenSection({ head }: { head: RunHead }) {
  const { answer } = useAnswer("run.children", { run_id: head.run_id }, useRound(head));
  if (answer === null || answer.reply.total === 0) return null;
  const { children, total } = answer.reply;
  return (
    <Section id="children" title={strings.children} count={total}>
      {() => (
        <>
          <ul class="ts-run-links">
            {children.map((run) => (
              <Child key={run.run_id} run={run} />
            ))}
          </ul>
          {children.length < total && <p class="ts-none">{strings.firstOf(children.length, total)}</p>}
        </>
      )}
    </Section>
  );
}

function Child({ run }: { run: RunBrief }) {
  const { now } = useAnyView().state;
  return (
    <li>
      <RunLink run={run} />
      <span class="ts-muted">{formatRunTime(run.start_time, run.end_time, run.status === "RUNNING", now.value)}</span>
    </li>
  );
}
