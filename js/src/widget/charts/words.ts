/** The charts' texts in the language of the page. */

import { language } from "../language";
import { charts } from "../strings/charts";

export const words = charts[language];
