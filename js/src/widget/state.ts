/** What the panels of the list show and do, once per model: several views of it in a page stay alike. */

import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Answer, Binary, Model, Push } from "./bridge";
import { toggled } from "./folding";
import { ListCurves } from "./list-curves";
import { type ListSettings, queryOf, readSettings, USUAL, writeSettings } from "./list-settings";
import { hearMarked, hearRun } from "./marks";
import type { Shared } from "./part-source";
import type { Fold, Requests, RunsQuery, RunsSnapshot, Window } from "./protocol";
import { type ListedRun, type RunList, readSnapshot } from "./runs";
import { Selection } from "./selection";
import { strings } from "./strings";
import { isUnderWay, takeUnfinished } from "./unfinished";
import { faultOf, WidgetState } from "./widget-state";

/** How many lines are asked for before it is known how many fit: about a screen of cards, or of rows. */
const FIRST_LIMIT = { cards: 16, rows: 60 } as const;

export class PanelState extends WidgetState {
  readonly list = signal<RunList | null>(null);
  /** What people set, for this notebook. */
  readonly settings: Signal<ListSettings>;
  /** Which runs are listed. */
  readonly query: ReadonlySignal<RunsQuery>;
  readonly fold = signal<Fold>({ all: false, except: [] });
  /** Which drawer above the list is open. */
  readonly drawer = signal<"" | "choice" | "view" | "experiments">("");
  readonly open = signal<ReadonlySet<string>>(new Set());
  /** The runs that people chose to do something with. */
  readonly selected = signal<ReadonlySet<string>>(new Set());
  /** The runs that are selected in a comparison somewhere on the page. */
  readonly marked = signal<ReadonlySet<string>>(new Set());
  readonly selection = new Selection({
    selected: this.selected,
    rows: computed(() => this.list.value?.runs.map(({ row }) => row) ?? []),
  });
  readonly curves = new ListCurves((data) => this.request("curves.read", data));
  #window: Window;
  #isScrolling = false;
  /** Whether something else is to be shown than was last asked for. */
  #isOutdated = false;
  /** Whether the answer to another query than before is still to come. */
  #isOtherQuery = false;
  /** How many answers are under way. */
  #watching = 0;
  /** Whether the kernel knows this page; until then what it pushes to no page in particular is shown. */
  #isAnswered = false;
  readonly #notebook: string;
  readonly #stopHearing: () => void;

