/** The tags of a run, which people add, change and delete here. */

import { type Signal, useSignal } from "@preact/signals";
import type { RefObject, TargetedSubmitEvent } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { formatKey } from "../format";
import { strings } from "../strings";
import { useAnyView } from "../view";
import { IconButton, isLong, LongText } from "./controls";
import { type Left, useFocusBack, useInlineEdit } from "./inline-edit";
import { writeTo } from "./text-fields";

const MAX_ROWS = 6;

interface Tag {
  key: string;
  value: string;
}

export function TagTable({ runId, tags }: { runId: string; tags: readonly Tag[] }) {
  return (
    <>
      {tags.length === 0 ? (
        <p class="ts-none">{strings.noTags}</p>
      ) : (
        <dl class="ts-pairs">
          {tags.map((tag) => (
            <TagLine key={tag.key} runId={runId} tag={tag} />
          ))}
        </dl>
      )}
      <NewTag runId={runId} />
    </>
  );
}

function TagLine({ runId, tag }: { runId: string; tag: Tag }) {
  const { state } = useAnyView();
  const isEditing = useSignal(false);
  const isDeleting = useSignal(false);
  const line = useRef<HTMLDivElement>(null);
  const left = useFocusBack(isEditing.value, () => line.current?.querySelector<HTMLElement>(".ts-tag-actions button"));
  usePassedOn(line);
  const edit = () => {
    isEditing.value = true;
  };
  const leave = (by: Left) => {
    left(by);
    isEditing.value = false;
  };
  const remove = async () => {
    isDeleting.value = true;
    await state.deleteTag(runId, tag.key, tag.value);
    isDeleting.value = false;
  };
  return (
    <div ref={line} class="ts-pair ts-tag" data-long={isLong(tag.value)} aria-busy={isDeleting.value}>
      <dt title={formatKey(tag.key)}>
        <bdi>{formatKey(tag.key)}</bdi>
      </dt>
      <dd dir="auto">
        {isEditing.value ? (
          <ValueInput runId={runId} tag={tag} onLeave={leave} />
        ) : (
          <TagValue tag={tag} onEdit={edit} onDelete={() => void remove()} />
        )}
      </dd>
    </div>
  );
}

/** A tag that goes away while it has the focus leaves it to its neighbour, or to the field for a new one. */
function usePassedOn(line: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const element = line.current;
    return () => {
      if (!element?.contains(document.activeElement)) return;
      const neighbour = element.nextElementSibling ?? element.previousElementSibling;
      const button = neighbour?.querySelector<HTMLElement>(".ts-tag-actions button:last-child");
      const field = element.closest(".ts-section-body")?.querySelector<HTMLElement>(".ts-new-tag input");
      (button ?? field)?.focus({ preventScroll: true });
    };
  }, [line]);
}

function TagValue({ tag, onEdit, onDelete }: { tag: Tag; onEdit: () => void; onDelete: () => void }) {
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the pencil beside it does the same */}
      <span class="ts-tag-value" onDblClick={onEdit}>
        <LongText text={tag.value} />
      </span>
      <span class="ts-tag-actions ts-on-hover">
        <IconButton icon="pencil" label={strings.editTag(tag.key)} onClick={onEdit} />
        <IconButton icon="trash" label={strings.deleteTag(tag.key)} onClick={onDelete} />
      </span>
    </>
  );
}

/** Enter keeps the value; with Shift it starts a line. */
function ValueInput({ runId, tag, onLeave }: { runId: string; tag: Tag; onLeave: (by: Left) => void }) {
  const { state } = useAnyView();
  const field = useInlineEdit<HTMLTextAreaElement>({
    save: async (value) => value === tag.value || (await state.setTag(runId, tag.key, value)),
    leave: onLeave,
  });
  return (
    <textarea
      {...field}
      class="ts-input"
      aria-label={strings.valueOfTag(tag.key)}
      data-lm-suppress-shortcuts="true"
      dir="auto"
      rows={Math.min(MAX_ROWS, tag.value.split("\n").length)}
      defaultValue={tag.value}
    />
  );
}

function NewTag({ runId }: { runId: string }) {
  const { state } = useAnyView();
  const key = useSignal("");
  const value = useSignal("");
  const isSaving = useSignal(false);
  const isNamed = key.value.trim() !== "";

  const add = async (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (isSaving.value || !isNamed) return;
    isSaving.value = true;
    const isDone = await state.setTag(runId, key.value.trim(), value.value);
    isSaving.value = false;
    if (!isDone) return;
    key.value = value.value = "";
    form.querySelector("input")?.focus();
  };

  return (
    <form class="ts-new-tag" aria-busy={isSaving.value} onSubmit={(event) => void add(event)}>
      <TextField text={key} label={strings.newTagName} hint={strings.tagName} />
      <TextField text={value} label={strings.newTagValue} hint={strings.tagValue} />
      <button type="submit" class="ts-button" disabled={!isNamed || isSaving.value}>
        {strings.addTag}
      </button>
    </form>
  );
}

function TextField({ text, label, hint }: { text: Signal<string>; label: string; hint: string }) {
  return (
    <input
      class="ts-input"
      aria-label={label}
      placeholder={hint}
      data-lm-suppress-shortcuts="true"
      dir="auto"
      value={text}
      onInput={writeTo(text)}
    />
  );
}
