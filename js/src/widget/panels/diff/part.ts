/** A part of its own: what is different between two runs, or a run and the notebook now. */

import "../../run-view.css";
import "../../diff.css";

export { DiffPage } from "./page";
export { DiffSheet } from "./sheet";
