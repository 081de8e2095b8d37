/** The tags of a run, which people add, change and delete here. */

import { useSignal } from "@preact/signals";
import type { TargetedKeyboardEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { strings } from "../strings";
import { useView } from "../view";
import { IconButton, isLong, LongText } from "./controls";

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
  const { state } = useView();
  const isEditing = useSignal(false);
  const isDeleting = useSignal(false);
  const edit = () => {
    isEditing.value = true;
  };
  const remove = async () => {
    isDeleting.value = true;
    await state.deleteTag(runId, tag.key, tag.value);
    isDeleting.value = false;
  };
  return (
    <div class="ts-pair ts-tag" data-long={isLong(tag.value)} aria-busy={isDeleting.value}>
      <dt title={tag.key}>
        <bdi>{tag.key}</bdi>
      </dt>
      <dd dir="auto">
        {isEditing.value ? (
          <ValueInput runId={runId} tag={tag} onLeave={() => (isEditing.value = false)} />
        ) : (
          <>
            {/* biome-ignore lint/a11y/noStaticElementInteractions: the pencil beside it does the same */}
            <span class="ts-tag-value" onDblClick={edit}>
              <LongText text={tag.value} />
            </span>
            <span class="ts-tag-actions ts-on-hover">
              <IconButton icon="pencil" label={strings.editTag(tag.key)} onClick={edit} />
              <IconButton
                icon="trash"
                label={strings.deleteTag(tag.key)}
                isBusy={isDeleting.value}
                onClick={() => void remove()}
              />
            </span>
          </>
        )}
      </dd>
    </div>
  );
}

interface ValueInputProps {
  runId: string;
  tag: Tag;
  onLeave: () => void;
}

/** Enter keeps the value (with Shift it starts a line), Escape leaves it as it was. */
function ValueInput({ runId, tag, onLeave }: ValueInputProps) {
  const { state } = useView();
  const input = useRef<HTMLTextAreaElement>(null);
  const isSaving = useSignal(false);
  /** Set before the field goes away, because going away takes the focus, and losing the focus keeps the value. */
  const isDone = useRef(false);
  useEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);

  const save = async (value: string) => {
    if (isDone.current) return;
    isDone.current = true;
    isSaving.value = true;
    isDone.current = value === tag.value || (await state.setTag(runId, tag.key, value));
    isSaving.value = false;
    if (isDone.current) onLeave();
  };
  const press = (event: TargetedKeyboardEvent<HTMLTextAreaElement>) => {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      isDone.current = true;
      onLeave();
    }
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    void save(event.currentTarget.value);
  };

  return (
    <textarea
      ref={input}
      class="ts-input"
      aria-label={strings.valueOfTag(tag.key)}
      data-lm-suppress-shortcuts="true"
      dir="auto"
      rows={Math.min(6, tag.value.split("\n").length)}
      readOnly={isSaving.value}
      defaultValue={tag.value}
      onKeyDown={press}
      onBlur={(event) => void save(event.currentTarget.value)}
    />
  );
}

function NewTag({ runId }: { runId: string }) {
  const { state } = useView();
  const key = useSignal("");
  const value = useSignal("");
  const isSaving = useSignal(false);
  const name = useRef<HTMLInputElement>(null);

  const add = async (event: Event) => {
    event.preventDefault();
    if (isSaving.value || key.value.trim() === "") return;
    isSaving.value = true;
    const isDone = await state.setTag(runId, key.value.trim(), value.value);
    isSaving.value = false;
    if (!isDone) return;
    key.value = value.value = "";
    name.current?.focus();
  };

  return (
    <form class="ts-new-tag" aria-busy={isSaving.value} onSubmit={(event) => void add(event)}>
      <input
        ref={name}
        class="ts-input"
        aria-label={strings.newTagName}
        placeholder={strings.tagName}
        data-lm-suppress-shortcuts="true"
        dir="auto"
        maxLength={250}
        value={key}
        onInput={(event) => {
          key.value = event.currentTarget.value;
        }}
      />
      <input
        class="ts-input"
        aria-label={strings.newTagValue}
        placeholder={strings.tagValue}
        data-lm-suppress-shortcuts="true"
        dir="auto"
        value={value}
        onInput={(event) => {
          value.value = event.currentTarget.value;
        }}
      />
      <button type="submit" class="ts-button" disabled={key.value.trim() === "" || isSaving.value}>
        {strings.addTag}
      </button>
    </form>
  );
}
