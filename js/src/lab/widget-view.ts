/** Shows a widget of the kernel outside of the notebook, with the renderer that the notebook itself uses. */

import type { NotebookPanel } from "@jupyterlab/notebook";
import { type IRenderMimeRegistry, MimeModel } from "@jupyterlab/rendermime";
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { Panel, type Widget } from "@lumino/widgets";
import { HostError } from "./host-error";
import { strings } from "./strings";

const MIME = "application/vnd.jupyter.widget-view+json";
export const STEP_MS = 100;
const PATIENCE_STEPS = 150;

/** The view of a model; the caller disposes of it. */
export async function renderWidget(panel: NotebookPanel, modelId: string, isWanted: () => boolean): Promise<Widget> {
  const { rendermime } = panel.content;
  let renderer: IRenderMime.IRenderer | null = null;
  for (let step = 0; step < PATIENCE_STEPS && isWanted(); step += 1) {
    renderer ??= await findRenderer(rendermime);
    if (renderer !== null && (await show(renderer, modelId))) return renderer;
    renderer?.dispose();
    renderer = null;
    await pause(STEP_MS);
  }
  if (!rendermime.mimeTypes.includes(MIME)) throw new HostError(strings.noWidgets, strings.noWidgetsHint);
  throw new HostError(strings.noModel, strings.noModelHint);
}

/**
 * A renderer that is connected to the notebook's widgets, or null while there is none: the widgets' extension replaces
 * its renderer some time after the notebook opened, and those made before never show anything.
 */
async function findRenderer(rendermime: IRenderMimeRegistry): Promise<IRenderMime.IRenderer | null> {
  if (!rendermime.mimeTypes.includes(MIME)) return null;
  const probe = rendermime.createRenderer(MIME);
  const isConnected = await Promise.race([probe.renderModel(viewOf("")).then(() => true), pause(STEP_MS)]);
  probe.dispose();
  return isConnected === true ? rendermime.createRenderer(MIME) : null;
}

/** Whether the model was there to be shown. */
async function show(renderer: IRenderMime.IRenderer, modelId: string): Promise<boolean> {
  await renderer.renderModel(viewOf(modelId));
  return !(renderer instanceof Panel) || renderer.widgets.length > 0;
}

function viewOf(modelId: string): MimeModel {
  return new MimeModel({ data: { [MIME]: { version_major: 2, version_minor: 0, model_id: modelId } } });
}

export function pause(time_ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time_ms));
}
