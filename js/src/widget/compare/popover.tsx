/** A button with a box that opens below it and closes with Escape, or when the focus or the pointer goes elsewhere. */

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "../panels/icons";

interface PopoverProps {
  icon: IconName;
  label: string;
  /** A menu closes when something in it was chosen. */
  isMenu?: boolean;
  children: () => ComponentChildren;
}

export function Popover({ icon, label, isMenu = false, children }: PopoverProps) {
  const [isOpen, setOpen] = useState(false);
  const whole = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const box = useId();
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  useLeaving(whole, isOpen, close, () => setOpen(false));
  return (
    <div class="ts-popover" ref={whole}>
      <button
        ref={button}
        type="button"
        class="ts-icon-button"
        title={label}
        aria-label={label}
        aria-expanded={isOpen}
        aria-controls={box}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name={icon} />
      </button>
      {isOpen && (
        // biome-ignore lint/a11y: the box only listens to what its own buttons did
        <div id={box} class="ts-popover-box" onClick={isMenu ? close : undefined}>
          {children()}
        </div>
      )}
    </div>
  );
}

/** `close` gives the focus back to the button, `leave` lets it be where it went. */
function useLeaving(
  whole: { current: HTMLElement | null },
  isOpen: boolean,
  close: () => void,
  leave: () => void,
): void {
  useEffect(() => {
    const element = whole.current;
    if (!isOpen || element === null) return undefined;
    const go = (event: Event) => {
      if (!element.contains(event.target as Node)) leave();
    };
    const press = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      close();
    };
    element.addEventListener("keydown", press);
    document.addEventListener("pointerdown", go, true);
    document.addEventListener("focusin", go);
    return () => {
      element.removeEventListener("keydown", press);
      document.removeEventListener("pointerdown", go, true);
      document.removeEventListener("focusin", go);
    };
  });
}
