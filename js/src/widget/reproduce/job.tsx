/** How far a job is, and what came of it. */

import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { IconButton } from "../panels/controls";
import type { ReproduceJob, Reproduction } from "../reproduce-protocol";
import type { KnownJob } from "../reproductions";
import { strings } from "../strings";
import { useAnyView } from "../view";
import { FaultText, Fold } from "./controls";
import { open, startAgain } from "./jobs";
import { Report } from "./report";
import { Log, Steps } from "./steps";

interface JobPaneProps {
  known: KnownJob;
  onClose: () => void;
}

export function JobPane({ known, onClose }: JobPaneProps) {
  const { job } = known;
  const buttons = useRef<HTMLDivElement>(null);
  useTakenFocus(buttons, job.state);
  return (
    <div class="ts-form">
      <p class="ts-hidden" role="status">
        {spoken(job)}
      </p>
      <Outcome known={known} />
      <HowItWent job={job} />
      {job.state === "running" && <p class="ts-none">{strings.reproduce.running}</p>}
      <div ref={buttons} class="ts-form-buttons">
        <Buttons job={job} onClose={onClose} />
      </div>
    </div>
  );
}

/** What has gone well is folded away. */
function HowItWent({ job }: { job: ReproduceJob }) {
  const all = () => (
    <>
      <Steps steps={job.steps} />
      <Log job={job} />
    </>
  );
  return job.state === "done" ? <Fold title={strings.reproduce.log}>{all}</Fold> : all();
}

/** For those who do not see the steps. */
function spoken({ state, steps }: ReproduceJob): string {
  const step = steps.find((one) => one.state === "running");
  return state === "running" && step !== undefined
    ? strings.reproduce.steps[step.name]
    : strings.reproduce.states[state];
}

/** Buttons come and go with the state; the focus stays among them. */
function useTakenFocus(buttons: { current: HTMLElement | null }, state: string): void {
  useLayoutEffect(() => {
    const dialog = buttons.current?.closest("dialog");
    const active = document.activeElement;
    const isLost = active === null || active === document.body || active === dialog;
    if (isLost) buttons.current?.querySelector<HTMLElement>("button:last-of-type")?.focus();
  }, [buttons, state]);
}

function Outcome({ known: { job, buffers } }: { known: KnownJob }) {
  const { fault, outcome, state } = job;
  return (
    <>
      {state === "cancelled" && outcome === null && <p class="ts-rp-headline">{strings.reproduce.cancelled}</p>}
      {fault !== null && (
        <FaultText title={outcome === null ? strings.reproduce.failed : strings.reproduce.verifyFailed} fault={fault} />
      )}
      {outcome !== null && <CloneText job={job} outcome={outcome} />}
      {job.verification !== null && <Report run={job.run} verification={job.verification} buffers={buffers} />}
    </>
  );
}

/** Where the clone is; how to open it by hand where the page does not. */
function CloneText({ job, outcome }: { job: ReproduceJob; outcome: Reproduction }) {
  const { opened } = useAnyView().state.reproductions;
  const isOpen = opened.value.has(job.id);
  const headline = headlineOf(job, isOpen);
  return (
    <div class="ts-rp-group">
      {headline !== "" && <p class="ts-rp-headline">{headline}</p>}
      {!isOpen && outcome.server_path === null && <p>{strings.reproduce.byHand}</p>}
      <dl class="ts-rp-place">
        <Place name={strings.reproduce.notebook} value={outcome.notebook} />
        {outcome.kernel !== "" && <Place name={strings.reproduce.kernel} value={outcome.kernel} />}
      </dl>
      {outcome.left_out.length > 0 && <p class="ts-none">{strings.reproduce.leftOut(outcome.left_out.join(", "))}</p>}
    </div>
  );
}

/** What came of the clone; empty where the report or the fault says it. */
function headlineOf({ state, verification }: ReproduceJob, isOpen: boolean): string {
  if (verification !== null || state === "failed") return "";
  if (state === "cancelled") return strings.reproduce.notVerified;
  return isOpen ? strings.reproduce.opened : strings.reproduce.done;
}

function Place({ name, value }: { name: string; value: string }) {
  const view = useAnyView();
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <bdi>{value}</bdi>
        <IconButton icon="copy" label={strings.reproduce.copy(name)} onClick={() => void view.copy(value)} />
      </dd>
    </div>
  );
}

function Buttons({ job, onClose }: { job: ReproduceJob; onClose: () => void }) {
  if (job.state === "running") return <Running job={job} onClose={onClose} />;
  return (
    <>
      <button type="button" class="ts-button" onClick={onClose}>
        {strings.reproduce.close}
      </button>
      {job.outcome !== null ? <OpenButton job={job} /> : <Again job={job} />}
    </>
  );
}

function Running({ job, onClose }: { job: ReproduceJob; onClose: () => void }) {
  const { state } = useAnyView();
  const isStopping = useSignal(false);
  const stop = async () => {
    isStopping.value = true;
    if ((await state.ask("reproduce.cancel", { job: job.id })) === null) isStopping.value = false;
  };
  return (
    <>
      <button type="button" class="ts-button" disabled={isStopping.value} onClick={() => void stop()}>
        {isStopping.value ? strings.reproduce.stopping : strings.reproduce.stop}
      </button>
      <button type="button" class="ts-button" onClick={onClose}>
        {strings.reproduce.background}
      </button>
    </>
  );
}

function Again({ job }: { job: ReproduceJob }) {
  const view = useAnyView();
  const isBusy = useSignal(false);
  const again = async (without: readonly string[]) => {
    isBusy.value = true;
    await startAgain(view, job, without).catch((error: unknown) => view.state.showFault(error));
    isBusy.value = false;
  };
  const libraries = job.fault?.libraries ?? [];
  return (
    <>
      {libraries.length > 0 && (
        <button type="button" class="ts-button" disabled={isBusy.value} onClick={() => void again(libraries)}>
          {strings.reproduce.goOnWithout(libraries.join(", "))}
        </button>
      )}
      <button type="button" class="ts-button ts-primary" disabled={isBusy.value} onClick={() => void again([])}>
        {strings.reproduce.again}
      </button>
    </>
  );
}

/** Gone where the page cannot open it: then the path and the kernel are there to do it by hand. */
function OpenButton({ job }: { job: ReproduceJob }) {
  const view = useAnyView();
  const isFailed = useSignal(false);
  const { outcome } = job;
  useEffect(() => {
    isFailed.value = false;
  }, [job.id, isFailed]);
  if (outcome === null || outcome.server_path === null || isFailed.value) return null;
  const press = async () => {
    await open(view, job.id, outcome);
    isFailed.value = !view.state.reproductions.opened.value.has(job.id);
  };
  return (
    <button type="button" class="ts-button ts-primary" onClick={() => void press()}>
      {strings.reproduce.open}
    </button>
  );
}
