/** Changing a text in its place: Enter and leaving the field keep it, Escape does not. */

import { useSignal } from "@preact/signals";
import type { RefObject, TargetedFocusEvent, TargetedKeyboardEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";

type Field = HTMLInputElement | HTMLTextAreaElement;

interface InlineEdit<F extends Field> {
  /** Keeps a text; false if that was refused, so that the field stays. */
  save: (text: string) => Promise<boolean>;
  /** Called when the field is to go away; `byKey` tells that the focus was in it. */
  leave: (byKey: boolean, field: F | null) => void;
}

interface FieldProps<F extends Field> {
  ref: RefObject<F | null>;
  readOnly: boolean;
  onKeyDown: (event: TargetedKeyboardEvent<F>) => void;
  onBlur: (event: TargetedFocusEvent<F>) => void;
}

export function useInlineEdit<F extends Field>({ save, leave }: InlineEdit<F>): FieldProps<F> {
  const ref = useRef<F>(null);
  const isSaving = useSignal(false);
  /** Set before the field goes away, because going away takes the focus, and losing the focus keeps the text. */
  const isDone = useRef(false);
  useEffect(() => {
    ref.current?.focus();
    ref.current?.select();
  }, []);

  const end = (byKey: boolean) => {
    isDone.current = true;
    leave(byKey, ref.current);
  };
  const keep = async (text: string, byKey: boolean) => {
    if (isDone.current || isSaving.value) return;
    isSaving.value = true;
    const isKept = await save(text);
    isSaving.value = false;
    if (isKept) end(byKey);
  };
  const press = (event: TargetedKeyboardEvent<F>) => {
    if (event.isComposing) return;
    if (event.key === "Escape") end(true);
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    void keep(event.currentTarget.value, true);
  };
  return {
    ref,
    readOnly: isSaving.value,
    onKeyDown: press,
    onBlur: (event) => void keep(event.currentTarget.value, false),
  };
}
