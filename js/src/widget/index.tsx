/** The widget's entry: anywidget loads this bundle once per model. */

import "./theme.css";
import "./list.css";
import "./toolbar.css";
import "./table.css";
import "./states.css";
import "./actions.css";
import { render } from "preact";
import type { Model } from "./bridge";
import { shared, style } from "./built";
import { CompareState } from "./compare/state";
import { DiffState } from "./diff-state";
import { keepHearing } from "./hearing";
import { language } from "./language";
import { Loading, WaitingBar } from "./panels/notices";
import { Part, PartStyles } from "./panels/part";
import { Sidebar } from "./panels/sidebar";
import { RunState } from "./run-state";
import { learn } from "./sentences";
import { PanelState } from "./state";
import { speak } from "./strings";
import { View, ViewProvider } from "./view";
import type { WidgetState } from "./widget-state";

/** How long a page in another language is left empty for its texts. */
const TEXTS_MS = 1500;

type Shown = CompareState | DiffState | PanelState | RunState;

export default () => {
  let state: Shown | undefined;
  return {
    initialize({ model }: { model: Model }): () => void {
      const own = makeState(model);
      state = own;
      return () => own.close();
    },

    render({ model, el }: { model: Model; el: HTMLElement }): () => void {
      state ??= makeState(model);
      const view = new View<Shown>(state, el);
      const removeView = state.addView();
      el.classList.add("trackside");
      let isShown = true;
      const draw = (language: string) => isShown && render(<Whole key={language} view={view} />, el);
      if (language === "en") draw(language);
      else void withTexts(state, draw);
      return () => {
        isShown = false;
        render(null, el);
        removeView();
      };
    },
  };
};

function makeState(model: Model): Shown {
  void keepHearing(model);
  const view = model.get?.("view");
  if (view === "run") return new RunState(model, String(model.get?.("run_id")), shared);
  if (view === "diff") return new DiffState(model, shared);
  return view === "compare" ? new CompareState(model, shared) : new PanelState(model, shared);
}

function Whole({ view }: { view: View<Shown> }) {
  return (
    <ViewProvider value={view}>
      <style>{style}</style>
      <PartStyles />
      <Page state={view.state} />
    </ViewProvider>
  );
}

function Page({ state }: { state: Shown }) {
  if (state instanceof RunState)
    return (
      <Part name="run" waiting={<Waiting />}>
        {({ RunPage }) => <RunPage state={state} />}
      </Part>
    );
  if (state instanceof CompareState)
    return (
      <Part name="compare" waiting={<Loading />}>
        {({ CompareApp }) => <CompareApp state={state} />}
      </Part>
    );
  if (state instanceof DiffState)
    return (
      <Part name="diff" waiting={<Loading />}>
        {({ DiffPage }) => <DiffPage state={state} />}
      </Part>
    );
  return <Sidebar />;
}

/** What it waits for may be a kernel that is busy. */
const Waiting = () => (
  <>
    <WaitingBar />
    <Loading />
  </>
);

/** What Python says is shown as it says it. */
const leaveEnglish = () => undefined;

/** Draws in the page's language; first in English where a busy kernel does not give its texts in time. */
async function withTexts({ parts }: WidgetState, draw: (language: string) => void): Promise<void> {
  const inEnglish = setTimeout(() => draw("en"), TEXTS_MS);
  try {
    speak((await parts.load("french")).texts);
    clearTimeout(inEnglish);
    draw(language);
    parts.load("sentences").then(({ sentences }) => learn(sentences), leaveEnglish);
  } catch {
    draw("en");
  }
}
