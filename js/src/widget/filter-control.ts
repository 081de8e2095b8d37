/** What the filter's field does: ask for help while people type, apply what can be read, remember what was used. */

import { type Signal, signal } from "@preact/signals";
import type { RefObject } from "preact";
import { withHistory } from "./list-settings";
import type { FilterFault, FilterOption, Requests } from "./protocol";
import type { PanelState } from "./state";

const PAUSE_MS = 120;
const MAX_USED = 8;

export type Offer = Pick<FilterOption, "text"> & { kind: FilterOption["kind"] | "history" };

/** What can take the place of the characters from `start` to `end`. */
export interface Offers {
  start: number;
  end: number;
  options: readonly Offer[];
}

const NOTHING: Offers = { start: 0, end: 0, options: [] };

export class FilterControl {
  readonly text: Signal<string>;
  readonly fault = signal<FilterFault | null>(null);
  readonly offers = signal<Offers>(NOTHING);
  /** Which offer the keys stand on; -1 for none. */
  readonly active = signal(-1);
  #turn = 0;
  #isAsking = false;
  #isWanted = false;
  /** Whether people are done with the text, which is applied before it is known to be right. */
  #isFinished = false;
  /** The text of which it is known whether it is right. */
  #checked: string;
  /** The filter that was applied last and is right. */
  #good: string;

  constructor(
    readonly state: PanelState,
    readonly field: RefObject<HTMLInputElement | null>,
  ) {
    this.#checked = state.settings.peek().filter;
    this.#good = this.#checked;
    this.text = signal(this.#checked);
  }

  /** Takes a text that was set elsewhere. */
  readonly put = (text: string): void => {
    this.#checked = text;
    this.#good = text;
    this.text.value = text;
    this.fault.value = null;
  };

  readonly look = (): void => void this.#look();

  readonly type = (event: Event): void => {
    this.text.value = (event.currentTarget as HTMLInputElement).value;
    this.look();
  };

  readonly clear = (): void => {
    this.#put("");
    this.fault.value = null;
    this.#apply();
    this.field.current?.focus();
  };

  readonly leave = (): void => {
    this.#show(NOTHING);
    if (this.#isApplied) this.#remember();
  };

  readonly choose = ({ text, kind }: Offer): void => {
    if (kind === "history") this.#put(text);
    else this.#insert(text);
  };

  #insert(text: string): void {
    const { start, end } = this.offers.peek();
    const [before, after] = [this.text.peek().slice(0, start), this.text.peek().slice(end)];
    const gap = /[(.]$/.test(text) || /^\s/.test(after) ? "" : " ";
    this.#show(NOTHING);
    this.#put(before + text + gap + after, start + text.length + gap.length);
  }

  readonly press = (event: KeyboardEvent): void => {
    if (this.#pressed(event.key)) event.preventDefault();
    event.stopPropagation();
  };

  /** What a key does; false where it does what it always does. */
  #pressed(key: string): boolean {
    const { options } = this.offers.peek();
    const option = options[this.active.peek()];
    if (key === "ArrowDown" || key === "ArrowUp") {
      const step = key === "ArrowDown" ? 1 : -1;
      this.active.value = Math.max(-1, Math.min(options.length - 1, this.active.peek() + step));
      return options.length > 0;
    }
    if (key === "Tab" && option) this.choose(option);
    else if (key === "Enter") option ? this.choose(option) : this.#finish();
    else if (key === "Escape" && options.length > 0) this.#show(NOTHING);
    else if (key === "Escape") this.#goToList();
    else return false;
    return true;
  }

  #goToList(): void {
    const panel = this.field.current?.closest(".ts-panel");
    panel?.querySelector<HTMLElement>('.ts-run-toggle[tabindex="0"]')?.focus();
  }

  /** Asks what is wrong and what can come; answers to what is typed no more are let go. */
  async #look(): Promise<void> {
    this.#turn += 1;
    this.#isFinished = false;
    const mine = this.#turn;
    if (this.text.value === "") this.#show({ ...NOTHING, options: this.#used() });
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    if (mine !== this.#turn) return;
    this.#isWanted = true;
    if (!this.#isAsking) await this.#ask();
  }

  /** Asks about the text as it is now; once more at the end where it is another one by then. */
  async #ask(): Promise<void> {
    this.#isAsking = true;
    while (this.#isWanted) {
      this.#isWanted = false;
      const mine = this.#turn;
      const caret = this.field.current?.selectionStart ?? this.text.value.length;
      const data = { filter: this.text.value, caret, query: this.state.query.peek() };
      const answer = await this.state.request("filter.help", data).catch(() => null);
      if (mine === this.#turn && answer !== null) this.#take(answer.reply);
    }
    this.#isAsking = false;
  }

  #take({ fault, ...found }: Requests["filter.help"]["reply"]): void {
    this.#checked = this.text.peek();
    this.fault.value = fault;
    const options = [...this.#used(), ...found.options];
    const isDone = this.#isFinished || document.activeElement !== this.field.current;
    this.#show(isDone ? NOTHING : { ...found, options });
    if (fault !== null) {
      if (this.#isApplied) this.state.configure({ filter: this.#good });
      return;
    }
    this.#good = this.#checked;
    if (!this.#isApplied) this.#apply();
    if (isDone) this.#remember();
  }

  get #isApplied(): boolean {
    return this.state.settings.peek().filter === this.text.peek();
  }

  /** Filters of before, where there is none now. */
  #used(): Offer[] {
    if (this.text.peek() !== "") return [];
    return this.state.settings
      .peek()
      .history.slice(0, MAX_USED)
      .map((text) => ({ text, kind: "history" }));
  }

  #put(text: string, caret = text.length): void {
    this.text.value = text;
    if (this.field.current) {
      this.field.current.value = text;
      this.field.current.setSelectionRange(caret, caret);
    }
    this.look();
  }

  #finish(): void {
    this.#show(NOTHING);
    this.#isFinished = true;
    this.#turn += 1;
    this.#isWanted = this.#checked !== this.text.peek();
    if (!this.#isWanted && this.fault.peek() !== null) return;
    this.#apply();
    if (!this.#isWanted) this.#remember();
    else if (!this.#isAsking) void this.#ask();
  }

  #show(offers: Offers): void {
    this.offers.value = offers;
    this.active.value = -1;
  }

  #apply(): void {
    this.state.configure({ filter: this.text.peek() });
  }

  #remember(): void {
    const { history } = this.state.settings.peek();
    this.state.configure({ history: withHistory(history, this.text.peek()) });
  }
}
