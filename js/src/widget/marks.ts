/** Tells every view of the page which runs are selected in a comparison, whatever bundle it came from. */

const MARK_EVENT = "trackside:marked";

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
