/** Fields that a text is written in. */

import type { Signal } from "@preact/signals";
import type { TargetedEvent } from "preact";

/** Keeps what is written. */
export const writeTo = (text: Signal<string>) => (event: TargetedEvent<HTMLInputElement | HTMLTextAreaElement>) => {
  text.value = event.currentTarget.value;
};

interface SearchFieldProps {
  text: Signal<string>;
  label: string;
  placeholder?: string;
}

/** Finds what a list has by a part of it. */
export function SearchField({ text, label, placeholder = label }: SearchFieldProps) {
  return (
    <input
      class="ts-input ts-search"
      type="search"
      aria-label={label}
      placeholder={placeholder}
      data-lm-suppress-shortcuts="true"
      value={text}
      onInput={writeTo(text)}
    />
  );
}
