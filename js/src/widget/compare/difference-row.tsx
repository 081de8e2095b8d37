/** Leads from each run to what is different in its code and environment from the baseline, or else the first run. */

import { strings } from "../strings";
import { useAnyView } from "../view";
import { textOf } from "./data";
import type { CompareState } from "./state";

const PARTS = ["revision", "commit", "environment"] as const;

export function DifferenceRow({ state, runs }: { state: CompareState; runs: readonly number[] }) {
  const base = state.baseline.value ?? runs[0];
  if (base === undefined || runs.length < 2) return null;
  return (
    <tr class="ts-compare-differences">
      <th scope="row">{strings.differencesFrom(state.frame.runs.names[base] ?? "")}</th>
      {runs.map((run) => (
        <td key={run} data-baseline={state.baseline.value === run}>
          {run !== base && <DifferenceLink state={state} base={base} run={run} />}
        </td>
      ))}
    </tr>
  );
}

function DifferenceLink({ state, base, run }: { state: CompareState; base: number; run: number }) {
  const view = useAnyView();
  const { ids, names } = state.frame.runs;
  const parts = differingParts(state, base, run).map((part) => strings.detailNames[part] ?? part);
  const text = parts.length > 0 ? parts.join(", ") : strings.sameCode;
  const isThere = [base, run].every((one) => !state.gone.value.has(ids[one] ?? ""));
  if (!state.isLive.value || !isThere) return <>{text}</>;
  const label = strings.openDifferences(names[base] ?? "", names[run] ?? "");
  const open = () => void view.openDifference(state.briefOf(base), state.briefOf(run));
  return (
    <button type="button" class="ts-link" title={label} aria-label={`${text}. ${label}`} onClick={open}>
      {text}
    </button>
  );
}

/** What both runs recorded, and not the same. */
export function differingParts({ frame }: Pick<CompareState, "frame">, base: number, run: number): string[] {
  return PARTS.filter((part) => {
    const column = frame.columns.find(({ id }) => id === `attributes.${part}`);
    const [before, after] = [base, run].map((one) => column && textOf(column, one));
    return before != null && after != null && before !== after;
  });
}
