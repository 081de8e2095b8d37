/** One view of the model: what it asks of the page around it, and what it shows where the page does not help. */

import { signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { readBytes } from "./columns";
import type { Sides } from "./diff-state";
import { formatName } from "./format";
import { askHost, copyText } from "./host";
import type { Requests, RunRow } from "./protocol";
import type { Question } from "./questions";
import type { RunBrief } from "./run-protocol";
import type { PanelState } from "./state";
import { strings } from "./strings";
import type { WidgetState } from "./widget-state";

/** A menu of actions on runs, at a place of the page in CSS pixels. */
export interface OpenMenu {
  rows: readonly RunRow[];
  x: number;
  y: number;
  /** What gets the focus back. */
  from: HTMLElement | null;
}

/** The run that is reproduced, and the job that does it; "" while it is being asked for. */
export interface Reproducing {
  run: RunBrief;
  job: string;
}

/** What is shown of a notebook; with a run's id it is that run's revision. */
export type RevisionReply = Requests["revision.read"]["reply"] & { run_id?: string };

export class View<S extends WidgetState = PanelState> {
  /** The notebook that lies over the list, where the page cannot open one; or null. */
  readonly revision = signal<RevisionReply | null>(null);
  /** The difference that lies over the panel, where the page has no tabs; or null. */
  readonly difference = signal<Sides | null>(null);
  /** The run whose notebook is on its way, or "". */
  readonly opening = signal("");
  /** The run whose name is being changed in its place, or "". */
  readonly renaming = signal("");
  /** What the dialog asks, or null. */
  readonly question = signal<Question | null>(null);
  readonly menu = signal<OpenMenu | null>(null);
  readonly isHelpOpen = signal(false);
  /** What the dialog that reproduces runs shows, or null. */
  readonly reproducing = signal<Reproducing | null>(null);

  constructor(
    readonly state: S,
    readonly element: Element,
  ) {}

  async openRevision(row: RunBrief): Promise<void> {
    if (this.opening.value !== "") return;
    this.opening.value = row.run_id;
    try {
      const { reply } = await this.state.request("revision.read", { run_id: row.run_id });
      const request = { kind: "revision.open", run_id: row.run_id, path: "", ...reply } as const;
      const isShown = await askHost(this.element, request);
      if (!isShown) this.revision.value = { ...reply, run_id: row.run_id };
    } catch (error) {
      this.state.showFault(error);
    } finally {
      this.opening.value = "";
    }
  }

  /** Shows what a commit changed, out of the repository on the kernel's machine. */
  async openCommit(runId: string, commit: string): Promise<void> {
    try {
      const { reply } = await this.state.request("commit.read", { run_id: runId });
      if (await askHost(this.element, { kind: "diff.open", commit, text: reply.text })) return;
      const notebook = JSON.stringify({ cells: [{ cell_type: "raw", source: reply.text }] });
      this.revision.value = { notebook, file_name: commit, run_name: commit.slice(0, 8), start_time: null };
    } catch (error) {
      this.state.showFault(error);
    }
  }

  /** Opens the file that a run came from, as it is now; where the page cannot, the notebook that the run kept. */
  async openSource(run: RunRow): Promise<void> {
    try {
      if (await askHost(this.element, { kind: "source.open", name: run.source_name })) return;
    } catch (error) {
      if (!run.has_revision) return this.state.showFault(error);
    }
    if (run.has_revision) await this.openRevision(run);
    else this.state.say(strings.noSourceFile);
  }

  /** Opens a notebook that is among a run's files. */
  async openNotebook(run: RunBrief, path: string): Promise<void> {
    try {
      const { reply, buffers } = await this.state.request("artifact.read", { run_id: run.run_id, path });
      const notebook = new TextDecoder().decode(readBytes(buffers[reply.content]));
      const found = {
        notebook,
        file_name: formatName(path),
        run_name: run.name,
        start_time: run.start_time,
      };
      const request = { kind: "revision.open", run_id: run.run_id, path, ...found } as const;
      if (!isNotebook(notebook)) throw new Error(strings.noNotebook(found.file_name));
      if (!(await askHost(this.element, request))) this.revision.value = found;
    } catch (error) {
      this.state.showFault(error);
    }
  }

  /** Shows a run: in place of another one, or in a tab of its own where the page has tabs. */
  async goTo(run: RunBrief): Promise<void> {
    if (!this.state.goTo(run.run_id)) await this.openRun(run);
  }

  async openRun(run: RunBrief): Promise<void> {
    try {
      const { reply } = await this.state.request("run.open", { run_id: run.run_id });
      const request = { kind: "run.open", run_id: run.run_id, name: run.name, ...reply } as const;
      if (!(await askHost(this.element, request))) this.state.reveal(run.run_id);
    } catch (error) {
      this.state.showFault(error);
    }
  }

  /** Shows what is different between two runs, or with null between a run and the notebook now. */
  async openDifference(before: RunBrief, after: RunBrief | null): Promise<void> {
    const sides = { before: before.run_id, after: after?.run_id ?? "" };
    const name = strings.diffTitle(before.name, after?.name ?? strings.notebookNow(""));
    try {
      const { reply } = await this.state.request("diff.open", sides);
      const request = { kind: "compare.open", name, ...reply } as const;
      if (!(await askHost(this.element, request))) this.difference.value = sides;
    } catch (error) {
      this.state.showFault(error);
    }
  }

  async insertCell(source: string): Promise<void> {
    try {
      if (!(await askHost(this.element, { kind: "cell.insert", source })))
        await this.copy(source, strings.copiedInstead);
    } catch (error) {
      this.state.showFault(error);
    }
  }

  async copy(text: string, done: string = strings.copied): Promise<void> {
    this.state.say((await copyText(text)) ? done : strings.notCopied);
  }
}

/** Whether a text is a notebook in nbformat 4. */
function isNotebook(text: string): boolean {
  try {
    const found = JSON.parse(text) as { nbformat?: unknown; cells?: unknown } | null;
    return found?.nbformat === 4 && Array.isArray(found.cells);
  } catch {
    return false;
  }
}

/** A view, whatever it shows. */
export type AnyView = View<WidgetState>;

const ViewContext = createContext<AnyView | null>(null);

export const ViewProvider = ViewContext.Provider;

/** The view that a component is part of, whatever it shows. */
export function useAnyView(): AnyView {
  const view = useContext(ViewContext);
  if (view === null) throw new Error("a panel was drawn outside a view");
  return view;
}

/** The view of the list that a component is part of. */
export function useView(): View {
  return useAnyView() as View;
}
