/** A line below the list: how far the latest job is, while its dialog is not open. */

import { IconButton } from "../panels/controls";
import type { ReproduceJob } from "../reproduce-protocol";
import { strings } from "../strings";
import { useAnyView } from "../view";
import { StateIcon } from "./steps";

export function JobBar() {
  const view = useAnyView();
  const { jobs, dismissed } = view.state.reproductions;
  const known = [...jobs.value.values()].find(({ job }) => !dismissed.value.has(job.id));
  if (known === undefined || view.reproducing.value !== null) return null;
  const { job } = known;
  const show = () => {
    view.reproducing.value = { run: job.run, job: job.id };
  };
  const dismiss = () => {
    dismissed.value = new Set([...dismissed.value, ...jobs.value.keys()]);
  };
  return (
    <div class="ts-rp-bar" role="status" data-state={job.state}>
      <StateIcon state={isProven(job) ? job.state : "failed"} />
      <p title={job.run.name}>{strings.reproduce.bar(job.run.name, summaryOf(job))}</p>
      <button type="button" class="ts-link" onClick={show}>
        {job.verification === null ? strings.reproduce.show : strings.reproduce.showReport}
      </button>
      {job.state !== "running" && <IconButton icon="close" label={strings.reproduce.dismiss} onClick={dismiss} />}
    </div>
  );
}

/** Whether nothing speaks against it: a job that has ended well may have shown that the results differ. */
const isProven = ({ verification }: ReproduceJob) => verification === null || verification.verdict === "same";

/** The step that goes on, or what came of the job. */
function summaryOf({ state, steps, verification }: ReproduceJob): string {
  const step = steps.find((one) => one.state === "running");
  if (state === "running" && step !== undefined) return `${strings.reproduce.steps[step.name]}…`;
  return verification === null ? strings.reproduce.states[state] : strings.reproduce.verdicts[verification.verdict];
}
