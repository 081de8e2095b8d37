/** What runs are grouped by: fields that they have in common, or all params but some that do not matter. */

import type { TargetedEvent } from "preact";
import { useRef } from "preact/hooks";
import { labelOf } from "../fields";
import type { Grouping } from "../list-settings";
import { strings } from "../strings";
import { useView } from "../view";
import { FieldGroup, type Names } from "./field-group";
import { Icon } from "./icons";

const PLAIN = "by:";
const ALL_BUT = "but:";

/** A first field, and others once there is one; a click is enough for a seed. */
export function GroupChoice({ names }: { names: Names }) {
  const { state } = useView();
  const { group } = state.settings.value;
  const value = group === null ? "" : `${group.allBut ? ALL_BUT : PLAIN}${group.fields[0] ?? ""}`;
  const seed = names.params.find((name) => /seed|random_state/i.test(name));
  const set = (group: Grouping | null) => state.configure({ group });
  const choose = (chosen: string) => set(chosen === "" ? null : withFirst(group, chosen));
  return (
    <div class="ts-choice" data-marked={group !== null}>
      <span>{strings.groupBy}</span>
      <span class="ts-order">
        <GroupSelect names={names} value={value} choose={choose} />
        {seed !== undefined && group === null && (
          <button type="button" class="ts-button ts-seed" onClick={() => choose(`${ALL_BUT}${seed}`)}>
            {strings.allBut(labelOf(seed))}
          </button>
        )}
      </span>
      {group !== null && <FurtherFields names={names} group={group} set={set} />}
    </div>
  );
}

/** The grouping with another first field; the others stay where they mean the same. */
function withFirst(group: Grouping | null, chosen: string): Grouping {
  const allBut = chosen.startsWith(ALL_BUT);
  const field = chosen.slice(allBut ? ALL_BUT.length : PLAIN.length);
  const others = group?.allBut === allBut ? group.fields.slice(1) : [];
  return { allBut, fields: [field, ...others.filter((other) => other !== field)] };
}

interface GroupSelectProps {
  names: Names;
  value: string;
  choose: (value: string) => void;
}

function GroupSelect({ names, value, choose }: GroupSelectProps) {
  return (
    <select
      class="ts-input"
      aria-label={strings.groupBy}
      data-lm-suppress-shortcuts="true"
      value={value}
      onChange={(event) => choose(event.currentTarget.value)}
    >
      <option value="">{strings.noGroups}</option>
      <FieldGroup label={strings.params} fields={names.params} prefix={PLAIN} />
      <FieldGroup label={strings.tags} fields={names.tags} prefix={PLAIN} />
      <FieldGroup
        label={strings.allParamsBut}
        fields={names.params}
        prefix={ALL_BUT}
        textOf={(field) => strings.allBut(labelOf(field))}
      />
    </select>
  );
}

interface FurtherFieldsProps {
  names: Names;
  group: Grouping;
  set: (group: Grouping) => void;
}

/** The fields behind the first one, each taken back by a click, and those that can come to them. */
function FurtherFields({ names, group: { fields, allBut }, set }: FurtherFieldsProps) {
  const place = useRef<HTMLSpanElement>(null);
  const free = (all: readonly string[]) => all.filter((name) => !fields.includes(name));
  const [params, tags] = [free(names.params), allBut ? [] : free(names.tags)];
  const add = (event: TargetedEvent<HTMLSelectElement>) => {
    const field = event.currentTarget.value;
    event.currentTarget.value = "";
    if (field !== "") set({ allBut, fields: [...fields, field] });
  };
  const drop = (field: string) => {
    [...(place.current?.parentElement?.querySelectorAll("select") ?? [])].at(-1)?.focus();
    set({ allBut, fields: fields.filter((other) => other !== field) });
  };
  return (
    <span ref={place} class="ts-group-fields">
      {fields.slice(1).map((field) => (
        <FieldChip key={field} name={labelOf(field)} drop={() => drop(field)} />
      ))}
      {params.length + tags.length > 0 && (
        <select
          class="ts-input ts-group-add"
          aria-label={strings.addGroupField}
          data-lm-suppress-shortcuts="true"
          onChange={add}
        >
          <option value="">{strings.addGroupField}</option>
          <FieldGroup label={strings.params} fields={params} />
          <FieldGroup label={strings.tags} fields={tags} />
        </select>
      )}
    </span>
  );
}

function FieldChip({ name, drop }: { name: string; drop: () => void }) {
  const label = strings.dropFilter(name);
  return (
    <button type="button" class="ts-choice-chip" aria-label={label} title={label} onClick={drop}>
      <bdi>{name}</bdi>
      <Icon name="close" />
    </button>
  );
}
