/** Which experiments are listed, and of which store. */

import { type Signal, useSignal } from "@preact/signals";
import type { TargetedSubmitEvent } from "preact";
import { useEffect } from "preact/hooks";
import { formatDate } from "../format";
import type { Requests } from "../protocol";
import { strings } from "../strings";
import { useView } from "../view";
import { type Asked, useAnswer } from "./answer";
import { Answered } from "./answered";
import { SearchField, writeTo } from "./text-fields";

type Experiment = Requests["experiments.list"]["reply"]["experiments"][number];
/** More than people look through; typing finds the others. */
const MAX_SHOWN = 100;
/** Where the list is empty, to show that the store is not. */
const MAX_OFFERED = 5;

export function ExperimentsDrawer() {
  const search = useSignal("");
  return (
    <div class="ts-view">
      <OwnExperiment />
      <SearchField text={search} label={strings.findExperiment} />
      <Answered asked={useExperiments()}>
        {({ reply }) => <FoundExperiments experiments={reply.experiments} search={search.value} />}
      </Answered>
      <StoreForm />
    </div>
  );
}

function FoundExperiments({ experiments, search }: { experiments: readonly Experiment[]; search: string }) {
  const wanted = search.trim().toLowerCase();
  const found = experiments.filter(({ name, id }) => name.toLowerCase().includes(wanted) || id === wanted);
  return (
    <>
      <ExperimentList experiments={found.slice(0, MAX_SHOWN)} />
      {found.length === 0 && <p class="ts-none">{strings.noExperimentFound}</p>}
      {found.length > MAX_SHOWN && <p class="ts-none">{strings.moreExperiments(found.length - MAX_SHOWN)}</p>}
    </>
  );
}

const ExperimentList = ({ experiments }: { experiments: readonly Experiment[] }) => (
  <ul class="ts-experiments">
    {experiments.map((experiment) => (
      <ExperimentLine key={experiment.id} experiment={experiment} />
    ))}
  </ul>
);

/** Where the notebook has no runs yet: those of the store that may have some. */
export function OtherExperiments() {
  const { state } = useView();
  const shown = (state.list.value?.snapshot.experiments ?? []).map(({ id }) => id);
  const { answer } = useExperiments();
  const others = (answer?.reply.experiments ?? []).filter(({ id }) => !shown.includes(id));
  if (others.length === 0) return null;
  return (
    <>
      <p>{strings.otherExperiments}</p>
      <ExperimentList experiments={others.slice(0, MAX_OFFERED)} />
      {others.length > MAX_OFFERED && (
        <button type="button" class="ts-link" onClick={() => (state.drawer.value = "experiments")}>
          {strings.chooseExperiments}
        </button>
      )}
    </>
  );
}

/** All of the store, asked for when they are wanted and when the store is another one. */
function useExperiments(): Asked<"experiments.list"> {
  return useAnswer("experiments.list", {}, useView().state.list.value?.snapshot.store.uri);
}

/** Back to the notebook's own. */
function OwnExperiment() {
  const { state } = useView();
  const isOwn = state.settings.value.experiments === null;
  const name = state.list.value?.snapshot.experiment.name ?? "";
  const choose = (event: Event) => {
    if (isOwn) event.preventDefault();
    else state.configure({ experiments: null });
  };
  return (
    <label class="ts-experiment-line">
      <input type="checkbox" checked={isOwn} aria-disabled={isOwn} onClick={choose} />
      <span class="ts-experiment-name" title={name}>
        {strings.ownExperiment} <bdi>{name}</bdi>
      </span>
    </label>
  );
}

/** The box adds to what is listed or takes away, the name lists only this one. */
function ExperimentLine({ experiment }: { experiment: Experiment }) {
  const { state } = useView();
  const { id, name, time, notebook } = experiment;
  const listed = (state.list.value?.snapshot.experiments ?? []).flatMap((one) => one.id ?? []);
  const isListed = listed.includes(id);
  const only = () => state.configure({ experiments: [id] });
  const toggle = () => {
    const changed = isListed ? listed.filter((other) => other !== id) : [...listed, id];
    state.configure({ experiments: changed.length > 0 ? changed : null });
  };
  return (
    <li class="ts-experiment-line">
      <input type="checkbox" aria-label={strings.listExperiment(name)} checked={isListed} onChange={toggle} />
      <button type="button" class="ts-experiment-name" title={notebook || name} onClick={only}>
        <bdi>{name}</bdi>
      </button>
      <span class="ts-experiment-time">{time === null ? "" : formatDate(time, state.now.peek())}</span>
    </li>
  );
}

/** Another store, for the notebook's next runs as well. */
function StoreForm() {
  const { state } = useView();
  const uri = state.list.value?.snapshot.store.uri ?? "";
  const text = useSignal(uri);
  useEffect(() => {
    text.value = uri;
  }, [text, uri]);
  const isSame = text.value.trim() === uri;
  const set = async (wanted: string) => {
    const answer = await state.ask("store.set", { uri: wanted });
    if (answer) state.configure({ experiments: null });
  };
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isSame) return;
    event.currentTarget.querySelector("input")?.focus();
    void set(text.value);
  };
  return (
    <form class="ts-store-form" onSubmit={submit}>
      <StoreField text={text} />
      <div class="ts-buttons">
        <button type="submit" class="ts-button" disabled={isSame}>
          {strings.useStore}
        </button>
        <button type="button" class="ts-button" onClick={() => void set("")}>
          {strings.defaultStore}
        </button>
      </div>
      <p class="ts-none">{strings.storeHint}</p>
    </form>
  );
}

function StoreField({ text }: { text: Signal<string> }) {
  return (
    <label>
      <span>{strings.store}</span>
      <input
        class="ts-input"
        aria-label={strings.storeUri}
        data-lm-suppress-shortcuts="true"
        spellcheck={false}
        value={text}
        onInput={writeTo(text)}
      />
    </label>
  );
}
