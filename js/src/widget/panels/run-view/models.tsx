/** The models that a run logged, and the code that predicts with them. */

import { useSignal } from "@preact/signals";
import type { ModelSnippet } from "../../models-protocol";
import type { RunHead } from "../../run-protocol";
import { strings } from "../../strings";
import { useAnyView } from "../../view";
import { useAnswer, useRound } from "../answer";
import { IconButton, Section } from "../controls";
import { Pairs } from "../pairs";

/** Not there at all for runs without models. */
export function ModelsSection({ head }: { head: RunHead }) {
  const { answer } = useAnswer("models.list", { run_id: head.run_id }, useRound(head));
  if (answer === null || answer.reply.models.length === 0) return null;
  const { models } = answer.reply;
  return (
    <Section id="models" title={strings.models} count={models.length}>
      {() => models.map((model) => <Model key={model.uri} model={model} />)}
    </Section>
  );
}

/** What code is there for. Names of products are the same in every language. */
const FRAMES = [
  ["pandas", "pandas"],
  ["spark", "Spark"],
] as const;
type Frame = (typeof FRAMES)[number][0];

function Model({ model }: { model: ModelSnippet }) {
  return (
    <section class="ts-model" aria-label={model.name}>
      <h5 class="ts-model-name">
        <bdi title={model.uri}>{model.name}</bdi>
        {model.flavors.map((flavor) => (
          <span key={flavor} class="ts-count">
            {flavor}
          </span>
        ))}
      </h5>
      {model.inputs.length > 0 && <Inputs model={model} />}
      <Snippet model={model} />
    </section>
  );
}

function Snippet({ model }: { model: ModelSnippet }) {
  const frame = useSignal<Frame>("pandas");
  const code = model[frame.value];
  if (code === "") return <p class="ts-none">{strings.notLoadable}</p>;
  return (
    <>
      <div class="ts-snippet-bar">
        <fieldset class="ts-frames" aria-label={strings.predictOn}>
          {FRAMES.map(([choice, label]) => (
            <button
              key={choice}
              type="button"
              class="ts-frame"
              aria-pressed={frame.value === choice}
              onClick={() => {
                frame.value = choice;
              }}
            >
              {label}
            </button>
          ))}
        </fieldset>
        <SnippetButtons name={model.name} code={code} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by the keyboard */}
      <pre class="ts-code ts-snippet" tabIndex={0}>
        {code.trimEnd()}
      </pre>
    </>
  );
}

function SnippetButtons({ name, code }: { name: string; code: string }) {
  const view = useAnyView();
  return (
    <>
      <IconButton icon="copy" label={strings.copySnippet(name)} onClick={() => void view.copy(code)} />
      <IconButton icon="insert" label={strings.insertSnippet(name)} onClick={() => void view.insertCell(code)} />
    </>
  );
}

function Inputs({ model }: { model: ModelSnippet }) {
  return (
    <details class="ts-model-inputs">
      <summary>{strings.modelInputs(model.inputs.length)}</summary>
      <Pairs pairs={model.inputs} none="" />
    </details>
  );
}
