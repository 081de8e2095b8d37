/** Begins jobs, begins them anew, and opens what became of them. */

import { askHost } from "../host";
import type { ReproduceJob, ReproduceOptions, Reproduction } from "../reproduce-protocol";
import type { RunBrief } from "../run-protocol";
import type { AnyView } from "../view";
import { addWish, findWish, takeWish } from "./wishes";

/** Begins a job and shows it; rejects where the kernel refuses. */
export async function start(view: AnyView, run: RunBrief, options: ReproduceOptions, runAll: boolean): Promise<void> {
  const { reply } = await view.state.request("reproduce.start", options);
  addWish({ job: reply.job, options, run_all: runAll, is_opened: false });
  view.reproducing.value = { run, job: reply.job };
  await view.state.reproductions.find();
}

/** Begins anew as before, without these libraries too; asks again where this page does not know what was chosen. */
export async function startAgain(view: AnyView, { id, run }: ReproduceJob, without: readonly string[]): Promise<void> {
  const wish = findWish(id);
  if (wish === null) {
    view.reproducing.value = { run, job: "" };
    return;
  }
  const all = [...new Set([...wish.options.without, ...without])];
  await start(view, run, { ...wish.options, without: all }, wish.run_all);
}

/**
 * Opens the clone where this page wanted that and it has not happened yet. Where it is verified as well, the report
 * stays in front, with a button that opens the clone.
 */
export async function openWanted(view: AnyView, { id, outcome }: ReproduceJob): Promise<void> {
  if (outcome === null || findWish(id)?.options.verify === true) return;
  const wish = takeWish(id);
  if (wish !== null) await open(view, id, outcome);
}

/**
 * Has the page open the clone. The dialog makes way first, because it gives the focus back to where it came from and
 * the notebook that has the focus is the one in front; it comes back where the page opens nothing, to say how to do it
 * by hand.
 */
export async function open(view: AnyView, job: string, outcome: Reproduction): Promise<void> {
  const { server_path: path, kernel } = outcome;
  if (path === null) return;
  const { opened } = view.state.reproductions;
  const run_all = !opened.peek().has(job) && findWish(job)?.run_all === true;
  const shown = view.reproducing.peek();
  const comeBack = () => {
    view.reproducing.value = shown;
  };
  if (shown?.job === job) view.reproducing.value = null;
  await drawn();
  try {
    if (!(await askHost(view.element, { kind: "clone.open", path, kernel, run_all }))) return comeBack();
    opened.value = new Set(opened.peek()).add(job);
  } catch (error) {
    comeBack();
    view.state.showFault(error);
  }
}

/** When what was changed is on the page. */
const drawn = () => new Promise((resolve) => setTimeout(resolve));
