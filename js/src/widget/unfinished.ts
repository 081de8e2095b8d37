/**
 * What was asked for and not answered yet. It is written down in the page, because a kernel that dies takes the panel
 * along: the panel of the kernel that comes after it says what was not done.
 */

const KEY = "trackside:unfinished";

/** An action under way, in words, and the notebook that it was asked for in. */
interface Unfinished {
  id: string;
  notebook: string;
  what: string;
}

/**
 * Writes an action down; returns what to call when it was answered, however. A page that goes away forgets it: the
 * kernel lives on and does what it was asked for.
 */
export function begin(notebook: string, what: string): () => void {
  const id = Math.random().toString(36).slice(2);
  write([...read(), { id, notebook, what }]);
  const forget = () => {
    window.removeEventListener("pagehide", forget);
    write(read().filter((action) => action.id !== id));
  };
  window.addEventListener("pagehide", forget);
  return forget;
}

/** Whether something was asked for in a notebook and is not answered yet. */
export const isUnderWay = (notebook: string): boolean => read().some((action) => action.notebook === notebook);

/** What an earlier panel of this notebook was asked for and never answered; it is told once. */
export function takeUnfinished(notebook: string): string[] {
  const found = read();
  const own = found.filter((action) => action.notebook === notebook);
  if (own.length > 0) write(found.filter((action) => action.notebook !== notebook));
  return own.map(({ what }) => what);
}

function read(): Unfinished[] {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? (found as Unfinished[]) : [];
  } catch {
    return [];
  }
}

/** Pages that keep nothing lose nothing but this. */
function write(actions: readonly Unfinished[]): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(actions));
  } catch {
    return;
  }
}
