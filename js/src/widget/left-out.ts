/** What was too large to be kept with a run, in words. */

import type { LeftOut } from "./protocol";
import { strings } from "./strings";

/** Such as `part of the changes, 2 local modules`; "" where nothing is missing. */
export function formatLeftOut({ patch, modules, attachments }: LeftOut): string {
  const { leftOutPart } = strings;
  const parts = [
    patch ? leftOutPart.patch : "",
    modules > 0 ? leftOutPart.modules(modules) : "",
    attachments > 0 ? leftOutPart.attachments(attachments) : "",
  ];
  return parts.filter(Boolean).join(", ");
}
