/** The controls of the dialog, and how it says what is wrong. */

import { type Signal, useSignal } from "@preact/signals";
import type { ComponentChildren, TargetedEvent } from "preact";
import { useId } from "preact/hooks";
import { formatCount, formatSentence } from "../format";
import { Icon } from "../panels/icons";
import { writeTo } from "../panels/text-fields";
import type { Fault } from "../protocol";

interface CheckProps {
  label: ComponentChildren;
  value: Signal<boolean>;
  isOff?: boolean;
}

export function Check({ label, value, isOff = false }: CheckProps) {
  const change = (isOn: boolean) => {
    value.value = isOn;
  };
  return <CheckBox label={label} isOn={value.value} isOff={isOff} onChange={change} />;
}

interface CheckBoxProps {
  label: ComponentChildren;
  isOn: boolean;
  isOff?: boolean;
  onChange: (isOn: boolean) => void;
}

function CheckBox({ label, isOn, isOff = false, onChange }: CheckBoxProps) {
  const id = useId();
  return (
    <div class="ts-check">
      <input
        id={id}
        type="checkbox"
        checked={isOn}
        disabled={isOff}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <label for={id}>{label}</label>
    </div>
  );
}

/** Puts a text into a set, or takes it out. */
export function SetCheck({
  label,
  item,
  all,
}: {
  label: ComponentChildren;
  item: string;
  all: Signal<ReadonlySet<string>>;
}) {
  const change = (isOn: boolean) => {
    const items = new Set(all.value);
    if (isOn) items.add(item);
    else items.delete(item);
    all.value = items;
  };
  return <CheckBox label={label} isOn={all.value.has(item)} onChange={change} />;
}

interface TextFieldProps {
  label: string;
  value: Signal<string>;
  /** What is wrong with it, or "". */
  fault: string;
  placeholder?: string;
  isFirst?: boolean;
  /** A control beside it. */
  beside?: ComponentChildren;
  /** What is said of it below. */
  children?: ComponentChildren;
}

export function TextField({ label, value, fault, placeholder, isFirst = false, beside, children }: TextFieldProps) {
  const id = useId();
  return (
    <div class="ts-entry">
      <label for={id}>{label}</label>
      <div class="ts-rp-field">
        <input
          id={id}
          class="ts-input"
          value={value.value}
          placeholder={placeholder}
          spellcheck={false}
          autofocus={isFirst}
          aria-invalid={fault !== ""}
          aria-describedby={`${id}-about`}
          onInput={writeTo(value)}
        />
        {beside}
      </div>
      <div id={`${id}-about`} role="status">
        {fault !== "" && <p class="ts-form-fault">{fault}</p>}
        {children !== undefined && children !== "" && <p class="ts-none">{children}</p>}
      </div>
    </div>
  );
}

interface SelectProps {
  label: string;
  value: Signal<string>;
  /** Values with what is shown for them. */
  options: readonly (readonly [string, string])[];
}

/** One of several values. */
export function Select({ label, value, options }: SelectProps) {
  const id = useId();
  const change = (event: TargetedEvent<HTMLSelectElement>) => {
    value.value = event.currentTarget.value;
  };
  return (
    <div class="ts-entry">
      <label for={id}>{label}</label>
      <select id={id} class="ts-input" value={value.value} onChange={change}>
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

/** Something long, folded at first. */
export function Fold({ title, count, children }: { title: string; count?: number; children: () => ComponentChildren }) {
  const isOpen = useSignal(false);
  const body = useId();
  const toggle = () => {
    isOpen.value = !isOpen.value;
  };
  return (
    <div class="ts-rp-fold">
      <button type="button" aria-expanded={isOpen.value} aria-controls={body} onClick={toggle}>
        <Icon name="chevron" />
        {title}
        {count !== undefined && <span class="ts-count">{formatCount(count)}</span>}
      </button>
      <div id={body} hidden={!isOpen.value}>
        {isOpen.value && children()}
      </div>
    </div>
  );
}

export const Warning = ({ children }: { children: ComponentChildren }) => <div class="ts-rp-warning">{children}</div>;

export function FaultText({ title, fault }: { title: string; fault: Fault }) {
  return (
    <div class="ts-rp-fault" role="alert">
      <p class="ts-rp-headline">{title}</p>
      <p class="ts-text">{formatSentence(fault.message)}</p>
      {fault.hint !== "" && <p class="ts-text ts-hint">{formatSentence(fault.hint)}</p>}
    </div>
  );
}
