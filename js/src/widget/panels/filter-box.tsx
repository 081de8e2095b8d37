/** The filter: completed, checked and applied while it is typed. */

import type { RefObject } from "preact";
import { useEffect, useId, useMemo, useRef } from "preact/hooks";
import { FilterControl, type Offer, type Offers } from "../filter-control";
import { formatSentence } from "../format";
import type { FilterFault } from "../protocol";
import { strings } from "../strings";
import { useView } from "../view";
import { IconButton } from "./controls";

export function FilterBox() {
  const { state } = useView();
  const field = useRef<HTMLInputElement>(null);
  const list = useId();
  const filter = useMemo(() => new FilterControl(state, field), [state]);
  const { text, fault, offers, active } = filter;
  const isOpen = offers.value.options.length > 0;
  const told = isOpen && isUnfinished(fault.value, text.value) ? null : fault.value;
  useEffect(() => {
    if (document.activeElement !== field.current) filter.put(state.settings.value.filter);
  }, [state.settings.value.filter]);
  return (
    <div class="ts-filter">
      <div class="ts-filter-field">
        <Mirror text={text.value} fault={told} field={field} />
        <FilterInput filter={filter} field={field} list={list} isWrong={told !== null} />
        {text.value !== "" && (
          <IconButton icon="close" class="ts-filter-clear" label={strings.clearFilter} onClick={filter.clear} />
        )}
      </div>
      <div class="ts-filter-below">
        <FaultLine fault={told} isEnd={(told?.position ?? 0) >= text.value.trimEnd().length} />
        {isOpen && <OfferList id={list} offers={offers.value} active={active.value} choose={filter.choose} />}
      </div>
    </div>
  );
}

interface FilterInputProps {
  filter: FilterControl;
  field: RefObject<HTMLInputElement | null>;
  /** The id of the list of what is offered. */
  list: string;
  isWrong: boolean;
}

function FilterInput({ filter, field, list, isWrong }: FilterInputProps) {
  const { text, offers, active } = filter;
  return (
    <input
      ref={field}
      class="ts-input ts-filter-input"
      type="text"
      role="combobox"
      aria-label={strings.filter}
      aria-expanded={offers.value.options.length > 0}
      aria-controls={list}
      aria-autocomplete="list"
      aria-activedescendant={active.value >= 0 ? `${list}-${active.value}` : undefined}
      aria-invalid={isWrong}
      autocomplete="off"
      data-lm-suppress-shortcuts="true"
      placeholder={strings.filterPlaceholder}
      spellcheck={false}
      value={text}
      onBlur={filter.leave}
      onClick={filter.look}
      onFocus={filter.look}
      onInput={filter.type}
      onKeyDown={filter.press}
    />
  );
}

/** Whether only the last word is wrong, which what is offered may complete. */
const isUnfinished = (fault: FilterFault | null, text: string) =>
  fault !== null && fault.position + fault.length >= text.trimEnd().length;

/** The same text behind the field, with a line below what is wrong. */
function Mirror({
  text,
  fault,
  field,
}: {
  text: string;
  fault: FilterFault | null;
  field: RefObject<HTMLInputElement | null>;
}) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const [from, to] = [field.current, element.current];
    if (from === null || to === null) return undefined;
    const follow = () => {
      to.scrollLeft = from.scrollLeft;
    };
    follow();
    from.addEventListener("scroll", follow);
    return () => from.removeEventListener("scroll", follow);
  });
  if (fault === null || fault.text !== text) return null;
  const end = fault.position + fault.length;
  return (
    <div ref={element} class="ts-filter-mirror" aria-hidden="true">
      {text.slice(0, fault.position)}
      <mark>{text.slice(fault.position, end) || "\u00a0"}</mark>
      {text.slice(end)}
    </div>
  );
}

interface OfferListProps {
  id: string;
  offers: Offers;
  active: number;
  choose: (option: Offer) => void;
}

function OfferList({ id, offers, active, choose }: OfferListProps) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const option = element.current?.children[active];
    if (typeof option?.scrollIntoView === "function") option.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <div ref={element} id={id} class="ts-offers" role="listbox" aria-label={strings.completions}>
      {offers.options.map((option, index) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus and names the active option
        // biome-ignore lint/a11y/useKeyWithClickEvents: keys are pressed in the field
        <div
          key={option.text}
          id={`${id}-${index}`}
          class="ts-offer"
          role="option"
          aria-selected={index === active}
          data-kind={option.kind}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => choose(option)}
        >
          <bdi>{option.text}</bdi>
          <span>{strings.optionKind[option.kind]}</span>
        </div>
      ))}
    </div>
  );
}

/** What is wrong; said more quietly while the text may only not be finished yet. */
function FaultLine({ fault, isEnd }: { fault: FilterFault | null; isEnd: boolean }) {
  return (
    <div role="status">
      {fault !== null && (
        <p class="ts-filter-fault" data-end={isEnd}>
          {formatSentence(fault.message)}{" "}
          {fault.hint !== "" && <span class="ts-hint">{formatSentence(fault.hint)}</span>}
        </p>
      )}
    </div>
  );
}
