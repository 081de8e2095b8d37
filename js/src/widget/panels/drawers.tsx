/** A part of its own: the drawers above the list, and the runs in groups. */

import "../drawers.css";
import { bring } from "../strings";
import { en as texts } from "../strings/drawers";

bring(texts);

export { ChoiceDrawer } from "./choice-drawer";
export { ExperimentsDrawer, OtherExperiments } from "./experiments-drawer";
export { GroupList } from "./group-list";
export { ViewDrawer } from "./view-drawer";
