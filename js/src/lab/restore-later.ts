/** Restores the notebook of a run, with code that is fetched when the first one is restored. */

import type { restoreRevision as restore } from "./restore";

export const restoreRevision: typeof restore = async (...args) => (await import("./restore")).restoreRevision(...args);
