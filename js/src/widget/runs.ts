/** Snapshots as the panels read them: metrics joined to their runs, curves as arrays, children under parents. */

import type { Binary } from "./bridge";
import { readBytes, readFloats } from "./columns";
import type { MetricDetail, RunDetail, RunRow, RunsSnapshot } from "./protocol";

export interface MetricValue {
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

function readDetail(detail: RunDetail, buffers: readonly Binary[]): OpenRun {
  const latest = readFloats(buffers[detail.metric_values]);
  const metrics = detail.metrics.map((metric, index) => ({
    ...metric,
    value: latest[index] ?? Number.NaN,
    steps: readFloats(metric.curve ? buffers[metric.curve.steps] : undefined),
    values: readFloats(metric.curve ? buffers[metric.curve.values] : undefined),
  }));
  return { detail, metrics };
}

/** A run in its place in the list. */
export interface PlacedRun {
  run: ListedRun;
  isChild: boolean;
  children: number;
}

/**
 * The runs in the order in which they are shown: children, also of children, below the parent if that is listed.
 * Those of parents in `folded` are left out. A run that is its own ancestor stands for itself.
 */
export function placeRuns(runs: readonly ListedRun[], folded: ReadonlySet<string>): PlacedRun[] {
  const listed = new Map(runs.map((run) => [run.row.run_id, run]));
  const roots: ListedRun[] = [];
  const families = new Map<string, ListedRun[]>();
  for (const run of runs) {
    const root = findRoot(run, listed);
    if (root === run) roots.push(run);
    else families.set(root.row.run_id, [...(families.get(root.row.run_id) ?? []), run]);
  }
  return roots.flatMap((run) => placeFamily(run, families.get(run.row.run_id) ?? [], folded));
}

function placeFamily(run: ListedRun, family: readonly ListedRun[], folded: ReadonlySet<string>): PlacedRun[] {
  const shown = folded.has(run.row.run_id) ? [] : family;
  const children = shown.map((child) => ({ run: child, isChild: true, children: 0 }));
  return [{ run, isChild: false, children: family.length }, ...children];
}

function findRoot(run: ListedRun, listed: ReadonlyMap<string, ListedRun>): ListedRun {
  const seen = new Set<ListedRun>();
  let root = run;
  while (!seen.has(root)) {
    seen.add(root);
    const parent = listed.get(root.row.parent_run_id ?? "");
    if (parent === undefined) return root;
    root = parent;
  }
  return run;
}
