/** What `build.mjs` gives the widget. Only the widget's entry imports it, because what is lent is nearly everything. */

import type { Shared } from "./part-source";

/** The modules that both the widget and a part import: a part has the same Preact, signals, strings and view. */
export const shared: Shared = {};

/** The widget's style sheet. */
export const style: string = "";
