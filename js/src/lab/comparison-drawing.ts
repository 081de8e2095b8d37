/** What draws comparisons, with its style sheets. It is loaded with the first of them, and not before. */

import "../widget/theme.css";
import "../widget/states.css";
import { speak } from "../widget/strings";

export { mountComparison } from "../widget/compare/mount";
export { CompareState } from "../widget/compare/state";

/** Has all that is drawn from now on in French. */
export async function speakFrench(): Promise<void> {
  speak((await import("../widget/strings/french")).texts);
}
