/** The few metrics and params that a run shows while it is folded. */

import type { ComponentChildren } from "preact";
import { formatExact, formatNumber, formatParam } from "../format";
import type { ListedRun } from "../runs";
import { Spark } from "./spark";

interface ChipProps {
  name: string;
  value: string;
  title: string;
  /** What stands between the name and the value. */
  children?: ComponentChildren;
}

function Chip({ name, value, title, children }: ChipProps) {
  return (
    <li class="ts-chip" title={title}>
      <span class="ts-chip-key">{name}</span>
      {children}
      <span class="ts-chip-value">{value}</span>
    </li>
  );
}

export function Chips({ run }: { run: ListedRun }) {
  const { metrics, row } = run;
  return (
    <div class="ts-chips">
      {metrics.length > 0 && (
        <ul class="ts-chip-line" data-kind="metrics">
          {metrics.map(({ key, value }) => (
            <Chip key={key} name={key} value={formatNumber(value)} title={`${key}: ${formatExact(value)}`}>
              <Spark runId={row.run_id} metric={key} />
            </Chip>
          ))}
        </ul>
      )}
      {row.params.length > 0 && (
        <ul class="ts-chip-line" data-kind="params">
          {row.params.map(({ key, value }) => (
            <Chip key={key} name={key} value={formatParam(value.text)} title={titleOf(key, value)} />
          ))}
        </ul>
      )}
    </div>
  );
}

const titleOf = (key: string, { text, cut }: { text: string; cut: boolean }) => `${key}: ${text}${cut ? "…" : ""}`;
