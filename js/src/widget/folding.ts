/** Which sections of a run people folded; the browser remembers it for all runs. */

const PLACE = "trackside.folded";
/** What few people read starts folded. */
const AT_FIRST = ["environment", "systemTags"];

export function readFolded(): Set<string> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PLACE) ?? "null");
    return new Set(Array.isArray(kept) ? kept.filter((section) => typeof section === "string") : AT_FIRST);
  } catch {
    return new Set(AT_FIRST);
  }
}

/** Where the browser keeps nothing for pages, it is forgotten with the page. */
export function writeFolded(folded: ReadonlySet<string>): void {
  try {
    localStorage.setItem(PLACE, JSON.stringify([...folded]));
  } catch {
    return;
  }
}

export function toggled(set: ReadonlySet<string>, item: string): Set<string> {
  const changed = new Set(set);
  if (!changed.delete(item)) changed.add(item);
  return changed;
}
