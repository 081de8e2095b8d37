/** Asks where the clone goes and what it runs in, and says what that means. */

import { useSignal } from "@preact/signals";
import type { TargetedSubmitEvent } from "preact";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { Loading } from "../panels/notices";
import type { Fault } from "../protocol";
import type { ReproducePlan } from "../reproduce-protocol";
import type { RunBrief } from "../run-protocol";
import { strings } from "../strings";
import { useAnyView } from "../view";
import { faultOf } from "../widget-state";
import { Check, FaultText, TextField } from "./controls";
import { EnvironmentChoice } from "./environment";
import { Notebook } from "./folder";
import { Form, isAsked } from "./form";
import { start } from "./jobs";

interface PlanningProps {
  run: RunBrief;
  onClose: () => void;
}

export function Planning({ run, onClose }: PlanningProps) {
  const { plan, fault, read } = usePlan(run);
  if (plan.value !== null) return <PlanForm key={run.run_id} plan={plan.value} onClose={onClose} />;
  if (fault.value === null)
    return (
      <div class="ts-form" aria-busy="true">
        <p class="ts-none">{strings.reproduce.loading}</p>
        <Loading />
        <div class="ts-form-buttons">
          <CloseButton onClose={onClose} />
        </div>
      </div>
    );
  return (
    <div class="ts-form">
      <FaultText title={strings.reproduce.cannot} fault={fault.value} />
      <div class="ts-form-buttons">
        <CloseButton onClose={onClose} />
        <button type="button" class="ts-button ts-primary" onClick={() => void read()}>
          {strings.reproduce.again}
        </button>
      </div>
    </div>
  );
}

const CloseButton = ({ onClose }: { onClose: () => void }) => (
  <button type="button" class="ts-button" autofocus onClick={onClose}>
    {strings.cancel}
  </button>
);

/** What the kernel proposes; it also asks the package index, which answers later. */
function usePlan(run: RunBrief) {
  const { state } = useAnyView();
  const plan = useSignal<ReproducePlan | null>(null);
  const fault = useSignal<Fault | null>(null);
  const read = useCallback(async () => {
    fault.value = null;
    try {
      const found = (await state.request("reproduce.plan", { run_id: run.run_id, folder: null })).reply;
      plan.value = found;
      if (isAsked(found)) await state.request("reproduce.check", { run_id: run.run_id });
    } catch (error) {
      if (plan.value === null) fault.value = faultOf(error);
    }
  }, [state, run.run_id, plan, fault]);
  useEffect(() => void read(), [read]);
  return { plan, fault, read };
}

function PlanForm({ plan, onClose }: { plan: ReproducePlan; onClose: () => void }) {
  const view = useAnyView();
  const form = useMemo(() => new Form(plan), [plan]);
  const fault = useSignal<Fault | null>(null);
  const isBusy = useSignal(false);
  const element = useRef<HTMLFormElement>(null);
  useLayoutEffect(() => element.current?.querySelector<HTMLElement>("[autofocus]")?.focus(), []);
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isBusy.value || !form.isReady.value) return;
    isBusy.value = true;
    fault.value = null;
    try {
      await start(view, plan.run, form.options(), form.runAll.value);
    } catch (error) {
      fault.value = faultOf(error);
    }
    isBusy.value = false;
  };
  return (
    <form ref={element} class="ts-form" aria-busy={isBusy.value} onSubmit={(event) => void submit(event)}>
      <Notebook form={form} />
      <EnvironmentChoice form={form} />
      <Afterwards form={form} />
      {fault.value !== null && <FaultText title={strings.reproduce.cannot} fault={fault.value} />}
      <p class="ts-none">{strings.reproduce.trust}</p>
      <div class="ts-form-buttons">
        <button type="button" class="ts-button" onClick={onClose}>
          {strings.cancel}
        </button>
        <button type="submit" class="ts-button ts-primary" disabled={isBusy.value || !form.isReady.value}>
          {strings.reproduce.confirm}
        </button>
      </div>
    </form>
  );
}

function Afterwards({ form }: { form: Form }) {
  return (
    <fieldset class="ts-rp-group">
      <legend>{strings.reproduce.afterwards}</legend>
      <Check label={strings.reproduce.runAll} value={form.runAll} />
      <Check label={strings.reproduce.verify} value={form.verify} />
      {form.verify.value && (
        <div class="ts-rp-tolerances">
          <TextField label={strings.reproduce.tolerance} value={form.tolerance} fault={form.toleranceText.value} />
          <TextField
            label={strings.reproduce.tolerances}
            value={form.tolerances}
            fault={form.tolerancesText.value}
            placeholder="loss=0.01, accuracy=0.1"
          />
        </div>
      )}
    </fieldset>
  );
}
