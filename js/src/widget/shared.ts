/** What the widget lends to its parts. Only the widget's entry imports it, because it imports everything. */

import type { Shared } from "./part-source";

/**
 * The build fills it with those modules that both the widget and a part import (see `build.mjs`), so that a part has
 * the same Preact, signals, strings and view as the widget.
 */
export const shared: Shared = {};
