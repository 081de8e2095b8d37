/** What lies over the panel, drawn only while there is something. */

import { useAnyView } from "../view";
import { Part } from "./part";

export function Over() {
  const { menu, question, isHelpOpen, revision } = useAnyView();
  const isAny = menu.value !== null || question.value !== null || isHelpOpen.value || revision.value !== null;
  if (!isAny) return null;
  return <Part name="layers">{({ Layers }) => <Layers />}</Part>;
}
