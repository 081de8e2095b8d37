/** The few metrics, params and tags that a run shows while it is folded. */

import type { ComponentChildren } from "preact";
import { SOURCE, tagsOfChips } from "../fields";
import { formatExact, formatNumber, formatParam } from "../format";
import type { RunRow } from "../protocol";
import type { ListedRun } from "../runs";
import { strings } from "../strings";
import { Spark } from "./spark";

interface ChipProps {
  name: string;
  value: string;
  title: string;
  /** What stands between the name and the value. */
  children?: ComponentChildren;
}

/** So many letters fit into the narrowest panel. What is never cut off needs no edge that the browser cuts along. */
const SHORT = 16;

function Chip({ name, value, title, children }: ChipProps) {
  return (
    <li class="ts-chip" title={title} data-short={name.length + value.length <= SHORT}>
      <span class="ts-chip-key">{name}</span>
      {children}
      <span class="ts-chip-value">{value}</span>
    </li>
  );
}

export function Chips({ run }: { run: ListedRun }) {
  const { metrics, row } = run;
  const texts = [...row.params, ...tagsOfChips(row).map(named)];
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
      {texts.length > 0 && (
        <ul class="ts-chip-line" data-kind="params">
          {texts.map(({ key, value }, place) => (
            <Chip key={place} name={key} value={formatParam(value.text)} title={titleOf(key, value)} />
          ))}
        </ul>
      )}
    </div>
  );
}

const named = ({ key, value }: RunRow["tags"][number]) => ({
  key: `tags.${key}` === SOURCE ? strings.source : key,
  value,
});

const titleOf = (key: string, { text, cut }: { text: string; cut: boolean }) => `${key}: ${text}${cut ? "…" : ""}`;
