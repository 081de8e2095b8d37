/** What runs are chosen by without typing: state, status, age, whether a model version comes from them. */

import type { TargetedEvent } from "preact";
import { CREATED, filterOf } from "../list-settings";
import type { RunStatus, RunsState } from "../protocol";
import { strings } from "../strings";
import { useView } from "../view";
import { IconButton } from "./controls";

const STATES: readonly RunsState[] = ["active", "deleted", "all"];
const STATUSES: readonly RunStatus[] = ["RUNNING", "FINISHED", "FAILED", "KILLED", "SCHEDULED"];

export function ChoiceDrawer() {
  const { state } = useView();
  const settings = state.settings.value;
  return (
    <>
      <div class="ts-choices">
        <Choice
          label={strings.runState}
          value={settings.state}
          options={STATES.map((value) => [value, strings.runStates[value]])}
          choose={(value) => state.configure({ state: value })}
        />
        <Choice
          label={strings.runStatus}
          value={settings.status}
          options={[["", strings.anyStatus], ...STATUSES.map((value) => [value, strings.status[value]] as const)]}
          choose={(value) => state.configure({ status: value })}
        />
        <Choice
          label={strings.createdWithin}
          value={settings.created}
          options={[["", strings.anyTime], ...CREATED.map((value) => [value, strings.lastTime[value]] as const)]}
          choose={(value) => state.configure({ created: value })}
        />
        <Choice
          label={strings.modelVersion}
          value={settings.models}
          options={[
            ["", strings.anyModel],
            ["with", strings.withModel],
            ["without", strings.withoutModel],
          ]}
          choose={(value) => state.configure({ models: value })}
        />
      </div>
      <FilterText text={filterOf(settings)} />
    </>
  );
}

/** The filter that finds the same runs, if it takes one. */
function FilterText({ text }: { text: string }) {
  const view = useView();
  if (text === "") return null;
  return (
    <p class="ts-filter-text">
      <code title={strings.sameFilter}>{text}</code>
      <IconButton icon="copy" label={strings.copyFilter} onClick={() => void view.copy(text)} />
    </p>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: readonly (readonly [T, string])[];
  choose: (value: T) => void;
}

/** One of a few values; the first of them is the usual one. */
export function Choice<T extends string>({ label, value, options, choose }: ChoiceProps<T>) {
  const change = (event: TargetedEvent<HTMLSelectElement>) => choose(event.currentTarget.value as T);
  return (
    <label class="ts-choice" data-marked={value !== options[0]?.[0]}>
      <span>{label}</span>
      <select class="ts-input" aria-label={label} data-lm-suppress-shortcuts="true" value={value} onChange={change}>
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
