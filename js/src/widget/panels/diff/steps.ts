/** From change to change by key. */

/** Brings the next or the previous changed cell into sight and gives it the focus; at the ends it stays. */
export function stepTo(body: HTMLElement | null, step: number): void {
  const cells = [...(body?.querySelectorAll<HTMLElement>('[data-change="true"]') ?? [])];
  const current = cells.findIndex((cell) => cell.contains(document.activeElement) || cell.matches(":focus"));
  const root = body?.getRootNode();
  const focused = root instanceof ShadowRoot ? cells.findIndex((cell) => cell.contains(root.activeElement)) : current;
  const from = focused === -1 && step < 0 ? cells.length : focused;
  const next = cells[Math.min(cells.length - 1, Math.max(0, from + step))];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView?.({ block: "center" });
}
