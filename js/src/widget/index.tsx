/** The widget's entry: anywidget loads this bundle once per model. */

import "./theme.css";
import "./list.css";
import "./toolbar.css";
import "./details.css";
import "./states.css";
import "./actions.css";
import { render } from "preact";
import type { Model } from "./bridge";
import { Sidebar } from "./panels/sidebar";
import { PanelState } from "./state";
import { View, ViewProvider } from "./view";

export default () => {
  let state: PanelState | undefined;
  return {
    initialize({ model }: { model: Model }): () => void {
      const own = new PanelState(model);
      state = own;
      return () => own.close();
    },

    render({ model, el }: { model: Model; el: HTMLElement }): () => void {
      state ??= new PanelState(model);
      const view = new View(state, el);
      const removeView = state.addView();
      el.classList.add("trackside");
      render(
        <ViewProvider value={view}>
          <Sidebar />
        </ViewProvider>,
        el,
      );
      return () => {
        render(null, el);
        removeView();
      };
    },
  };
};
