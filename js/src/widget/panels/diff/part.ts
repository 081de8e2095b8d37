/** A part of its own: what is different between two runs, or a run and the notebook now. */

import "../../run-view.css";
import "../../diff.css";
import { bring } from "../../strings";
import { en as texts } from "../../strings/diff";

bring(texts);

export { DiffPage } from "./page";
export { DiffSheet } from "./sheet";
