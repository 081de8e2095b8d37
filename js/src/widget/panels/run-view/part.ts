/** A part of its own: all of a run, below its card and in a tab. */

import "../../details.css";
import "../../run-view.css";
import "../../models.css";
import "../../note.css";
import "../../files.css";
import "../../run-page.css";
import { bring } from "../../strings";
import { en as models } from "../../strings/models";
import { en as runView } from "../../strings/run-view";

bring({ ...models, ...runView });

export { LostDraft } from "./lost-draft";
export { NotePreview, NoteTabs } from "./note";
export { RunPage } from "./page";
export { RunSections } from "./sections";
