/** The controls that panels are made of. */

import { type ComponentChildren, Fragment } from "preact";
import { useId, useState } from "preact/hooks";
import { formatCount } from "../format";
import { strings } from "../strings";
import { useAnyView } from "../view";
import { Icon, type IconName } from "./icons";

interface IconButtonProps {
  icon: IconName;
  /** Name for screen readers, and the tooltip. */
  label: string;
  onClick: (event: MouseEvent) => void;
  /** Why the button does nothing, or "". It stays in the tab order, so that the reason can be read. */
  unavailable?: string;
  isBusy?: boolean;
  tabIndex?: number;
  /** Whether it opens a menu. */
  hasMenu?: boolean;
  class?: string;
}

export function IconButton(props: IconButtonProps) {
  const { icon, label, onClick, unavailable = "", isBusy = false, tabIndex = 0 } = props;
  const isOff = unavailable !== "";
  return (
    <button
      type="button"
      class={`ts-icon-button ${props.class ?? ""}`}
      title={isOff ? unavailable : label}
      aria-label={isOff ? `${label}. ${unavailable}` : label}
      aria-disabled={isOff}
      aria-haspopup={props.hasMenu ? "menu" : undefined}
      aria-busy={isBusy}
      tabIndex={tabIndex}
      onClick={isOff || isBusy ? undefined : onClick}
    >
      <Icon name={icon} />
    </button>
  );
}

/** Stands where something will be that was asked for. */
export const Coming = () => (
  <p class="ts-coming" role="status">
    {strings.coming}
  </p>
);

/** Escape closes what a button unfolds; the button has the focus then. */
export function escapeTo(button: () => HTMLElement | null | undefined, close: () => void) {
  return (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation();
    const target = button();
    close();
    target?.focus();
  };
}

interface SectionProps {
  /** Name under which the state remembers that it is folded. */
  id: string;
  title: string;
  count?: number | undefined;
  children: () => ComponentChildren;
}

/** A part of an unfolded run that can be folded; what it holds is drawn only while it is not. */
export function Section({ id, title, count, children }: SectionProps) {
  const { state } = useAnyView();
  const body = useId();
  const isOpen = !state.foldedSections.value.has(id);
  return (
    <section class="ts-section">
      <h4 class="ts-section-title">
        <button type="button" aria-expanded={isOpen} aria-controls={body} onClick={() => state.toggleSection(id)}>
          <Icon name="chevron" />
          {title}
          {count !== undefined && count > 0 && <span class="ts-count">{formatCount(count)}</span>}
        </button>
      </h4>
      <div id={body} class="ts-section-body" hidden={!isOpen}>
        {isOpen && children()}
      </div>
    </section>
  );
}

const LONG = 240;
const MANY_LINES = 4;

const WIDE = 60;

/** Whether a value wants more room than there is beside its name. */
export const isLong = (value: string) => value.length > WIDE || value.includes("\n");

/** A text of any length, the beginning of it first. */
export function LongText({ text }: { text: string }) {
  const [isWhole, setWhole] = useState(false);
  const isCut = text.length > LONG || text.split("\n", MANY_LINES + 1).length > MANY_LINES;
  if (!isCut) return <span class="ts-text">{text}</span>;
  const shown = isWhole ? text : text.split("\n", MANY_LINES).join("\n").slice(0, LONG);
  return (
    <span class="ts-text">
      {shown}
      {!isWhole && "…"}{" "}
      <button type="button" class="ts-link" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
        {isWhole ? strings.showLess : strings.showAll}
      </button>
    </span>
  );
}

/** A name or a path that, where it needs more than one line, ends them after slashes and underscores. */
export function Breakable({ text }: { text: string }) {
  return (
    <>
      {text.split(/(?<=[/_])/).map((part, index) => (
        <Fragment key={index}>
          {part}
          <wbr />
        </Fragment>
      ))}
    </>
  );
}
