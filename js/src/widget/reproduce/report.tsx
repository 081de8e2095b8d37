/** How the clone's run compares with the original: what differs first, by how much, and why that may be. */

import type { ComponentChildren } from "preact";
import type { Binary } from "../bridge";
import { readBytes, readFloats } from "../columns";
import { formatExact, formatName, formatNumber, formatPercent, formatSentence } from "../format";
import { saveFile } from "../host";
import type { BufferIndex } from "../protocol";
import type { NestedVerification, Verification } from "../reproduce-protocol";
import type { RunBrief } from "../run-protocol";
import { translated } from "../sentences";
import { strings } from "../strings";
import { useAnyView } from "../view";

interface ReportProps {
  run: RunBrief;
  verification: Verification;
  buffers: readonly Binary[];
}

export function Report({ run, verification, buffers }: ReportProps) {
  const metrics = readMetrics(verification, buffers).sort(differingFirst);
  const params = [...verification.params].sort(differingFirst);
  const nested = [...verification.nested].sort(differingFirst);
  const all = [...metrics, ...params, ...nested];
  const differing = all.filter(({ is_same }) => !is_same).length;
  const { verdict, error, reasons, notes } = verification;
  return (
    <section class="ts-rp-report" data-verdict={verdict} aria-label={strings.reproduce.verdicts[verdict]}>
      <p class="ts-rp-headline">
        {verdict === "different" && differing > 0
          ? strings.reproduce.differs(differing, all.length)
          : strings.reproduce.verdicts[verdict]}
      </p>
      {error !== "" && <p class="ts-text ts-rp-error">{translated(error)}</p>}
      {metrics.length > 0 && <MetricTable metrics={metrics} />}
      {params.length > 0 && <ParamTable params={params} />}
      {nested.length > 0 && <NestedTable nested={nested} run={run} />}
      <Sentences title={strings.reproduce.reasons} sentences={reasons.map(({ text }) => text)} />
      <Sentences title={strings.reproduce.notes} sentences={notes} />
      <Links run={run} verification={verification} />
    </section>
  );
}

interface ComparedMetric {
  key: string;
  before: number | null;
  after: number | null;
  tolerance: number;
  is_same: boolean;
  /** Of all points the greatest relative difference, where it is, and how many points both have. */
  worst: number;
  worstStep: number;
  points: readonly [number, number];
}

/** A bit of `sides` for each of the two runs. */
const BEFORE = 1;
const AFTER = 2;

function readMetrics({ metrics }: Verification, buffers: readonly Binary[]): ComparedMetric[] {
  const floats = (column: BufferIndex) => readFloats(buffers[column]);
  const [before, after, tolerances] = [metrics.before, metrics.after, metrics.tolerances].map(floats);
  const [worst, steps] = [metrics.worst, metrics.worst_step].map(floats);
  const [pointsBefore, pointsAfter] = [metrics.points_before, metrics.points_after].map(floats);
  const [sides, same] = [metrics.sides, metrics.same].map((index) => readBytes(buffers[index]));
  return metrics.keys.map((key, index) => {
    const has = sides?.[index] ?? 0;
    return {
      key,
      before: has & BEFORE ? (before?.[index] ?? null) : null,
      after: has & AFTER ? (after?.[index] ?? null) : null,
      tolerance: tolerances?.[index] ?? 0,
      is_same: same?.[index] === 1,
      worst: worst?.[index] ?? 0,
      worstStep: steps?.[index] ?? 0,
      points: [pointsBefore?.[index] ?? 0, pointsAfter?.[index] ?? 0],
    };
  });
}

interface Compared {
  key?: string;
  name?: string;
  is_same: boolean;
}

const differingFirst = (one: Compared, other: Compared) =>
  Number(one.is_same) - Number(other.is_same) || titleOf(one).localeCompare(titleOf(other));
const titleOf = ({ key, name }: Compared) => key ?? name ?? "";

