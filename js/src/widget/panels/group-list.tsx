/** Runs in groups, in the place of the list: what they have in common, how many there are, mean and spread. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Binary } from "../bridge";
import { selectGroup } from "../choosing";
import { readFloats } from "../columns";
import { labelOf } from "../fields";
import { formatExact, formatParam, formatSentence, formatSpread } from "../format";
import { bothOf, type Grouping } from "../list-settings";
import type { Fault, RunGroup, RunGroups } from "../protocol";
import { strings } from "../strings";
import { useView } from "../view";
import { faultOf } from "../widget-state";
import { Coming } from "./controls";

interface Statistic {
  key: string;
  mean: number;
  deviation: number;
}

interface Grouped {
  group: RunGroup;
  statistics: Statistic[];
}

interface Groups {
  runs: number;
  found: number;
  groups: Grouped[];
}

/** Groups follow what changes, but not faster than people can read them. */
const PAUSE_MS = 700;

export function GroupList({ grouping }: { grouping: Grouping }) {
  const { state } = useView();
  const { groups, fault } = useGroups(grouping);
  const total = state.list.value?.snapshot.total ?? 0;
  if (fault !== null) return <p class="ts-none ts-group-note">{formatSentence(fault.message)}</p>;
  if (groups === null)
    return (
      <div class="ts-group-note">
        <Coming />
      </div>
    );
  return (
    <div class="ts-scroll">
      <p class="ts-none ts-group-note">{strings.groupsOf(groups.found, groups.runs, total)}</p>
      <ul class="ts-groups" aria-label={strings.groups}>
        {groups.groups.map((one) => (
          <GroupCard key={one.group.filter} {...one} />
        ))}
      </ul>
    </div>
  );
}

function useGroups(grouping: Grouping) {
  const { state } = useView();
  const groups = useSignal<Groups | null>(null);
  const fault = useSignal<Fault | null>(null);
  const asked = useRef(0);
  const list = state.list.value;
  const columns = list?.snapshot.columns ?? [];
  useEffect(() => {
    let isCurrent = true;
    const data = { query: state.query.peek(), fields: grouping.fields, all_but: grouping.allBut, columns };
    const ask = async () => {
      asked.current = Date.now();
      try {
        const { reply, buffers } = await state.request("runs.group", data);
        if (!isCurrent) return;
        groups.value = readGroups(reply, buffers);
        fault.value = null;
      } catch (error) {
        if (isCurrent) fault.value = faultOf(error);
      }
    };
    const wait = Math.max(0, asked.current + PAUSE_MS - Date.now());
    const timer = setTimeout(() => void ask(), wait);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [state, groups, fault, grouping, list]);
  return { groups: groups.value, fault: fault.value };
}

function readGroups(reply: RunGroups, buffers: readonly Binary[]): Groups {
  const [means, deviations] = [readFloats(buffers[reply.means]), readFloats(buffers[reply.deviations])];
  const statistic = (key: string, column: number, line: number) => {
    const place = column * reply.groups.length + line;
    return { key, mean: means[place] ?? Number.NaN, deviation: deviations[place] ?? Number.NaN };
  };
  const groups = reply.groups.map((group, line) => ({
    group,
    statistics: reply.metrics.map((key, column) => statistic(key, column, line)),
  }));
  return { runs: reply.runs, found: reply.groups_found, groups };
}

function GroupCard({ group, statistics }: Grouped) {
  const told = statistics.filter(({ mean }) => !Number.isNaN(mean));
  return (
    <li class="ts-group">
      <div class="ts-group-head">
        <GroupValues values={group.values} />
        <GroupButtons group={group} />
      </div>
      {told.length > 0 && (
        <ul class="ts-chip-line" data-kind="metrics">
          {told.map((statistic) => (
            <StatisticChip key={statistic.key} statistic={statistic} />
          ))}
        </ul>
      )}
    </li>
  );
}

/** What the runs have in common. */
function GroupValues({ values }: Pick<RunGroup, "values">) {
  if (values.length === 0)
    return (
      <p class="ts-group-values">
        <span>{strings.allTheSame}</span>
      </p>
    );
  return (
    <p class="ts-group-values">
      {values.map(({ field, value }) => (
        <span key={field} title={`${field}: ${value?.text ?? strings.noValue}`}>
          <i>{labelOf(field)}</i> <bdi>{value === null ? strings.noValue : formatParam(value.text)}</bdi>
        </span>
      ))}
    </p>
  );
}

function GroupButtons({ group: { values, count, filter } }: { group: RunGroup }) {
  const view = useView();
  const { state } = view;
  const show = () => {
    const before = state.settings.peek();
    state.configure({ filter: bothOf(before.filter, filter), group: null });
    const goBack = () => state.configure({ filter: before.filter, group: before.group });
    const action = { label: strings.backToGroups, run: goBack };
    state.show({ text: strings.groupShown, hint: "", isFault: false, isGoingOn: true, action });
  };
  const name = values.map(({ field, value }) => `${labelOf(field)} ${value?.text ?? strings.noValue}`).join(", ");
  return (
    <>
      <button type="button" class="ts-link" title={strings.showGroup} onClick={show}>
        {strings.runCount(count)}
      </button>
      <button
        type="button"
        class="ts-link"
        aria-label={strings.select(name || strings.allTheSame)}
        onClick={() => void selectGroup(view, filter)}
      >
        {strings.selectGroup}
      </button>
    </>
  );
}

function StatisticChip({ statistic: { key: name, mean, deviation } }: { statistic: Statistic }) {
  const exact = Number.isNaN(deviation) ? "" : ` ± ${formatExact(deviation)}`;
  return (
    <li class="ts-chip" title={`${name}: ${formatExact(mean)}${exact}`}>
      <span class="ts-chip-key">{name}</span>
      <span class="ts-chip-value">{formatSpread(mean, deviation)}</span>
    </li>
  );
}
