/** The dialog, and the line below the list that tells how far the latest job is. */

import { useEffect } from "preact/hooks";
import { Dialog } from "../panels/dialog";
import { strings } from "../strings";
import { useAnyView } from "../view";
import { JobBar } from "./bar";
import { JobPane } from "./job";
import { openWanted } from "./jobs";
import { Planning } from "./planning";

export function Reproduction() {
  const view = useAnyView();
  useOpening();
  return (
    <>
      <JobBar />
      {view.reproducing.value !== null && <ReproduceDialog key={view.reproducing.value.run.run_id} />}
    </>
  );
}

function ReproduceDialog() {
  const view = useAnyView();
  const shown = view.reproducing.value;
  const known = view.state.reproductions.jobs.value.get(shown?.job ?? "");
  const close = () => {
    view.reproducing.value = null;
  };
  if (shown === null) return null;
  return (
    <Dialog title={strings.reproduce.title(shown.run.name)} onClose={close} isWide>
      {known === undefined ? (
        <Planning run={shown.run} onClose={close} />
      ) : (
        <JobPane key={known.job.id} known={known} onClose={close} />
      )}
    </Dialog>
  );
}

/** Opens each clone that this page asked for, as soon as it can be opened. */
function useOpening(): void {
  const view = useAnyView();
  const jobs = view.state.reproductions.jobs.value;
  useEffect(() => {
    for (const { job } of jobs.values()) if (job.outcome !== null) void openWanted(view, job);
  }, [view, jobs]);
}
