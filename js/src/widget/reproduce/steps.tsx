/** The steps of a job and its log. */

import { useLayoutEffect, useRef } from "preact/hooks";
import type { ReproduceJob, Step } from "../reproduce-protocol";
import { texts } from "../strings/reproduce";

const PATHS = {
  waiting: "M8 8h.01",
  running: "M8 3.5a4.5 4.5 0 1 1-4.5 4.5",
  done: "M4 8.5l2.75 2.75L12 5.5",
  failed: "M5 5l6 6M11 5l-6 6",
  cancelled: "M5 5h6v6H5z",
} as const;

/** The colours and the turning of the icons of runs. */
const STATUS = {
  waiting: "SCHEDULED",
  running: "RUNNING",
  done: "FINISHED",
  failed: "FAILED",
  cancelled: "KILLED",
} as const;

export function StateIcon({ state }: { state: keyof typeof PATHS }) {
  return (
    <svg class="ts-status" data-status={STATUS[state]} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={PATHS[state]} />
    </svg>
  );
}

export function Steps({ steps }: { steps: readonly Step[] }) {
  return (
    <ol class="ts-rp-steps">
      {steps.map((step) => (
        <li key={step.name} data-state={step.state} aria-current={step.state === "running" ? "step" : undefined}>
          <StateIcon state={step.state} />
          <span>{texts.steps[step.name]}</span>
          <span class="ts-hidden">{texts.stepStates[step.state]}</span>
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
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what is cut off is scrolled to with the keyboard
    <pre ref={element} class="ts-code ts-rp-log" role="log" aria-label={texts.log} tabIndex={0} onScroll={scroll}>
      {text}
    </pre>
  );
}
