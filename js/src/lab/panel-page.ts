/** The panel's page for one notebook. */

import type { NotebookPanel } from "@jupyterlab/notebook";
import { ask } from "./ask";
import type { KernelChannel } from "./kernel-channel";
import { type KernelDialogs, KernelPage } from "./kernel-page";
import { renderWidget } from "./widget-view";

export function makePanelPage(panel: NotebookPanel, channel: KernelChannel, dialogs: KernelDialogs): KernelPage {
  const draw = async (isWanted: () => boolean) => {
    const { model_id } = await ask(channel, { kind: "panel.open", fresh: channel.isEarly });
    return isWanted() ? renderWidget(panel, model_id, isWanted) : null;
  };
  return new KernelPage({ panel, channel, dialogs, draw, push: { kind: "panel.push" } });
}
