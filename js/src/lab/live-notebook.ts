/** Tells the kernel of the notebook as it is now, and of later changes only. */

import type { ICellModel } from "@jupyterlab/cells";
import type { NotebookPanel } from "@jupyterlab/notebook";
import { inPieces, MOST_SENT } from "../widget/pieces";
import type { LiveCell, NotebookSync } from "./protocol";

const METADATA_KEY = "trackside";

export class LiveNotebook {
  readonly #panel: NotebookPanel;
  readonly #watched = new WeakSet<ICellModel>();
  /** The cells that the kernel was told of, as JSON, by their id. */
  #told = new Map<string, string>();
  /** Ids of the cells that may have changed since. */
  #stale = new Set<string>();

  constructor(panel: NotebookPanel) {
    this.#panel = panel;
  }

  /** The notebook's own id, or null where it has none. */
  get id(): string | null {
    const id: unknown = this.#ownMetadata().id;
    return typeof id === "string" && id !== "" ? id : null;
  }

  /** Keeps an id in the notebook. */
  identify(id: string): void {
    if (id !== this.id) this.#panel.model?.setMetadata(METADATA_KEY, { ...this.#ownMetadata(), id });
  }

  /** The next message has all cells again, for a kernel that knows nothing. */
  forget(): void {
    this.#told = new Map();
  }

  /** What changed since the last message, in as many messages as it takes; a cell larger than one is left out. */
  messages(scheduled: string[]): [NotebookSync, ...NotebookSync[]] {
    const whole = this.next(scheduled);
    const sendable = Object.entries(whole.cells).filter(([, cell]) => JSON.stringify(cell).length <= MOST_SENT);
    const [first = {}, ...others] = inPieces(sendable).map((cells) => Object.fromEntries(cells));
    const last = others.length;
    const piece = (cells: NotebookSync["cells"], index: number): NotebookSync => ({
      ...whole,
      cells,
      scheduled: index === last ? scheduled : [],
    });
    return [piece(first, 0), ...others.map((cells, index) => piece(cells, index + 1))];
  }

  /** What changed since the last message, in one. */
  next(scheduled: string[]): NotebookSync {
    const cells = [...(this.#panel.model?.cells ?? [])];
    const { widgets: _, ...metadata } = this.#panel.model?.sharedModel.getMetadata() ?? {};
    return {
      kind: "notebook.sync",
      path: this.#panel.context.localPath,
      notebook_id: this.id,
      metadata,
      order: cells.map((cell) => cell.id),
      cells: this.#changed(cells),
      scheduled,
    };
  }

  /** Looks only at cells that said that they changed, because this comes before each execution of a cell. */
  #changed(cells: ICellModel[]): Record<string, LiveCell> {
    const told = new Map<string, string>();
    const changed: Record<string, LiveCell> = {};
    for (const cell of cells) {
      this.#watch(cell);
      const known = this.#told.get(cell.id);
      const now = known === undefined || this.#stale.has(cell.id) ? describe(cell) : null;
      const text = now === null ? known : JSON.stringify(now);
      if (now !== null && text !== known) changed[cell.id] = now;
      if (text !== undefined) told.set(cell.id, text);
    }
    this.#told = told;
    this.#stale = new Set();
    return changed;
  }

  #watch(cell: ICellModel): void {
    if (this.#watched.has(cell)) return;
    this.#watched.add(cell);
    const mark = (): void => void this.#stale.add(cell.id);
    cell.contentChanged.connect(mark);
    cell.metadataChanged.connect(mark);
  }

  #ownMetadata(): Record<string, unknown> {
    const own: unknown = this.#panel.model?.getMetadata(METADATA_KEY);
    return typeof own === "object" && own !== null ? { ...own } : {};
  }
}

/** Without JupyterLab's mark for trusted outputs, which is no part of the file. */
function describe(cell: ICellModel): LiveCell {
  const { type } = cell;
  const { trusted: _, ...metadata } = cell.sharedModel.getMetadata();
  return {
    cell_type: type === "code" || type === "markdown" ? type : "raw",
    source: cell.sharedModel.getSource(),
    metadata,
  };
}
