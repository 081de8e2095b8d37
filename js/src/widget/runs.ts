/** Snapshots as the panels read them: metrics joined to their runs, curves as arrays. */

import type { Binary } from "./bridge";
import { readBytes, readFloats } from "./columns";
import type { MetricDetail, RunDetail, RunRow, RunsSnapshot } from "./protocol";

interface MetricValue {
  key: string;
  value: number;
}

/** A run of the list. The same object is used again as long as nothing about the run changes. */
export interface ListedRun {
  row: RunRow;
  metrics: MetricValue[];
}

export interface MetricCurve extends MetricDetail {
  value: number;
  steps: Float64Array;
  values: Float64Array;
}

export interface OpenRun {
  detail: RunDetail;
  metrics: MetricCurve[];
}

export interface RunList {
  snapshot: RunsSnapshot;
  runs: ListedRun[];
  details: ReadonlyMap<string, OpenRun>;
}

export function readSnapshot(snapshot: RunsSnapshot, buffers: readonly Binary[], before: RunList | null): RunList {
  const known = new Map(before?.runs.map((run) => [run.row.run_id, run]));
  const listed = joinMetrics(snapshot, buffers).map((run) => reuse(run, known.get(run.row.run_id)));
  const details = snapshot.details.map((detail) => [detail.run_id, readDetail(detail, buffers)] as const);
  return { snapshot, runs: listed, details: new Map(details) };
}

function joinMetrics({ rows, metrics }: RunsSnapshot, buffers: readonly Binary[]): ListedRun[] {
  const values = readFloats(buffers[metrics.values]);
  const present = readBytes(buffers[metrics.present]);
  return rows.map((row, line) => {
    const own = metrics.keys.map((key, column) => ({ key, place: column * rows.length + line }));
    const found = own.filter(({ place }) => present[place] === 1);
    return { row, metrics: found.map(({ key, place }) => ({ key, value: values[place] ?? Number.NaN })) };
  });
}

function reuse(run: ListedRun, known: ListedRun | undefined): ListedRun {
  return known !== undefined && fingerprint(known) === fingerprint(run) ? known : run;
}

const fingerprint = ({ row, metrics }: ListedRun) =>
  JSON.stringify(row) + metrics.map(({ key, value }) => `\n${key}\t${value}`).join("");

export function readDetail(detail: RunDetail, buffers: readonly Binary[]): OpenRun {
  const latest = readFloats(buffers[detail.metric_values]);
  const metrics = detail.metrics.map((metric, index) => ({
    ...metric,
    value: latest[index] ?? Number.NaN,
    steps: readFloats(metric.curve ? buffers[metric.curve.steps] : undefined),
    values: readFloats(metric.curve ? buffers[metric.curve.values] : undefined),
  }));
  return { detail, metrics };
}

/** The run on a line, if that line is among those that were sent. */
export function runAt({ snapshot, runs }: RunList, line: number): ListedRun | undefined {
  return runs[line - snapshot.offset];
}

/** The line of a run, if it is among those that were sent. */
export function lineOf({ snapshot, runs, details }: RunList, runId: string): number | null {
  const place = runs.findIndex(({ row }) => row.run_id === runId);
  if (place >= 0) return snapshot.offset + place;
  const open = [...details.keys()].indexOf(runId);
  return snapshot.open_lines[open] ?? null;
}
