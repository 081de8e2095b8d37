/** Shows a widget of the kernel outside of the notebook, with the renderer that the notebook itself uses. */

import type { NotebookPanel } from "@jupyterlab/notebook";
import { type IRenderMimeRegistry, MimeModel } from "@jupyterlab/rendermime";
import { Panel, type Widget } from "@lumino/widgets";
import { HostError } from "./host-error";
import { strings } from "./strings";
import { pause, within } from "./timing";

const MIME = "application/vnd.jupyter.widget-view+json";
const STEP_MS = 100;
/** A model that is there is shown in less. */
const MODEL_MS = 10_000;
const PATIENCE_STEPS = 150;

export interface WidgetView {
  /** What to show; the caller disposes of it. */
  view: Widget;
  /** The widget inside, which ends when its model does. */
  inner: Widget;
}

/** Shows a model as soon as the page knows it, and as long as it is wanted. */
export async function renderWidget(
  panel: NotebookPanel,
  modelId: string,
  isWanted: () => boolean,
): Promise<WidgetView> {
  const { rendermime } = panel.content;
  for (let step = 0; step < PATIENCE_STEPS && isWanted(); step += 1) {
    const shown = await tryToShow(rendermime, modelId);
    if (shown !== null) return shown;
    await pause(STEP_MS);
  }
  if (!rendermime.mimeTypes.includes(MIME)) throw new HostError(strings.noWidgets, strings.noWidgetsHint);
  throw new HostError(strings.noModel, strings.noModelHint);
}

async function tryToShow(rendermime: IRenderMimeRegistry, modelId: string): Promise<WidgetView | null> {
  if (!rendermime.mimeTypes.includes(MIME) || !(await isConnected(rendermime))) return null;
  const view = rendermime.createRenderer(MIME);
  await within(view.renderModel(viewOf(modelId)), MODEL_MS);
  const inner = view instanceof Panel ? view.widgets[0] : view;
  if (inner !== undefined) return { view, inner };
  view.dispose();
  return null;
}

/**
 * Whether renderers are connected to the notebook's widgets by now: the widgets' extension replaces its renderer some
 * time after the notebook opened, and those made before never show anything.
 */
async function isConnected(rendermime: IRenderMimeRegistry): Promise<boolean> {
  const probe = rendermime.createRenderer(MIME);
  const answer = await within(
    probe.renderModel(viewOf("")).then(() => true),
    STEP_MS,
  );
  probe.dispose();
  return answer === true;
}

function viewOf(modelId: string): MimeModel {
  return new MimeModel({ data: { [MIME]: { version_major: 2, version_minor: 0, model_id: modelId } } });
}
