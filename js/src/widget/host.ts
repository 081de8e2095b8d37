/**
 * What the widget asks of the page around it. The page listens for `trackside:host` on an element above the widget
 * and calls `detail.respond` at once with a promise; where nobody does, the widget helps itself.
 */

import type { NotebookCell } from "./diff-protocol";
import type { Requests } from "./protocol";

export const HOST_EVENT = "trackside:host";

export type HostRequest =
  /** Shows the notebook of a run; with a path the one that lies there among its files. */
  | ({ kind: "revision.open"; run_id: string; path: string } & Requests["revision.read"]["reply"])
  /** Puts a revision into the notebook that is open. */
  | ({ kind: "revision.restore"; run_id: string } & Requests["revision.read"]["reply"])
  /** The notebook as the page has it, as a `NotebookNow`. */
  | { kind: "notebook.read" }
  | { kind: "cell.insert"; source: string }
  | { kind: "kernel.interrupt" }
  /** Shows the model of a run's view in a tab. */
  | { kind: "run.open"; run_id: string; name: string; model_id: string }
  /** Opens the file that a run came from. */
  | { kind: "source.open"; name: string }
  /** Puts code into a cell below the active one, and runs it. */
  | { kind: "cell.run"; source: string }
  /** Shows the model of a comparison or a difference in a tab. */
  | { kind: "compare.open"; name: string; model_id: string }
  /** Shows the changes of a commit in a tab. */
  | { kind: "diff.open"; commit: string; text: string }
  /** Opens a cloned notebook on its kernel; `path` from the server's root, `kernel` "" for the one it names. */
  | { kind: "clone.open"; path: string; kernel: string; run_all: boolean }
  /** Has people choose a folder of the server; its path from the server's root, or null. */
  | { kind: "folder.choose" }
  /** The tab that the widget is in shows this run from now on, under this name. */
  | { kind: "run.title"; run_id: string; name: string }
  /** The tab that the widget is in shows this comparison. */
  | { kind: "compare.title"; name: string };

export type HostDetail = HostRequest & { respond: (done: Promise<unknown>) => void };

export interface NotebookNow {
  path: string;
  cells: NotebookCell[];
}

/** Asks the page; false if it does not do such things. Rejects if the page tried and failed. */
export async function askHost(element: Element, request: HostRequest): Promise<boolean> {
  const done = tell(element, request);
  if (done === undefined) return false;
  await done;
  return true;
}

/** The notebook with its unsaved edits, or an empty one where the page does not tell. */
export async function readNotebook(element: Element): Promise<NotebookNow> {
  const found = (await tell(element, { kind: "notebook.read" })) as NotebookNow | undefined;
  return found ?? { path: "", cells: [] };
}

/** A folder that people chose, seen from the server's root; null where they did not, or the page cannot ask. */
export async function askFolder(element: Element): Promise<string | null> {
  return ((await tell(element, { kind: "folder.choose" })) as string | null | undefined) ?? null;
}

function tell(element: Element, request: HostRequest): Promise<unknown> | undefined {
  let done: Promise<unknown> | undefined;
  const detail: HostDetail = {
    ...request,
    respond: (promise) => {
      done = promise;
    },
  };
  element.dispatchEvent(new CustomEvent(HOST_EVENT, { detail, bubbles: true, composed: true }));
  return done;
}

/** Puts a text on the clipboard; false where the browser does not allow it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelection(text);
  }
}

/** The old way, the only one on pages that came without encryption. */
function copySelection(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.style.position = "fixed";
  document.body.append(field);
  field.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    field.remove();
  }
}

/** Hands a file to the browser's download, in one part or many. */
export function saveFile(name: string, ...parts: BlobPart[]): void {
  const url = URL.createObjectURL(new Blob(parts, { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
