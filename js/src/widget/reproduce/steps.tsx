/** The steps of a job and its log. */

import { useLayoutEffect, useRef } from "preact/hooks";
import { StatusIcon } from "../panels/icons";
import type { ReproduceJob, Step } from "../reproduce-protocol";
import { strings } from "../strings";

/** The icons of runs, which have their colours and turn; what waits is a point. */
const STATUS = {
  waiting: "SCHEDULED",
  running: "RUNNING",
  done: "FINISHED",
  failed: "FAILED",
  cancelled: "KILLED",
} as const;
const POINT = { path: "M8 8h.01" };

export const StateIcon = ({ state }: { state: keyof typeof STATUS }) => (
  <StatusIcon status={STATUS[state]} {...(state === "waiting" && POINT)} />
);

export function Steps({ steps }: { steps: readonly Step[] }) {
  return (
    <ol class="ts-rp-steps">
      {steps.map((step) => (
        <li key={step.name} data-state={step.state} aria-current={step.state === "running" ? "step" : undefined}>
          <StateIcon state={step.state} />
          <span>{strings.reproduce.steps[step.name]}</span>
          <span class="ts-hidden">{strings.reproduce.stepStates[step.state]}</span>
          <span class="ts-muted" title={step.note}>
            {step.note}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** How far from its end the log still follows it, in CSS pixels. */
const NEAR = 24;

/** It follows its end until people scroll up. */
export function Log({ job }: { job: ReproduceJob }) {
  const element = useRef<HTMLPreElement>(null);
  const isFollowing = useRef(true);
  const text = job.log.join("\n");
  useLayoutEffect(() => {
    const log = element.current;
    if (log !== null && isFollowing.current) log.scrollTop = log.scrollHeight;
  }, [text]);
  const scroll = () => {
    const log = element.current;
    if (log !== null) isFollowing.current = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
  };
  if (text === "") return null;
  return (
    <pre
      ref={element}
      class="ts-code ts-rp-log"
      role="log"
      aria-label={strings.reproduce.log}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what is cut off is scrolled to with the keyboard
      tabIndex={0}
      onScroll={scroll}
    >
      {text}
    </pre>
  );
}
