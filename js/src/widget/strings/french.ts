/** The whole table in French: a part of its own, fetched where the page is French. */

import type { Strings } from "../strings";
import * as actions from "./actions";
import * as compare from "./compare";
import * as dialogs from "./dialogs";
import * as diff from "./diff";
import * as drawers from "./drawers";
import * as list from "./list";
import * as models from "./models";
import * as panel from "./panel";
import * as reproduce from "./reproduce";
import * as runView from "./run-view";

export const texts: Strings = {
  ...panel.fr,
  ...list.fr,
  ...runView.fr,
  ...diff.fr,
  ...dialogs.fr,
  ...drawers.fr,
  ...actions.fr,
  ...models.fr,
  ...reproduce.fr,
  ...compare.fr,
};
