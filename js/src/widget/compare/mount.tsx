/** Shows a comparison in an element of a page that has no widget of a kernel: what a notebook keeps of it. */

import { render } from "preact";
import { View, ViewProvider } from "../view";
import { CompareApp } from "./app";
import type { CompareState } from "./state";

/** Returns what takes it away again. */
export function mountComparison(state: CompareState, element: HTMLElement): () => void {
  const view = new View<CompareState>(state, element);
  const removeView = state.addView();
  element.classList.add("trackside");
  render(
    <ViewProvider value={view}>
      <CompareApp state={state} />
    </ViewProvider>,
    element,
  );
  return () => {
    render(null, element);
    removeView();
    state.close();
  };
}
