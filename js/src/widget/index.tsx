/** The widget's entry: anywidget loads this bundle once per model. */

import "./theme.css";
import "./list.css";
import "./toolbar.css";
import "./table.css";
import "./details.css";
import "./run-view.css";
import "./note.css";
import "./files.css";
import "./run-page.css";
import "./states.css";
import "./actions.css";
import { render } from "preact";
import type { Model } from "./bridge";
import { RunPage } from "./panels/run-view/page";
import { Sidebar } from "./panels/sidebar";
import { RunState } from "./run-state";
import { PanelState } from "./state";
import { View, ViewProvider } from "./view";

export default () => {
  let state: PanelState | RunState | undefined;
  return {
    initialize({ model }: { model: Model }): () => void {
      const own = makeState(model);
      state = own;
      return () => own.close();
    },

    render({ model, el }: { model: Model; el: HTMLElement }): () => void {
      state ??= makeState(model);
      const view = new View<PanelState | RunState>(state, el);
      const removeView = state.addView();
      el.classList.add("trackside");
      render(
        <ViewProvider value={view}>{state instanceof RunState ? <RunPage state={state} /> : <Sidebar />}</ViewProvider>,
        el,
      );
      return () => {
        render(null, el);
        removeView();
      };
    },
  };
};

const makeState = (model: Model) =>
  model.get?.("view") === "run" ? new RunState(model, String(model.get("run_id"))) : new PanelState(model);
