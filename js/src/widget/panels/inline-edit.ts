/** Changing a text in its place: Enter and leaving the field keep it, Escape does not. */

import { useSignal } from "@preact/signals";
import type { RefObject, TargetedFocusEvent, TargetedKeyboardEvent } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

type Field = HTMLInputElement | HTMLTextAreaElement;

interface InlineEdit<F extends Field> {
  /** Keeps a text; false if that was refused, so that the field stays. */
  save: (text: string) => Promise<boolean>;
  /** Called when the field is to go away; left with keys, the focus is still in it. */
  leave: (by: Left, field: F | null) => void;
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

  const end = (by: Left) => {
    isDone.current = true;
    leave(by, ref.current);
  };
  const keep = async (text: string, by: Left) => {
    if (isDone.current || isSaving.value) return;
    isSaving.value = true;
    const isKept = await save(text);
    isSaving.value = false;
    if (isKept) end(by);
  };
  const press = (event: TargetedKeyboardEvent<F>) => {
    if (event.isComposing) return;
    if (event.key === "Escape") end("keys");
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    void keep(event.currentTarget.value, "keys");
  };
  return {
    ref,
    readOnly: isSaving.value,
    onKeyDown: press,
    onBlur: (event) => void keep(event.currentTarget.value, "mouse"),
  };
}

/**
 * Gives the focus to what opens a field once that is gone, unless it went elsewhere meanwhile. The function that is
 * returned tells that people left the field with the mouse, after which nothing gets the focus.
 */
export function useFocusBack(isEditing: boolean, opener: () => HTMLElement | null | undefined): (by: Left) => void {
  const wasEditing = useRef(isEditing);
  const left = useRef<Left>("keys");
  useLayoutEffect(() => {
    const isFree = document.activeElement === null || document.activeElement === document.body;
    if (wasEditing.current && !isEditing && isFree && left.current === "keys") opener()?.focus();
    wasEditing.current = isEditing;
    left.current = "keys";
  }, [isEditing]);
  return (by) => {
    left.current = by;
  };
}

/** How people left a field. */
export type Left = "keys" | "mouse";
