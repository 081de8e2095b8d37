/** A part of its own: the dialog that reproduces a run, how far it is, and what came of it. */

import "../dialog.css";
import "./reproduce.css";
import "./report.css";
import { bring } from "../strings";
import { en } from "../strings/reproduce";

bring(en);

export { Reproduction } from "./reproduction";
