/** A part of its own: menus, dialogs and what is done by them, the keys, and the notebook of a run over its list. */

import "../dialog.css";
import "../layers.css";
import { useAnyView } from "../view";
import { DialogLayer } from "./dialog";
import { KeysHelp } from "./keys-help";
import { MenuLayer } from "./menu";
import { RevisionSheet } from "./revision";

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
