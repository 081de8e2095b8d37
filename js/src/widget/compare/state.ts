/** What a comparison shows and does, once per model or per saved output. */

import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Answer, Binary, Model, Push } from "../bridge";
import { countRuns, type Frame, type RunMask } from "../charts/frame";
import type { ChartName, CompareData, CompareView } from "../compare-protocol";
import { askForRun, tellMarked } from "../marks";
import type { Shared } from "../part-source";
import type { RunBrief } from "../run-protocol";
import { strings } from "../strings";
import { faultOf, WidgetState } from "../widget-state";
import { CurveFetcher } from "./curve-fetcher";
import { type Compared, idsOf, inverted, maskOf, readCompared, readCurve } from "./data";
import { LateModel } from "./late-model";

const SELECT_AFTER_MS = 120;
const READ_AFTER_MS = 500;

type CurvesAnswer = Answer<"compare.curves">;

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
  readonly curves = new CurveFetcher({
    ask: (metric, runs, points) => this.#askForCurves(metric, runs, points),
    take: (metric, runs, answer) => this.#takeCurves(metric, runs, answer),
  });
  readonly selectedCount: ReadonlySignal<number>;
  /** Ids of the runs that the notebook keeps, if it is one that this came from. */
  keptIds: readonly string[] = [];
  /** Whether what changes now was not chosen by people here. */
  isQuiet = false;

  readonly #late: LateModel;
  #selectTimer: ReturnType<typeof setTimeout> | undefined;
  /** What the kernel was last told is selected. */
  #told = "";
  /** What people selected when no kernel answered yet. */
  #untold: readonly string[] | null = null;
  #complaint = "";
  /** Which data the kernel had last. */
  #round = 0;
  #readTimer: ReturnType<typeof setTimeout> | undefined;

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
    this.keptIds = data.run_ids;
    this.#take(data, buffers, view);
  }

  /** Changes several things at once that people did not choose here. */
  quietly(change: () => void): void {
    this.isQuiet = true;
    batch(change);
    this.isQuiet = false;
  }

  override reveal(runId: string): void {
    if (!askForRun(runId)) this.say(strings.noPlaceForRun);
  }

  /** Speaks with a kernel from now on, or with none. */
  attach(model: Model | null): void {
    this.#late.attach(model);
    this.isLive.value = model !== null;
    this.curves.clear();
    if (model !== null && this.#untold !== null) void this.#tell(this.#untold);
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

  override close(): void {
    clearTimeout(this.#selectTimer);
    clearTimeout(this.#readTimer);
    super.close();
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
    const isLive = this.isLive.peek();
    this.#untold = isLive ? null : ids;
    if (!isLive || told === this.#told) return;
    this.#told = told;
    const answer = await this.ask("compare.select", { run_ids: [...ids] });
    if (answer?.reply.waits) this.say(strings.selectionWaits);
  }

  #showSelected(ids: readonly string[]): void {
    if (ids.join() === this.#told) return;
    this.#told = ids.join();
    this.quietly(() => {
      this.selected.value = maskOf(ids, this.frame);
    });
  }

  // Curves

  /** What a notebook keeps of very many runs has them at other places than the kernel. */
  async #askForCurves(metric: string, runs: readonly number[], points: number): Promise<CurvesAnswer | null> {
    const compared = this.compared.peek();
    if (!this.isLive.peek() || compared === null || isReduced(compared)) return null;
    const ids = runs.map((run) => this.frame.runs.ids[run] ?? "");
    return this.ask("compare.curves", { metric, runs: ids, points });
  }

  #takeCurves(metric: string, runs: ReadonlySet<number>, { reply, buffers }: CurvesAnswer): void {
    const compared = this.compared.peek();
    if (compared === null) return;
    const kept = compared.frame.curves.filter(({ key, run }) => key !== metric || !runs.has(run));
    const curves = [...kept, ...reply.curves.map((curve) => readCurve(curve, buffers))];
    this.compared.value = { ...compared, frame: { ...compared.frame, curves } };
  }

  // Inside

  protected override takePush(push: Push): void {
    if (push.kind !== "compare.changed") return;
    const { round, gone, selected, complaint } = push.data;
    if (round !== this.#round) this.#readSoon();
    this.#round = round;
    this.gone.value = new Set(gone);
    this.#showSelected(selected);
    if (complaint !== "" && complaint !== this.#complaint)
      this.show({ text: strings.callbackFailed, hint: complaint, isFault: true, action: null });
    this.#complaint = complaint;
  }

  /** Runs that go on change often; what changes meanwhile is read with it. */
  #readSoon(): void {
    this.#readTimer ??= setTimeout(() => {
      this.#readTimer = undefined;
      void this.watch();
    }, READ_AFTER_MS);
  }

  /** Runs are known by their ids, because another frame may have others. */
  #take(data: CompareData, buffers: readonly Binary[], view: CompareView): void {
    const isFirst = this.compared.peek() === null;
    const before = this.frame;
    const selected = idsOf(this.selected.peek(), before);
    const hidden = idsOf(inverted(this.shown.peek()), before);
    const baseline = isFirst ? view.baseline : before.runs.ids[this.baseline.peek() ?? -1];
    this.fault.value = null;
    this.curves.clear();
    this.quietly(() => {
      const compared = readCompared(data, buffers);
      this.compared.value = compared;
      this.shown.value = inverted(maskOf(hidden, compared.frame));
      this.selected.value = maskOf(selected, compared.frame);
      this.baseline.value = baseline == null ? null : placeOf(baseline, compared.frame);
      this.hovered.value = null;
      if (isFirst) this.view.value = view;
      if (isFirst) this.tab.value = view.charts[0] ?? "table";
    });
  }
}

function placeOf(runId: string, { runs }: Frame): number | null {
  const place = runs.ids.indexOf(runId);
  return place < 0 ? null : place;
}

/** Whether a notebook keeps less than was compared. */
export const isReduced = ({ frame, total, leftOut }: Compared) => frame.runs.ids.length < total || leftOut.length > 0;
