/** What a comparison tells the other views of the page, whatever bundle they came from: which runs are selected in it. */

const MARK_EVENT = "trackside:marked";
const RUN_EVENT = "trackside:run";

export function tellMarked(runIds: readonly string[]): void {
  window.dispatchEvent(new CustomEvent(MARK_EVENT, { detail: { runIds } }));
}

/** Calls back with the runs that are marked; returns what stops it. */
export function hearMarked(callback: (runIds: ReadonlySet<string>) => void): () => void {
  const hear = (event: Event) => {
    const { runIds } = (event as CustomEvent<{ runIds?: unknown }>).detail;
    if (Array.isArray(runIds)) callback(new Set(runIds.filter((id) => typeof id === "string")));
  };
  window.addEventListener(MARK_EVENT, hear);
  return () => window.removeEventListener(MARK_EVENT, hear);
}

/** Has a list of runs on the page show one of them; false where there is none that does. */
export function askForRun(runId: string): boolean {
  return !window.dispatchEvent(new CustomEvent(RUN_EVENT, { detail: { runId }, cancelable: true }));
}

/** Calls back with a run that is to be shown, until one says that it did; returns what stops it. */
export function hearRun(show: (runId: string) => boolean): () => void {
  const hear = (event: Event) => {
    const { runId } = (event as CustomEvent<{ runId?: unknown }>).detail;
    if (!event.defaultPrevented && typeof runId === "string" && show(runId)) event.preventDefault();
  };
  window.addEventListener(RUN_EVENT, hear);
  return () => window.removeEventListener(RUN_EVENT, hear);
}
