/** What a comparison shows and does, once per model or per saved output. */

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Answer, Binary, Model, Push } from "../bridge";
import { type Curve, countRuns, type Frame, type RunMask } from "../charts/frame";
import type { ChartName, CompareData, CompareView } from "../compare-protocol";
import { tellMarked } from "../marks";
import type { Shared } from "../part-source";
import type { RunBrief } from "../run-protocol";
import { strings } from "../strings";
import { faultOf, WidgetState } from "../widget-state";
import { type Compared, idsOf, maskOf, readCompared, readCurve } from "./data";
import { LateModel } from "./late-model";

/** Points of a curve that are asked for, and how many runs are asked for at once. */
const POINTS = 1000;
const RUNS_AT_ONCE = 50;
const MOST_CURVES = 500;
const SELECT_AFTER_MS = 120;

export class CompareState extends WidgetState {
  readonly compared = signal<Compared | null>(null);
  readonly view = signal<CompareView>({ charts: ["table"], params: null, metrics: null, baseline: null });
  readonly tab = signal<ChartName>("table");
  /** Ids of columns that people chose; null takes what `view` says, or what differs. */
  readonly columns = signal<ReadonlySet<string> | null>(null);
  readonly baseline = signal<number | null>(null);
  readonly onlyDifferences = signal(false);
  /** What people chose in each chart. */
  readonly options = signal<Partial<Record<ChartName, Record<string, unknown>>>>({});
  /** Draws the chart that is shown as SVG; null where none is. */
  readonly picture = signal<(() => string) | null>(null);
  readonly selected = signal<RunMask | null>(null);
  readonly shown = signal<RunMask | null>(null);
  readonly hovered = signal<number | null>(null);
  /** Runs that were deleted since. */
  readonly gone = signal<ReadonlySet<string>>(new Set());
  /** Whether a kernel answers. */
  readonly isLive = signal(false);
  /** Metrics whose curves are all there, or on their way. */
  readonly fetched = signal<ReadonlySet<string>>(new Set());
  readonly isFetching = signal(false);
  readonly selectedCount: ReadonlySignal<number>;

  readonly #late: LateModel;
  #selectTimer: ReturnType<typeof setTimeout> | undefined;
  /** What the kernel was last told is selected. */
  #told = "";

  constructor(model: Model | null, shared: Shared = {}) {
    const late = new LateModel();
    late.attach(model);
    super(late, shared);
    this.#late = late;
    this.isLive.value = model !== null;
    this.selectedCount = computed(() => (this.selected.value === null ? 0 : countRuns(this.selected.value, 0)));
  }

  override get answersWhileBusy(): boolean {
    return true;
  }

  protected override get isAnyRunning(): boolean {
    return false;
  }

  get frame(): Frame {
    return this.compared.value?.frame ?? { runs: { ids: [], names: [] }, columns: [], curves: [] };
  }

  /** Shows what a notebook keeps. */
  showSaved(data: CompareData, buffers: readonly Binary[], view: CompareView): void {
    this.#take(data, buffers, view);
  }

  /** Speaks with a kernel from now on, or with none. */
  attach(model: Model | null): void {
    this.#late.attach(model);
    this.isLive.value = model !== null;
    this.fetched.value = new Set();
    const compared = this.compared.peek();
    if (model !== null && (compared === null || isReduced(compared))) void this.watch();
  }

  override async watch(): Promise<void> {
    if (!this.isLive.peek()) return;
    this.isRefreshing.value = true;
    try {
      const { reply, buffers } = await this.request("compare.read", {});
      this.#take(reply.data, buffers, reply.view);
      this.gone.value = new Set(reply.gone);
      this.#showSelected(reply.selected);
    } catch (error) {
      if (this.compared.peek() === null) this.fault.value = faultOf(error);
      else this.showFault(error);
    } finally {
      this.isRefreshing.value = false;
    }
  }

