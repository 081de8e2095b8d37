/** What lies over the panel, drawn only while there is something. */

import { useAnyView } from "../view";
import { Part } from "./part";

export function Over() {
  return (
    <>
      <Reproducing />
      <Layers />
    </>
  );
}

function Layers() {
  const { menu, question, isHelpOpen, revision, difference } = useAnyView();
  const sides = difference.value;
  const isSheet = revision.value !== null || sides !== null;
  const isAny = menu.value !== null || question.value !== null || isHelpOpen.value || isSheet;
  return (
    <>
      {isAny && <Part name="layers">{({ Layers }) => <Layers />}</Part>}
      {sides !== null && <Part name="diff">{({ DiffSheet }) => <DiffSheet sides={sides} />}</Part>}
    </>
  );
}

/** The dialog that reproduces a run, and how far those are that go on. */
function Reproducing() {
  const { reproducing, state } = useAnyView();
  if (reproducing.value === null && state.reproductions.jobs.value.size === 0) return null;
  return <Part name="reproduce">{({ Reproduction }) => <Reproduction />}</Part>;
}