  constructor(model: Model, shared?: Shared) {
    super(model, shared);
    this.#notebook = String(model.get?.("notebook") ?? "");
    this.settings = signal(readSettings(this.#notebook, this.place));
    this.#window = { offset: 0, limit: FIRST_LIMIT[this.settings.value.density], anchor: null };
    this.query = computed(() => queryOf(this.settings.value));
    const stopMarks = hearMarked((runIds) => {
      this.marked.value = runIds;
    });
    const stopRuns = hearRun((runId) => this.#showListed(runId));
    this.#stopHearing = () => {
      stopMarks();
      stopRuns();
    };
    window.addEventListener("pagehide", this.#leave);
  }

  override get answersWhileBusy(): boolean {
    return this.list.peek()?.snapshot.answers_while_busy === true;
  }

  protected override get isAnyRunning(): boolean {
    return this.list.value?.runs.some(({ row }) => row.status === "RUNNING") ?? false;
  }

  /** While the kernel waits for its store, only that there is something else to show is remembered. */
  override async watch(): Promise<void> {
    const apply = ({ reply, buffers }: Answer<"runs.watch">) => {
      this.#isAnswered = true;
      this.#apply(reply, buffers);
      if (this.#isOtherQuery) this.announcement.value = strings.runCount(reply.total);
      this.#isOtherQuery = false;
    };
    this.#isOutdated = true;
    if (this.#watching > 0 && this.waitingFor.peek() === "store") return;
    this.#watching += 1;
    this.isRefreshing.value = true;
    try {
      while (this.#isOutdated) {
        this.#isOutdated = false;
        apply(await this.bridge.request("runs.watch", this.#watched(), apply));
      }
    } catch (error) {
      if (this.list.value === null) this.fault.value = faultOf(error);
      else this.showFault(error);
    } finally {
      this.#watching -= 1;
      this.isRefreshing.value = this.#watching > 0;
    }
  }

  override close(): void {
    super.close();
    this.curves.close();
    this.#stopHearing();
    window.removeEventListener("pagehide", this.#leave);
  }

  protected override onHidden(): void {
    super.onHidden();
    this.#leave();
  }

  /** The kernel need not look for what nobody sees. */
  readonly #leave = (): void => {
    this.bridge.request("runs.leave", {}).catch(() => undefined);
  };

  // Which runs, and which of them are in sight

  /** Keeps what people set, and lists other runs, from the top, if it says so. */
  configure(changes: Partial<ListSettings>): void {
    const [query, { columns }] = [this.query.peek(), this.settings.peek()];
    this.settings.value = { ...this.settings.peek(), ...changes };
    writeSettings(this.#notebook, this.settings.peek());
    const isOther = JSON.stringify(query) !== JSON.stringify(this.query.peek());
    if (isOther) {
      this.#window = { ...this.#window, offset: 0, anchor: null };
      this.#isOtherQuery = true;
    }
    if (isOther || columns !== this.settings.peek().columns) void this.watch();
  }

  clearFilter(): void {
    const { filter, status, created, models, state } = USUAL;
    this.configure({ filter, status, created, models, state });
  }

  /** Has the lines sent that are in sight from now on. */
  moveTo(window: Window): void {
    const before = this.#window;
    this.#window = window;
    if (before.offset !== window.offset || before.limit !== window.limit) void this.#scroll();
  }

  /** Asks for lines; while an answer is under way only the last place scrolled to is remembered. */
  async #scroll(): Promise<void> {
    if (this.#isScrolling) return;
    this.#isScrolling = true;
    try {
      let asked: Window;
      do {
        asked = this.#window;
        const { reply, buffers } = await this.bridge.request("runs.watch", this.#watched());
        this.#apply(reply, buffers);
      } while (asked.offset !== this.#window.offset || asked.limit !== this.#window.limit);
    } catch (error) {
      this.showFault(error);
    } finally {
      this.#isScrolling = false;
    }
  }

  // What is unfolded

  toggleRun(runId: string, isOpen = !this.open.value.has(runId)): void {
    if (isOpen === this.open.value.has(runId)) return;
    this.open.value = toggled(this.open.value, runId);
    void this.watch();
  }

  override reveal(runId: string): void {
    this.toggleRun(runId, true);
  }

  #showListed(runId: string): boolean {
    const isListed = this.list.peek()?.runs.some(({ row }) => row.run_id === runId) === true;
    if (isListed) this.reveal(runId);
    return isListed;
  }

  /** Hides or shows the runs below a run. */
  toggleParent(runId: string): void {
    const { all, except } = this.fold.value;
    this.fold.value = { all, except: [...toggled(new Set(except), runId)] };
    void this.watch();
  }

  foldAll(all: boolean): void {
    this.fold.value = { all, except: [] };
    void this.watch();
  }

  override showStarred(runIds: ReadonlySet<string>, is_starred: boolean): void {
    const list = this.list.peek();
    if (list === null) return;
    const starred = (run: ListedRun) =>
      runIds.has(run.row.run_id) ? { ...run, row: { ...run.row, is_starred } } : run;
    this.list.value = { ...list, runs: list.runs.map(starred) };
  }

  // Inside

  protected override takePush(push: Push, buffers: readonly Binary[]): void {
    if (push.kind !== "runs.changed") return;
    const isMine = push.client === this.bridge.client;
    const isForAnyone = push.client === "" || this.list.peek() === null;
    if (!isMine && (!isForAnyone || this.#isAnswered)) return;
    const before = this.list.peek();
    this.#apply(push.data, buffers);
    if (before !== null && this.list.peek() !== null) this.#tellDeleted(before, this.list.peek() as RunList);
  }

  /** Says that a run that is unfolded here was deleted elsewhere; what is deleted here is told by what did it. */
  #tellDeleted(before: RunList, after: RunList): void {
    const isOther = before.snapshot.store.uri !== after.snapshot.store.uri || this.query.peek().state !== "active";
    if (isOther || this.drafts.lost.peek() !== null || isUnderWay(this.place) || this.notice.peek() !== null) return;
    const isGone = ({ row }: ListedRun) => before.details.has(row.run_id) && !after.details.has(row.run_id);
    const gone = before.runs.find((run) => this.open.peek().has(run.row.run_id) && isGone(run));
    if (gone !== undefined) this.say(strings.openRunDeleted(gone.row.name));
  }

  #watched(): Requests["runs.watch"]["data"] {
    return {
      query: this.query.value,
      fold: this.fold.value,
      window: this.#window,
      columns: this.settings.value.columns,
      open: [...this.open.value],
    };
  }

  #apply(snapshot: RunsSnapshot, buffers: readonly Binary[]): void {
    const before = this.list.value;
    const list = stillThere(readSnapshot(snapshot, buffers, before), before);
    this.now.value = Date.now();
    this.fault.value = null;
    this.list.value = list;
    if (before === null) this.#tellUnfinished();
    else if (before.snapshot.store.uri !== snapshot.store.uri) this.selection.clear();
    else if (snapshot.query_fault === null) this.drafts.compare(before.details, list.details, this.open.peek());
    if (before !== null && !this.#isOtherQuery)
      this.announcement.value = describeChanges(before, list) || this.announcement.value;
  }

  /** What an earlier panel asked a kernel for that ended before it answered. */
  #tellUnfinished(): void {
    const actions = takeUnfinished(this.place);
    if (actions.length === 0) return;
    const text = strings.unfinished(actions.join(", "));
    this.show({ text, hint: strings.unfinishedHint, isFault: true, action: null });
  }
}

/** What is known stays in sight while the store is away. */
function stillThere(list: RunList, before: RunList | null): RunList {
  const { store } = list.snapshot;
  if (store.fault === null || !before?.runs.length || before.snapshot.store.uri !== store.uri) return list;
  return { ...before, snapshot: { ...before.snapshot, store } };
}

/** For people who do not see the list: which runs are new, or stand otherwise than before; what was restored or scrolled to is not new. */
function describeChanges(before: RunList, after: RunList): string {
  if (before.snapshot.experiment.name !== after.snapshot.experiment.name) return "";
  const known = new Map(before.runs.map(({ row }) => [row.run_id, row.status]));
  const newest = Math.max(...before.runs.map(({ row }) => row.start_time ?? 0));
  const changes = after.runs.flatMap(({ row }) => {
    const status = known.get(row.run_id);
    if (status === row.status || (status === undefined && (row.start_time ?? 0) < newest)) return [];
    return [
      status === undefined
        ? strings.announceNew(row.name)
        : strings.announceStatus(row.name, strings.status[row.status]),
    ];
  });
  return changes.length > 3 ? strings.announceMany(changes.length) : changes.join(" ");
}
