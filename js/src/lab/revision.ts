/** Opens the notebook of a run in the main area: read-only, without a kernel, under a bar that says which run it is. */

import { showErrorMessage } from "@jupyterlab/apputils";
import type { IEditorServices } from "@jupyterlab/codeeditor";
import type { IDocumentManager } from "@jupyterlab/docmanager";
import type { DocumentRegistry } from "@jupyterlab/docregistry";
import type { ICell, INotebookContent } from "@jupyterlab/nbformat";
import { type INotebookModel, type NotebookPanel, NotebookWidgetFactory } from "@jupyterlab/notebook";
import type { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { type ISignal, Signal } from "@lumino/signaling";
import { Widget } from "@lumino/widgets";
import type { HostRequest } from "../widget/host";
import { runsIcon } from "./icon";
import { restoreRevision } from "./restore-later";
import { RevisionDrive } from "./revision-drive";
import { revisionContent } from "./revision-notebook";
import { strings } from "./strings";

const FACTORY = "Notebook revision";
const LABEL_LENGTH = 60;
const ID_LENGTH = 8;

export type RevisionRequest = Extract<HostRequest, { kind: "revision.open" }>;

/** A run's notebook as it was opened. */
export interface Opened {
  path: string;
  request: RevisionRequest;
  /** The notebook that it was opened from, into which it can be restored. */
  source: NotebookPanel;
}

export interface RevisionParts {
  docManager: IDocumentManager;
  registry: DocumentRegistry;
  rendermime: IRenderMimeRegistry;
  editorServices: IEditorServices;
}

export class Revisions {
  readonly #parts: RevisionParts;
  readonly #drive: RevisionDrive;
  readonly #byRun = new Map<string, Opened>();
  readonly #shown = new Signal<this, [NotebookPanel, Opened]>(this);

  constructor(parts: RevisionParts) {
    this.#parts = parts;
    this.#drive = new RevisionDrive(parts.docManager.services.serverSettings);
    parts.docManager.services.contents.addDrive(this.#drive);
    parts.registry.addWidgetFactory(this.#makeFactory() as DocumentRegistry.WidgetFactory);
  }

  /** Each document as it comes into being, with what it shows. */
  get shown(): ISignal<this, [NotebookPanel, Opened]> {
    return this.#shown;
  }

  /**
   * Opens a run's notebook beside another document, or brings it to the front where it is open.
   *
   * @param place The tab that it comes after, if not after the notebook's; `activate` is false for one that is not
   *   to be turned to.
   */
  async open(
    request: RevisionRequest,
    source: NotebookPanel,
    place: { ref?: string; activate?: boolean } = {},
  ): Promise<void> {
    const { path } = await this.#find(request, source);
    const options = { ref: source.id, mode: "tab-after", ...place } as const;
    const opened = this.#parts.docManager.openOrReveal(path, FACTORY, undefined, options);
    await opened?.revealed;
    // A notebook may lose the focus while its cells are drawn; keys would go nowhere.
    if (opened?.isVisible && document.activeElement === document.body) opened.activate();
  }

  /** What is open already is kept, unless the run was renamed or went on since. */
  async #find(request: RevisionRequest, source: NotebookPanel): Promise<Opened> {
    const key = keyOf(request);
    const known = this.#byRun.get(key);
    if (known?.request.notebook === request.notebook && known.request.run_name === request.run_name)
      return Object.assign(known, { source });
    if (known !== undefined) await this.#parts.docManager.closeFile(known.path);
    this.#byRun.delete(key);
    return this.#add(request, source);
  }

  #add(request: RevisionRequest, source: NotebookPanel): Opened {
    const name = this.#nameFor(request);
    const path = this.#drive.add(name, locked(JSON.parse(request.notebook) as INotebookContent));
    const opened = { path, request, source };
    this.#byRun.set(keyOf(request), opened);
    return opened;
  }

  /** The file's name, which is also the tab's label; no two revisions share one. */
  #nameFor({ run_id, run_name, file_name }: RevisionRequest): string {
    const label = cut(plain(strings.revisionLabel(run_name, file_name.replace(/\.ipynb$/, ""))));
    const own = `${label} ${run_id.slice(0, ID_LENGTH)}`;
    let name = `${label}.ipynb`;
    for (let count = 1; this.#drive.has(name); count += 1) name = `${own}${count > 1 ? ` (${count})` : ""}.ipynb`;
    return name;
  }

  #makeFactory(): NotebookWidgetFactory {
    const { rendermime, editorServices } = this.#parts;
    const factory = new RevisionFactory({
      name: FACTORY,
      modelName: "notebook",
      fileTypes: [],
      preferKernel: false,
      canStartKernel: false,
      readOnly: true,
      rendermime,
      contentFactory: revisionContent(editorServices),
      mimeTypeService: editorServices.mimeTypeService,
      toolbarFactory: () => [],
    });
    factory.widgetCreated.connect((_, panel) => this.#furnish(panel));
    return factory;
  }

  #furnish(panel: NotebookPanel): void {
    const opened = [...this.#byRun.values()].find(({ path }) => path === panel.context.path);
    panel.addClass("trackside-revision");
    panel.title.icon = runsIcon;
    panel.toolbar.hide();
    if (opened === undefined) return;
    panel.contentHeader.addWidget(
      new RevisionBar(opened, (source) => void this.#parts.docManager.openOrReveal(source.context.path)),
    );
    this.#shown.emit([panel, opened]);
  }
}

const keyOf = ({ run_id, path }: RevisionRequest) => `${run_id}/${path}`;

class RevisionFactory extends NotebookWidgetFactory {
  protected override createNewWidget(
    context: DocumentRegistry.IContext<INotebookModel>,
    source?: NotebookPanel,
  ): NotebookPanel {
    const panel = super.createNewWidget(context, source);
    panel.context.sessionContext.kernelPreference = { canStart: false, shouldStart: false };
    return panel;
  }
}

/** Brings a notebook to the front. */
type Reveal = (source: NotebookPanel) => void;

class RevisionBar extends Widget {
  constructor(opened: Opened, reveal: Reveal) {
    super();
    const { run_name, start_time } = opened.request;
    this.addClass("trackside-revision-bar");
    this.node.setAttribute("role", "note");
    const name = document.createElement("strong");
    name.textContent = run_name;
    name.title = run_name;
    const kind = document.createElement("span");
    kind.textContent = strings.revisionKind;
    const times = start_time === null ? [] : [describeTime(new Date(start_time))];
    this.node.append(name, ...times, kind, makeRestoreButton(opened, reveal));
  }
}

/** Restores into the notebook from which the revision was opened, as long as that is open. */
function makeRestoreButton(opened: Opened, reveal: Reveal): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "trackside-button";
  button.textContent = strings.restore;
  button.title = strings.restoreInto(opened.source.title.label);
  const restore = async () => {
    if (opened.source.isDisposed) throw new Error(strings.restoreGone);
    await restoreRevision(opened.source, opened.request, reveal);
  };
  button.addEventListener("click", () => {
    restore().catch((error: unknown) => void showErrorMessage(strings.restoreFailed, error as Error));
  });
  return button;
}

/** The page's language; the browser's where the page does not say it. */
const locale = () => document.documentElement.lang.replace("_", "-") || undefined;

function describeTime(time: Date): HTMLTimeElement {
  const made = document.createElement("time");
  made.dateTime = time.toISOString();
  made.textContent = time.toLocaleString(locale(), { dateStyle: "long", timeStyle: "medium" });
  return made;
}

/**
 * The notebook with all its cells made unchangeable and their prompts as they were. No server signs what comes from a
 * run, so what it says of itself must not have JupyterLab run scripts: outputs that are trusted, widgets with code.
 */
function locked({ metadata, ...notebook }: INotebookContent): INotebookContent {
  const { widgets: _, ...kept } = metadata;
  return { ...notebook, metadata: kept as INotebookContent["metadata"], cells: notebook.cells.map(lock) };
}

function lock(cell: ICell): ICell {
  const metadata = { ...cell.metadata, trusted: false, editable: false, deletable: false };
  if (cell.cell_type !== "code") return { ...cell, metadata };
  const own = cell.metadata.trackside as { execution_order?: unknown } | undefined;
  const order = Array.isArray(own?.execution_order) ? own.execution_order : [];
  return { ...cell, metadata, execution_count: order.at(-1) ?? null };
}

/** A text that can stand in a path: no separators, no control characters, no dots at its ends. */
function plain(text: string): string {
  return text
    .replace(/[/\\:\p{Cc}\p{Cf}]+/gu, " ")
    .replace(/\s+/g, " ")
    .replace(/^[\s.]+|[\s.]+$/g, "");
}

function cut(text: string): string {
  const characters = [...text];
  return characters.length > LABEL_LENGTH ? `${characters.slice(0, LABEL_LENGTH - 1).join("")}…` : text;
}
