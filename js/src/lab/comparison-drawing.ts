/** What draws comparisons, with its style sheets. It is loaded with the first of them, and not before. */

import "../widget/theme.css";
import "../widget/states.css";
import { ChoiceKeeper, type Choices, readChoices, restoreChoices } from "../widget/compare/choices";
import { mountComparison } from "../widget/compare/mount";
import type { UnpackedComparison } from "../widget/compare/saved";
import { CompareState } from "../widget/compare/state";
import { speak } from "../widget/strings";

export interface DrawnComparison {
  state: CompareState;
  keeper: ChoiceKeeper;
  /** Shows what the output's metadata say that people chose. */
  restore: (kept: unknown) => void;
  remove: () => void;
}

/** Draws what a notebook keeps at the end of an element; `keep` is called with what people choose in it. */
export function drawComparison(
  host: HTMLElement,
  { data, buffers, view }: UnpackedComparison,
  kept: unknown,
  keep: (choices: Choices) => void,
): DrawnComparison {
  const state = new CompareState(null);
  state.parts.provide("diff", () => import("../widget/panels/diff/part"));
  state.parts.provide("layers", () => import("../widget/panels/layers"));
  state.showSaved(data, buffers, view);
  const restore = (found: unknown) => {
    const choices = readChoices(found);
    if (choices !== null) restoreChoices(state, choices);
  };
  restore(kept);
  const element = document.createElement("div");
  host.append(element);
  const unmount = mountComparison(state, element);
  const keeper = new ChoiceKeeper(state, keep);
  return {
    state,
    keeper,
    restore,
    remove: () => {
      keeper.stop();
      unmount();
    },
  };
}

/** Has all that is drawn from now on in French. */
export async function speakFrench(): Promise<void> {
  speak((await import("../widget/strings/french")).texts);
}
