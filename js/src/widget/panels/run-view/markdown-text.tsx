import { useEffect, useRef } from "preact/hooks";
import { strings } from "../../strings";
import { useAnyView } from "../../view";
import { LongText } from "../controls";

/** Markdown as it is meant; as it is written until the part that shows it has come, and where it does not come. */
export function MarkdownText({ text }: { text: string }) {
  const { state } = useAnyView();
  const place = useRef<HTMLDivElement>(null);
  const part = state.parts.find("markdown");
  useEffect(() => void state.parts.load("markdown").catch(() => undefined), [state]);
  useEffect(() => {
    if (part !== null) place.current?.replaceChildren(part.renderMarkdown(text));
  }, [part, text]);
  if (part === null)
    return (
      <p dir="auto">
        <LongText text={text} />
      </p>
    );
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: what is written in it makes its own structure */}
      <div ref={place} class="ts-markdown" dir="auto" role="group" aria-label={strings.note} />
      {text.length > part.MOST_CHARACTERS && <p class="ts-none">{strings.noteCut}</p>}
    </>
  );
}