function MetricTable({ metrics }: { metrics: readonly ComparedMetric[] }) {
  return (
    <Table
      title={strings.reproduce.metrics}
      columns={[
        strings.reproduce.name,
        strings.reproduce.original,
        strings.reproduce.clone,
        strings.reproduce.difference,
      ]}
    >
      {metrics.map((metric) => (
        <tr
          key={metric.key}
          data-same={metric.is_same}
          title={strings.reproduce.allowed(formatExact(metric.tolerance))}
        >
          <th scope="row" dir="auto">
            {metric.key}
          </th>
          <td class="ts-rp-number" title={exact(metric.before)}>
            {shown(metric.before)}
          </td>
          <td class="ts-rp-number" title={exact(metric.after)}>
            {shown(metric.after)}
          </td>
          <td>
            {differenceOf(metric)} <Mark isSame={metric.is_same} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

const shown = (value: number | null) => (value === null ? "–" : formatNumber(value));
const exact = (value: number | null) => (value === null ? "" : formatExact(value));

/** The difference itself, and as a part of the original; of what is equal at last, that of the points before. */
function differenceOf(metric: ComparedMetric): string {
  const { before, after } = metric;
  if (before === null) return strings.reproduce.onlyAfter;
  if (after === null) return strings.reproduce.onlyBefore;
  if (Object.is(before, after) || before === after)
    return metric.is_same ? strings.reproduce.equal : differenceBefore(metric);
  const difference = after - before;
  if (!Number.isFinite(difference)) return strings.reproduce.notComparable;
  const sign = difference > 0 ? "+" : "";
  const part = before === 0 ? "" : ` (${formatPercent(difference / Math.abs(before))})`;
  return `${sign}${formatNumber(difference)}${part}`;
}

function differenceBefore({ worst, worstStep, points: [before, after] }: ComparedMetric): string {
  if (before !== after) return strings.reproduce.otherCount(before, after);
  if (!Number.isFinite(worst)) return strings.reproduce.notComparableBefore;
  return strings.reproduce.otherBefore(formatPercent(worst).replace("+", ""), worstStep.toLocaleString());
}

/** For those who do not see the colour. */
const Mark = ({ isSame }: { isSame: boolean }) => (
  <span class="ts-hidden">{isSame ? strings.reproduce.sameMark : strings.reproduce.otherMark}</span>
);

function ParamTable({ params }: { params: Verification["params"] }) {
  return (
    <Table
      title={strings.reproduce.params}
      columns={[strings.reproduce.name, strings.reproduce.original, strings.reproduce.clone]}
    >
      {params.map(({ key, before, after, is_same }) => (
        <tr key={key} data-same={is_same}>
          <th scope="row" dir="auto">
            {key}
          </th>
          <td dir="auto">{before ?? "–"}</td>
          <td dir="auto">
            {after ?? "–"} <Mark isSame={is_same} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function NestedTable({ nested, run }: { nested: readonly NestedVerification[]; run: RunBrief }) {
  const view = useAnyView();
  const goTo = (run_id: string) => () => {
    view.reproducing.value = null;
    void view.goTo({ ...run, run_id });
  };
  return (
    <Table title={strings.reproduce.nested} columns={[strings.reproduce.name, strings.reproduce.difference]}>
      {nested.map((one) => (
        <tr key={`${one.before} ${one.after}`} data-same={one.is_same}>
          <th scope="row" dir="auto">
            <LinkButton label={one.name} onClick={goTo(one.after ?? one.before ?? "")} />
          </th>
          <td dir="auto">
            {nestedDifference(one)} <Mark isSame={one.is_same} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function nestedDifference({ before, after, is_same, differing, count }: NestedVerification): string {
  if (before === null) return strings.reproduce.onlyAfter;
  if (after === null) return strings.reproduce.onlyBefore;
  const more = count > differing.length ? ", …" : "";
  return is_same ? strings.reproduce.equal : strings.reproduce.nestedDiffers(count, differing.join(", ") + more);
}

interface TableProps {
  title: string;
  columns: readonly string[];
  children: ComponentChildren;
}

function Table({ title, columns, children }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what is cut off is scrolled to with the keyboard
    <div class="ts-rp-table" tabIndex={0}>
      <table>
        <caption>{title}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

function Sentences({ title, sentences }: { title: string; sentences: readonly string[] }) {
  if (sentences.length === 0) return null;
  return (
    <div class="ts-rp-reasons">
      <h4>{title}</h4>
      <ul>
        {sentences.map((text) => (
          <li key={text}>{formatSentence(text)}</li>
        ))}
      </ul>
    </div>
  );
}

/** To both runs, and the report as a file. The dialog makes way for what its links open. */
function Links({ run, verification: { run_id, report } }: { run: RunBrief; verification: Verification }) {
  const view = useAnyView();
  if (run_id === null) return null;
  const save = async () => {
    const answer = await view.state.ask("artifact.read", { run_id, path: report });
    if (answer !== null) saveFile(formatName(report), readBytes(answer.buffers[answer.reply.content]));
  };
  const made = { ...run, run_id };
  const leaveTo = (show: () => Promise<void>) => () => {
    view.reproducing.value = null;
    void show();
  };
  return (
    <p class="ts-rp-links">
      <LinkButton label={strings.reproduce.allDifferences} onClick={leaveTo(() => view.openDifference(run, made))} />
      <LinkButton label={strings.reproduce.newRun} onClick={leaveTo(() => view.goTo(made))} />
      <LinkButton label={strings.reproduce.originalRun} onClick={leaveTo(() => view.goTo(run))} />
      {report !== "" && <LinkButton label={strings.reproduce.saveReport} onClick={() => void save()} />}
    </p>
  );
}

const LinkButton = ({ label, onClick }: { label: string; onClick: () => void }) => (
  <button type="button" class="ts-link" onClick={onClick}>
    {label}
  </button>
);
