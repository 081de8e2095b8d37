/** The note of a run: read as Markdown, and written with a preview. */

import { type Signal, useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { NOTE_TAG } from "../../fields";
import type { RunRow } from "../../protocol";
import { strings } from "../../strings";
import { useAnyView } from "../../view";
import { IconButton, Section } from "../controls";
import { useFocusBack } from "../inline-edit";
import { MarkdownText } from "./markdown-text";

const LEAST_ROWS = 5;
const MOST_ROWS = 16;

export function NoteSection({ run, text }: { run: RunRow; text: string }) {
  const { drafts } = useAnyView().state;
  const isEditing = useSignal(drafts.find(run.run_id) !== undefined);
  const body = useRef<HTMLDivElement>(null);
  useFocusBack(isEditing.value, () => body.current?.querySelector("button"));
  return (
    <Section id="note" title={strings.note}>
      {() => (
        <div ref={body} class="ts-note-body">
          {isEditing.value ? (
            <NoteEditor run={run} text={text} isEditing={isEditing} />
          ) : (
            <NoteText text={text} isEditing={isEditing} />
          )}
        </div>
      )}
    </Section>
  );
}

function NoteText({ text, isEditing }: { text: string; isEditing: Signal<boolean> }) {
  const edit = () => {
    isEditing.value = true;
  };
  if (text.trim() === "")
    return (
      <button type="button" class="ts-link" onClick={edit}>
        {strings.writeNote}
      </button>
    );
  return (
    <div class="ts-note">
      <MarkdownText text={text} />
      <IconButton icon="pencil" class="ts-edit-note" label={strings.editNote} onClick={edit} />
    </div>
  );
}

interface NoteEditorProps {
  run: RunRow;
  text: string;
  isEditing: Signal<boolean>;
}

function NoteEditor({ run, text, isEditing }: NoteEditorProps) {
  const { draft, isSaving, write, save, close } = useDraft({ run, text, isEditing });
  const isPreview = useSignal(false);
  const press = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void save();
    else return;
    event.stopPropagation();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys that belong to all that is inside
    <div class="ts-note-editor" aria-busy={isSaving.value} onKeyDown={press}>
      <NoteTabs isPreview={isPreview} />
      {isPreview.value ? <NotePreview text={draft.value} /> : <Draft draft={draft} write={write} />}
      <div class="ts-buttons">
        <button type="button" class="ts-button ts-primary" disabled={isSaving.value} onClick={() => void save()}>
          {strings.saveNote}
        </button>
        <button type="button" class="ts-button" onClick={close}>
          {strings.cancelNote}
        </button>
      </div>
    </div>
  );
}

/**
 * Keeps what is being written when the note changes elsewhere meanwhile, and when the run goes out of sight; what is
 * saved last stays.
 */
function useDraft({ run, text, isEditing }: NoteEditorProps) {
  const { state } = useAnyView();
  const before = useRef(text).current;
  const draft = useSignal(state.drafts.find(run.run_id)?.text ?? text);
  const isSaving = useSignal(false);
  const close = () => {
    state.drafts.drop(run.run_id);
    isEditing.value = false;
  };
  const write = (text: string) => {
    draft.value = text;
    if (text === before) state.drafts.drop(run.run_id);
    else state.drafts.keep({ run, text });
  };
  const save = async () => {
    isSaving.value = true;
    const isKept = draft.value === before || (await state.setTag(run.run_id, NOTE_TAG, draft.value));
    isSaving.value = false;
    if (isKept) close();
  };
  return { draft, isSaving, write, save, close };
}

export function NoteTabs({ isPreview }: { isPreview: Signal<boolean> }) {
  const tab = (preview: boolean, label: string) => (
    <button
      type="button"
      class="ts-tab"
      aria-pressed={isPreview.value === preview}
      onClick={() => {
        isPreview.value = preview;
      }}
    >
      {label}
    </button>
  );
  return (
    <div class="ts-tabs">
      {tab(false, strings.noteWrite)}
      {tab(true, strings.notePreview)}
    </div>
  );
}

function Draft({ draft, write }: { draft: Signal<string>; write: (text: string) => void }) {
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => field.current?.focus(), []);
  const lines = draft.peek().split("\n").length + 1;
  return (
    <textarea
      ref={field}
      class="ts-input ts-draft"
      aria-label={strings.noteInMarkdown}
      placeholder={strings.noteInMarkdown}
      data-lm-suppress-shortcuts="true"
      dir="auto"
      rows={Math.min(MOST_ROWS, Math.max(LEAST_ROWS, lines))}
      value={draft}
      onInput={(event) => write(event.currentTarget.value)}
    />
  );
}

export function NotePreview({ text }: { text: string }) {
  if (text.trim() === "") return <p class="ts-none">{strings.emptyNote}</p>;
  return (
    <div class="ts-note-preview">
      <MarkdownText text={text} />
    </div>
  );
}
