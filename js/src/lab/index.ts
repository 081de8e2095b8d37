/** The JupyterLab extension: the panel *Experiment runs* in the right sidebar, and the runs' notebooks as documents. */

import { ILabShell, ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette, ISessionContextDialogs, SessionContextDialogs } from "@jupyterlab/apputils";
import { IEditorServices } from "@jupyterlab/codeeditor";
import { IDocumentManager } from "@jupyterlab/docmanager";
import { INotebookTracker, type NotebookPanel } from "@jupyterlab/notebook";
import { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { ITranslator } from "@jupyterlab/translation";
import { Token } from "@lumino/coreutils";
import type { Widget } from "@lumino/widgets";
import { Channels } from "./channels";
import { comparisonFactory } from "./comparison";
import { ComparisonPlace } from "./comparison-place";
import { answerWidget, type Openers } from "./host-events";
import { runsIcon } from "./icon";
import { ModelTabs } from "./model-tabs";
import { Revisions } from "./revision";
import { RevisionTabs } from "./revision-tabs";
import { type RunTabParts, RunTabs } from "./run-tabs";
import { type SavedTab, SavedTabs } from "./saved-tabs";
import { Sidebar } from "./sidebar";
import { sourceOpener } from "./source-file";
import { speakAs, strings } from "./strings";

const OPEN = "trackside:open";
const RANK = 600;

const IRevisions = new Token<Revisions>("trackside:IRevisions", "Opens the notebooks of runs.");

/** Notebook 7 opens each document in a page of its own, so there the widget shows a run's notebook itself. */
const revisions: JupyterFrontEndPlugin<Revisions | null> = {
  id: "trackside:revisions",
  description: "Opens the notebook of a run, read-only.",
  autoStart: true,
  provides: IRevisions,
  requires: [IDocumentManager, IRenderMimeRegistry, IEditorServices],
  optional: [ILabShell],
  activate: (app: JupyterFrontEnd, docManager, rendermime, editorServices, shell) =>
    shell === null ? null : new Revisions({ docManager, registry: app.docRegistry, rendermime, editorServices }),
};

const sidebar: JupyterFrontEndPlugin<void> = {
  id: "trackside:sidebar",
  description: "Shows the runs of the current notebook.",
  autoStart: true,
  requires: [INotebookTracker],
  optional: [
    IRevisions,
    ILabShell,
    ILayoutRestorer,
    ICommandPalette,
    ISessionContextDialogs,
    ITranslator,
    IDocumentManager,
    IRenderMimeRegistry,
  ],
  activate: (
    app: JupyterFrontEnd,
    tracker,
    opener,
    shell,
    restorer,
    palette,
    ownDialogs,
    translator,
    docManager,
    mime,
  ) => {
    speakAs(translator?.languageCode ?? document.documentElement.lang);
    const show = shell && ((tab: Widget, beside: string) => showTab(shell, tab, beside));
    const documents = shell && docManager;
    const source = sourceOpener(app);
    const openers: Openers = { revisions: opener, runs: null, models: null, documents, source, showTab: show };
    const listen = (page: Widget, notebook: NotebookPanel) => answerWidget(page, notebook, openers);
    const channels = new Channels(tracker);
    const dialogs = ownDialogs ?? new SessionContextDialogs();
    if (shell && show) {
      const notebooks = { tracker, documents, restored: app.restored };
      const parts = { channels, dialogs, notebooks, saved: new SavedTabs(), show, listen };
      openers.models = new ModelTabs({ show, listen });
      openers.runs = keepTabs(app, shell, parts, opener, restorer);
    }
    const reveal = () => app.shell.activateById(panel.id);
    const panel = new Sidebar({ tracker, channels, dialogs, listen, reveal });
    if (mime) drawComparisons(mime, tracker, listen);
    app.shell.add(panel, "right", { rank: RANK });
    restorer?.add(panel, panel.id);
    app.commands.addCommand(OPEN, {
      label: strings.command,
      caption: strings.commandCaption,
      icon: runsIcon,
      execute: () => {
        reveal();
        panel.focus();
      },
    });
    palette?.addItem({ command: OPEN, category: "Notebook Operations" });
  },
};

/** The tabs of runs and of their notebooks, which are there again after a reload. */
function keepTabs(
  app: JupyterFrontEnd,
  shell: ILabShell,
  parts: RunTabParts,
  revisions: Revisions | null,
  restorer: ILayoutRestorer | null,
): RunTabs {
  const runs = new RunTabs(parts);
  const isCurrent = (tab: Widget) => shell.currentWidget === tab;
  const documents = revisions && new RevisionTabs({ ...parts, revisions, isCurrent });
  const make = (tab: SavedTab) => (tab.kind === "revision" && documents ? documents : runs).restore(tab);
  if (restorer) parts.saved.restore(app, restorer, make);
  return runs;
}

/** Has comparisons drawn in every notebook, and in what shows a part of one. */
function drawComparisons(
  rendermime: IRenderMimeRegistry,
  tracker: INotebookTracker,
  listen: (page: Widget, notebook: NotebookPanel) => void,
): void {
  const find = (renderer: Widget) => {
    const notebook = tracker.find((panel) => panel.node.contains(renderer.node));
    if (notebook === undefined) return null;
    listen(renderer, notebook);
    return new ComparisonPlace(notebook, renderer.node);
  };
  const factory = comparisonFactory(find);
  rendermime.addFactory(factory);
  tracker.forEach((panel) => {
    panel.content.rendermime.addFactory(factory);
  });
}

function showTab(shell: ILabShell, tab: Widget, beside: string): void {
  const isThere = [...shell.widgets("main")].some((other) => other.id === tab.id);
  if (!isThere) shell.add(tab, "main", { ref: beside, mode: "tab-after" });
  shell.activateById(tab.id);
}

export default [revisions, sidebar];
