/** The packages in which the environments of runs differ, below the row of the environments. */

import { useEffect, useState } from "preact/hooks";
import { strings } from "../strings";
import type { CompareState } from "./state";

/** Of so many runs the packages are asked for. */
const MOST_RUNS = 12;
const MOST_ROWS = 200;

type Versions = ReadonlyMap<string, string>;

export function PackageRows({ state, runs }: { state: CompareState; runs: readonly number[] }) {
  const [isOpen, setOpen] = useState(false);
  if (!state.isLive.value) return <NeedsKernel span={runs.length + 1} />;
  return (
    <>
      <tr>
        <th scope="row" colSpan={runs.length + 1}>
          <button type="button" class="ts-link" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {strings.openPackages}
          </button>
        </th>
      </tr>
      {isOpen && <Packages state={state} runs={runs} />}
    </>
  );
}

const NeedsKernel = ({ span }: { span: number }) => (
  <tr class="ts-compare-needs">
    <td colSpan={span}>{strings.differencesNeedKernel}</td>
  </tr>
);

function Packages({ state, runs }: { state: CompareState; runs: readonly number[] }) {
  const [found, setFound] = useState<ReadonlyMap<number, Versions>>(new Map());
  const [isDone, setDone] = useState(false);
  const asked = runs.slice(0, MOST_RUNS);
  const key = asked.join();
  useEffect(() => {
    let isWanted = true;
    void readAll(state, asked).then((versions) => {
      if (!isWanted) return;
      setFound(versions);
      setDone(true);
    });
    return () => {
      isWanted = false;
    };
  }, [key]);
  const differing = differingPackages(found).slice(0, MOST_ROWS);
  if (isDone && differing.length === 0)
    return (
      <tr>
        <td colSpan={runs.length + 1}>{strings.samePackages}</td>
      </tr>
    );
  return (
    <>
      {differing.map((name) => (
        <tr key={name} data-differs="true">
          <th scope="row">
            <bdi>{name}</bdi>
          </th>
          {runs.map((run) => (
            <td key={run}>{found.has(run) ? (found.get(run)?.get(name) ?? strings.missingPackage) : ""}</td>
          ))}
        </tr>
      ))}
    </>
  );
}

async function readAll(state: CompareState, runs: readonly number[]): Promise<Map<number, Versions>> {
  const found = new Map<number, Versions>();
  for (const run of runs) {
    const answer = await state.ask("run.environment", { run_id: state.frame.runs.ids[run] ?? "" });
    const packages = answer?.reply.environment?.packages;
    if (packages) found.set(run, new Map(packages.map(({ key, value }) => [key, value])));
  }
  return found;
}

/** Names of packages that are not in the same version everywhere, by name. */
function differingPackages(found: ReadonlyMap<number, Versions>): string[] {
  const environments = [...found.values()];
  const names = new Set(environments.flatMap((versions) => [...versions.keys()]));
  return [...names].filter((name) => new Set(environments.map((versions) => versions.get(name))).size > 1).sort();
}
