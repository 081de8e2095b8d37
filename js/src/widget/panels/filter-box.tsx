/** The filter: completed, checked and applied while it is typed. */

import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { formatSentence } from "../format";
import { withHistory } from "../list-settings";
import type { FilterFault, FilterOption, Requests } from "../protocol";
import { strings } from "../strings";
import { useView } from "../view";
import { IconButton } from "./controls";

const PAUSE_MS = 120;

type Help = Requests["filter.help"]["reply"];
type Offer = Pick<FilterOption, "text"> & { kind: FilterOption["kind"] | "history" };
interface Offers {
  start: number;
  end: number;
  options: readonly Offer[];
}

const NOTHING: Offers = { start: 0, end: 0, options: [] };

export function FilterBox() {
  const { state } = useView();
  const field = useRef<HTMLInputElement>(null);
  const list = useId();
  const filter = useFilter(field);
  const { text, fault, offers, active } = filter;
  const isOpen = offers.value.options.length > 0;
  useEffect(() => {
    if (document.activeElement !== field.current) text.value = state.settings.value.filter;
  }, [state.settings.value.filter]);
  return (
    <div class="ts-filter">
      <div class="ts-filter-field">
        <Mirror text={text.value} fault={fault.value} field={field} />
        <input
          ref={field}
          class="ts-input ts-filter-input"
          type="text"
          role="combobox"
          aria-label={strings.filter}
          aria-expanded={isOpen}
          aria-controls={list}
          aria-autocomplete="list"
          aria-activedescendant={active.value >= 0 ? `${list}-${active.value}` : undefined}
          aria-invalid={fault.value !== null}
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
        {text.value !== "" && (
          <IconButton icon="close" class="ts-filter-clear" label={strings.clearFilter} onClick={filter.clear} />
        )}
      </div>
      {isOpen && <OfferList id={list} offers={offers.value} active={active.value} choose={filter.choose} />}
      <FaultLine fault={fault.value} isEnd={(fault.value?.position ?? 0) >= text.value.trimEnd().length} />
    </div>
  );
}

/** What the field does. Answers to what is typed no more are let go. */
function useFilter(field: RefObject<HTMLInputElement | null>) {
  const { state } = useView();
  const text = useSignal(state.settings.peek().filter);
  const fault = useSignal<FilterFault | null>(null);
  const offers = useSignal<Offers>(NOTHING);
  const active = useSignal(-1);
  const turn = useRef(0);
  const show = (found: Offers) => {
    offers.value = found;
    active.value = -1;
  };
  const apply = () => state.configure({ filter: text.value });
  const take = ({ fault: found, ...rest }: Help) => {
    fault.value = found;
    show(document.activeElement === field.current ? rest : NOTHING);
    if (found === null && state.settings.peek().filter !== text.value) apply();
  };
  const look = async () => {
    turn.current += 1;
    const mine = turn.current;
    const caret = field.current?.selectionStart ?? text.value.length;
    if (text.value === "") show({ start: 0, end: 0, options: historyOf(state.settings.peek().history) });
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    if (mine !== turn.current) return;
    const data = { filter: text.value, caret, query: state.query.peek() };
    const answer = await state.request("filter.help", data).catch(() => null);
    if (mine !== turn.current || answer === null) return;
    const history = text.value === "" ? historyOf(state.settings.peek().history) : [];
    take({ ...answer.reply, options: [...history, ...answer.reply.options] as FilterOption[] });
  };
  const put = (changed: string, caret = changed.length) => {
    text.value = changed;
    if (field.current) {
      field.current.value = changed;
      field.current.setSelectionRange(caret, caret);
    }
    void look();
  };
  const choose = ({ text: chosen, kind }: Offer) => {
    if (kind === "history") return put(chosen);
    const { start, end } = offers.peek();
    const [before, after] = [text.peek().slice(0, start), text.peek().slice(end)];
    const gap = /[(.]$/.test(chosen) || /^\s/.test(after) ? "" : " ";
    show(NOTHING);
    put(before + chosen + gap + after, start + chosen.length + gap.length);
  };
  const finish = () => {
    show(NOTHING);
    if (fault.peek()?.text === text.peek()) return;
    turn.current += 1;
    apply();
    state.configure({ history: withHistory(state.settings.peek().history, text.peek()) });
  };
  const press = (event: KeyboardEvent) => {
    if (pressed(event.key, { offers, active, choose, finish, close: () => show(NOTHING) })) event.preventDefault();
    event.stopPropagation();
  };
  return {
    text,
    fault,
    offers,
    active,
    choose,
    press,
    look: () => void look(),
    type: (event: Event) => {
      text.value = (event.currentTarget as HTMLInputElement).value;
      void look();
    },
    clear: () => {
      put("");
      apply();
      field.current?.focus();
    },
    leave: () => {
      show(NOTHING);
      if (fault.peek() === null) state.configure({ history: withHistory(state.settings.peek().history, text.peek()) });
    },
  };
}

const historyOf = (history: readonly string[]): Offer[] =>
  history.slice(0, 8).map((text) => ({ text, kind: "history" as const }));

interface Pressed {
  offers: Signal<Offers>;
  active: Signal<number>;
  choose: (option: Offer) => void;
  finish: () => void;
  close: () => void;
}

/** What a key does in the field; false where it does what it always does. */
function pressed(key: string, { offers, active, choose, finish, close }: Pressed): boolean {
  const { options } = offers.peek();
  const option = options[active.peek()];
  if (key === "ArrowDown" || key === "ArrowUp") {
    const step = key === "ArrowDown" ? 1 : -1;
    active.value = Math.max(-1, Math.min(options.length - 1, active.peek() + step));
    return options.length > 0;
  }
  if (key === "Tab" && option) choose(option);
  else if (key === "Enter") option ? choose(option) : finish();
  else if (key === "Escape" && options.length > 0) close();
  else return false;
  return true;
}

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
