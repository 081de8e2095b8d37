/** A part of its own: menus, dialogs and what is done by them, the keys, and the notebook of a run over its list. */

import "../dialog.css";
import "../layers.css";
import { bring } from "../strings";
import { en as texts } from "../strings/dialogs";
import { useAnyView } from "../view";
import { DialogLayer } from "./dialog";
import { KeysHelp } from "./keys-help";
import { MenuLayer } from "./menu";
import { RevisionSheet } from "./revision";

bring(texts);

export * as actions from "../actions";
export * as trash from "../trash";

export function Layers() {
  const { revision } = useAnyView();
  return (
    <>
      <MenuLayer />
      <DialogLayer />
      <KeysHelp />
      {revision.value !== null && <RevisionSheet revision={revision.value} />}
    </>
  );
}