  setOptions(chart: ChartName, options: Record<string, unknown>): void {
    this.options.value = { ...this.options.peek(), [chart]: options };
  }

  /** A run as other views mention it. */
  briefOf(run: number): RunBrief {
    const { ids, names } = this.frame.runs;
    return { run_id: ids[run] ?? "", name: names[run] ?? "", status: "FINISHED", start_time: null, end_time: null };
  }

  // The selection

  /** Selects runs here, in the sidebar and in Python. */
  select(mask: RunMask | null): void {
    const selected = mask?.includes(1) ? mask : null;
    this.selected.value = selected;
    const ids = idsOf(selected, this.frame);
    tellMarked(ids);
    clearTimeout(this.#selectTimer);
    this.#selectTimer = setTimeout(() => void this.#tell(ids), SELECT_AFTER_MS);
  }

  toggleSelected(run: number): void {
    const mask = this.selected.value?.slice() ?? new Uint8Array(this.frame.runs.ids.length);
    mask[run] = mask[run] === 1 ? 0 : 1;
    this.select(mask);
  }

  async #tell(ids: readonly string[]): Promise<void> {
    const told = ids.join();
    if (!this.isLive.peek() || told === this.#told) return;
    this.#told = told;
    const answer = await this.ask("compare.select", { run_ids: [...ids] });
    if (answer?.reply.waits) this.say(strings.selectionWaits);
  }

  #showSelected(ids: readonly string[]): void {
    if (ids.join() === this.#told) return;
    this.#told = ids.join();
    this.selected.value = maskOf(ids, this.frame);
  }

  // Curves

  /** Has the curves of a metric fetched, as far as they are not here: part by part, so that something shows soon. */
  async fetchCurves(key: string): Promise<void> {
    if (!this.isLive.peek() || this.fetched.peek().has(key)) return;
    this.fetched.value = new Set([...this.fetched.peek(), key]);
    this.isFetching.value = true;
    const ids = this.frame.runs.ids.slice(0, MOST_CURVES);
    for (let start = 0; start < ids.length && this.isLive.peek(); start += RUNS_AT_ONCE) {
      const runs = ids.slice(start, start + RUNS_AT_ONCE);
      const answer = await this.ask("compare.curves", { metric: key, runs, points: POINTS });
      if (answer === null) break;
      this.#addCurves(key, start, answer);
    }
    this.isFetching.value = false;
  }

  #addCurves(key: string, start: number, { reply, buffers }: Answer<"compare.curves">): void {
    const compared = this.compared.peek();
    if (compared === null) return;
    const isOld = (curve: Curve) => curve.key !== key || curve.run < start || curve.run >= start + RUNS_AT_ONCE;
    const curves = [...compared.frame.curves.filter(isOld), ...reply.curves.map((curve) => readCurve(curve, buffers))];
    this.compared.value = { ...compared, frame: { ...compared.frame, curves } };
  }

  // Inside

  protected override takePush(push: Push): void {
    if (push.kind !== "compare.changed") return;
    this.gone.value = new Set(push.data.gone);
    this.#showSelected(push.data.selected);
  }

  #take(data: CompareData, buffers: readonly Binary[], view: CompareView): void {
    const isFirst = this.compared.peek() === null;
    const ids = idsOf(this.selected.peek(), this.frame);
    const compared = readCompared(data, buffers);
    this.fault.value = null;
    this.compared.value = compared;
    this.shown.value = null;
    this.selected.value = maskOf(ids, compared.frame);
    if (!isFirst) return;
    this.view.value = view;
    this.tab.value = view.charts[0] ?? "table";
    const baseline = view.baseline === null ? -1 : compared.frame.runs.ids.indexOf(view.baseline);
    this.baseline.value = baseline < 0 ? null : baseline;
  }
}

/** Whether a notebook keeps less than was compared. */
export const isReduced = ({ frame, total, leftOut }: Compared) => frame.runs.ids.length < total || leftOut.length > 0;
