/** Asks before something is done. Escape and Cancel leave all as it was; the focus goes back to where it came from. */

import { type Signal, useSignal } from "@preact/signals";
import type { ComponentChildren, TargetedInputEvent, TargetedKeyboardEvent, TargetedSubmitEvent } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import type { Field, Question, Values } from "../questions";
import { strings } from "../strings";
import { useAnyView } from "../view";
import { Part } from "./part";

export function DialogLayer() {
  const { question } = useAnyView();
  return question.value === null ? null : <Form key={question.value.title} question={question.value} />;
}

interface DialogProps {
  title: string;
  onClose: () => void;
  /** Has room for more than a question, and stays when the page beside it is clicked. */
  isWide?: boolean;
  children: ComponentChildren;
}

/** A window over the page that keeps the focus until it is closed. */
export function Dialog({ title, onClose, isWide = false, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const name = useId();
  useLayoutEffect(() => keepFocus(element.current), []);
  const cancel = (event: Event) => {
    event.preventDefault();
    onClose();
  };
  const press = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Escape") cancel(event);
  };
  const pushed = useRef<EventTarget | null>(null);
  const push = (event: PointerEvent) => {
    pushed.current = event.target;
  };
  /** A selection that ends beside the window began in it. */
  const click = ({ target }: MouseEvent) => {
    if (!isWide && target === element.current && pushed.current === target) onClose();
  };
  return (
    <dialog
      ref={element}
      class={`ts-dialog ${isWide ? "ts-dialog-wide" : ""}`}
      aria-labelledby={name}
      data-lm-suppress-shortcuts="true"
      onCancel={cancel}
      onKeyDown={press}
      onPointerDown={push}
      onClick={click}
    >
      <div class="ts-dialog-box">
        <h3 id={name} class="ts-dialog-title">
          {title}
        </h3>
        {children}
      </div>
    </dialog>
  );
}

/** Shows a window over all else, which has the focus until what is returned is called. */
function keepFocus(dialog: HTMLDialogElement | null): () => void {
  const before = document.activeElement;
  const panel = dialog?.closest<HTMLElement>(".ts-panel") ?? null;
  dialog?.showModal?.();
  const first = dialog?.querySelector<HTMLElement>("[autofocus]");
  first?.focus();
  if (first instanceof HTMLInputElement) first.select();
  return () => {
    dialog?.close?.();
    giveBack(before, panel);
  };
}

/** The focus to what had it, or to the run in the tab order where that is gone, or to the panel without runs. */
function giveBack(before: Element | null, panel: HTMLElement | null): void {
  if (before instanceof HTMLElement && before.isConnected) before.focus();
  else (panel?.querySelector<HTMLElement>('.ts-run-toggle[tabindex="0"]') ?? panel)?.focus();
}

function Form({ question }: { question: Question }) {
  const view = useAnyView();
  const fault = useSignal("");
  const isBusy = useSignal(false);
  const close = () => {
    if (view.question.value === question) view.question.value = null;
  };
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isBusy.value) return;
    const values = readValues(event.currentTarget);
    isBusy.value = true;
    fault.value = await question.answer(values);
    isBusy.value = false;
    if (fault.value === "") close();
  };
  return (
    <Dialog title={question.title} onClose={close}>
      <form class="ts-form" aria-busy={isBusy.value} onSubmit={(event) => void submit(event)}>
        <About names={question.about} />
        {question.text !== "" && <p>{question.text}</p>}
        {question.fields.map((field, index) => (
          <Entry key={field.name} field={field} isFirst={index === 0} />
        ))}
        <p class="ts-form-fault" role="alert">
          {fault}
        </p>
        <Buttons question={question} isBusy={isBusy} onCancel={close} />
      </form>
    </Dialog>
  );
}

function Buttons({
  question,
  isBusy,
  onCancel,
}: {
  question: Question;
  isBusy: Signal<boolean>;
  onCancel: () => void;
}) {
  const hasText = question.fields.some(({ kind }) => kind !== "check");
  return (
    <div class="ts-form-buttons">
      <button type="button" class="ts-button" onClick={onCancel}>
        {strings.cancel}
      </button>
      <button
        type="submit"
        class={`ts-button ${question.isGrave ? "ts-grave" : "ts-primary"}`}
        disabled={isBusy.value}
        autofocus={!hasText}
      >
        {question.confirm}
      </button>
    </div>
  );
}

/** Names of runs can be anything, in any direction. */
function About({ names }: { names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <ul class="ts-about">
      {names.map((name, index) => (
        <li key={index} title={name}>
          <bdi>{name}</bdi>
        </li>
      ))}
    </ul>
  );
}

function Entry({ field, isFirst }: { field: Field; isFirst: boolean }) {
  const id = useId();
  if (field.kind === "check")
    return (
      <div class="ts-check">
        <input id={id} type="checkbox" name={field.name} defaultChecked={field.initial} />
        <label for={id}>{field.label}</label>
      </div>
    );
  const common: Common = { id, class: "ts-input", name: field.name, dir: "auto", defaultValue: field.initial };
  return (
    <div class="ts-entry">
      <label for={id}>{field.label}</label>
      {field.kind === "markdown" ? (
        <Markdown common={common} isFirst={isFirst} />
      ) : (
        <input {...common} required={field.isRequired} autofocus={isFirst} />
      )}
    </div>
  );
}

interface Common {
  id: string;
  class: string;
  name: string;
  dir: "auto";
  defaultValue: string;
}

/** What is written stays in the form while its preview is looked at. */
function Markdown({ common, isFirst }: { common: Common; isFirst: boolean }) {
  const isPreview = useSignal(false);
  const text = useSignal(common.defaultValue);
  const write = (event: TargetedInputEvent<HTMLTextAreaElement>) => {
    text.value = event.currentTarget.value;
  };
  return (
    <>
      <Part name="run">{({ NoteTabs }) => <NoteTabs isPreview={isPreview} />}</Part>
      <textarea
        {...common}
        rows={6}
        hidden={isPreview.value}
        autofocus={isFirst}
        onInput={write}
        onKeyDown={submitWithCtrl}
      />
      {isPreview.value && <Part name="run">{({ NotePreview }) => <NotePreview text={text.value} />}</Part>}
    </>
  );
}

/** Enter starts a line. */
function submitWithCtrl(event: TargetedKeyboardEvent<HTMLTextAreaElement>): void {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.currentTarget.form?.requestSubmit();
}

function readValues(form: HTMLFormElement): Values {
  const field = (name: string) => form.elements.namedItem(name) as HTMLInputElement | null;
  return { text: (name) => field(name)?.value ?? "", check: (name) => field(name)?.checked ?? false };
}
