/** A run's name, which is changed in its place: F2 or the pencil, Enter keeps it, Escape leaves it as it was. */

import { type Signal, useSignal } from "@preact/signals";
import type { TargetedKeyboardEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { RunRow } from "../protocol";
import { strings } from "../strings";
import { useView } from "../view";
import { IconButton } from "./controls";

interface RunNameProps {
  row: RunRow;
  isEditing: Signal<boolean>;
  tabIndex: number;
}

export function RunName({ row, isEditing, tabIndex }: RunNameProps) {
  if (isEditing.value) return <NameInput row={row} isEditing={isEditing} />;
  return (
    <>
      <bdi class="ts-run-name" title={row.name}>
        {row.name}
      </bdi>
      <IconButton
        icon="pencil"
        class="ts-on-hover"
        label={strings.rename}
        tabIndex={tabIndex}
        onClick={() => {
          isEditing.value = true;
        }}
      />
    </>
  );
}

function NameInput({ row, isEditing }: { row: RunRow; isEditing: Signal<boolean> }) {
  const { state } = useView();
  const input = useRef<HTMLInputElement>(null);
  const isSaving = useSignal(false);
  /** Set before the field goes away, because going away takes the focus, and losing the focus keeps the name. */
  const isDone = useRef(false);
  useEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);

  const leave = (focusRow: boolean) => {
    const toggle = input.current?.closest(".ts-run-head")?.querySelector<HTMLElement>(".ts-run-toggle");
    isDone.current = true;
    isEditing.value = false;
    if (focusRow) toggle?.focus();
  };
  const save = async (text: string, focusRow: boolean) => {
    if (isDone.current) return;
    const name = text.trim();
    if (name === "" || name === row.name) return leave(focusRow);
    isDone.current = true;
    isSaving.value = true;
    isDone.current = await state.rename(row.run_id, name);
    isSaving.value = false;
    if (isDone.current) leave(focusRow);
  };
  const press = (event: TargetedKeyboardEvent<HTMLInputElement>) => {
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "Enter") void save(event.currentTarget.value, true);
    if (event.key === "Escape") leave(true);
  };

  return (
    <input
      ref={input}
      class="ts-input ts-name-input"
      aria-label={strings.newName}
      data-lm-suppress-shortcuts="true"
      defaultValue={row.name}
      dir="auto"
      maxLength={250}
      readOnly={isSaving.value}
      onKeyDown={press}
      onBlur={(event) => void save(event.currentTarget.value, false)}
    />
  );
}
