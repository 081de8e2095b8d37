/** A run's name, which is changed in its place: F2 or the pencil, Enter keeps it, Escape leaves it as it was. */

import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { RunRow } from "../protocol";
import { strings } from "../strings";
import { useAnyView } from "../view";
import { IconButton } from "./controls";
import { type Left, useFocusBack, useInlineEdit } from "./inline-edit";
import { Star } from "./run-tools";

const MAX_NAME = 250;

interface RunNameProps {
  row: RunRow;
  isEditing: Signal<boolean>;
  tabIndex: number;
  /** What else stands beside the name while the pointer or the focus is near. */
  children?: ComponentChildren;
}

export function RunName({ row, isEditing, tabIndex, children }: RunNameProps) {
  const { renaming } = useAnyView();
  const tools = useRef<HTMLSpanElement>(null);
  const left = useFocusBack(isEditing.value, () => tools.current?.querySelector("button"));
  const isAsked = renaming.value === row.run_id;
  useLayoutEffect(() => {
    if (!isAsked) return;
    renaming.value = "";
    isEditing.value = true;
  }, [isAsked, renaming, isEditing]);
  if (isEditing.value) return <NameInput row={row} isEditing={isEditing} onLeave={left} />;
  return (
    <>
      <bdi class="ts-run-name" title={row.name}>
        {row.name}
      </bdi>
      <Star row={row} />
      <span ref={tools} class="ts-run-tools">
        {row.state === "active" && (
          <IconButton
            icon="pencil"
            label={strings.rename}
            tabIndex={tabIndex}
            onClick={() => {
              isEditing.value = true;
            }}
          />
        )}
        {children}
      </span>
    </>
  );
}

interface NameInputProps {
  row: RunRow;
  isEditing: Signal<boolean>;
  onLeave: (by: Left) => void;
}

function NameInput({ row, isEditing, onLeave }: NameInputProps) {
  const { state } = useAnyView();
  const field = useInlineEdit<HTMLInputElement>({
    save: async (text) => {
      const name = text.trim();
      return name === "" || name === row.name || (await state.rename(row.run_id, name));
    },
    leave: (by, input) => {
      const toggle = input?.closest(".ts-run-head")?.querySelector<HTMLElement>(".ts-run-toggle");
      onLeave(by);
      isEditing.value = false;
      if (by === "keys") toggle?.focus();
    },
  });
  return (
    <input
      {...field}
      class="ts-input ts-name-input"
      aria-label={strings.newName}
      data-lm-suppress-shortcuts="true"
      defaultValue={row.name}
      dir="auto"
      maxLength={MAX_NAME}
    />
  );
}
