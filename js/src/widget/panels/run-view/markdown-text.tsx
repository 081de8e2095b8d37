import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { loadMarkdown, type Markdown } from "../../parts";
import { strings } from "../../strings";
import { useAnyView } from "../../view";
import { LongText } from "../controls";

/** Markdown as it is meant; as it is written until the part that shows it has come, and where it does not come. */
export function MarkdownText({ text }: { text: string }) {
  const { state } = useAnyView();
  const place = useRef<HTMLDivElement>(null);
  const part = useSignal<Markdown | null>(null);
  useEffect(() => {
    loadMarkdown(state).then(
      (loaded) => {
        part.value = loaded;
      },
      () => undefined,
    );
  }, [state]);
  useEffect(() => {
    if (part.value !== null) place.current?.replaceChildren(part.value.renderMarkdown(text));
  }, [part.value, text]);
  if (part.value === null)
    return (
      <p dir="auto">
        <LongText text={text} />
      </p>
    );
  return (
    // biome-ignore lint/a11y/useSemanticElements: what is written in it makes its own structure
    <div ref={place} class="ts-markdown" dir="auto" role="group" aria-label={strings.note} />
  );
}
