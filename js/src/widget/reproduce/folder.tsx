/** Where the clone goes, and what is written there. */

import type { TargetedMouseEvent } from "preact";
import { useEffect } from "preact/hooks";
import { formatSentence } from "../format";
import { askFolder } from "../host";
import { formatLeftOut } from "../left-out";
import { strings } from "../strings";
import { useAnyView } from "../view";
import { faultOf } from "../widget-state";
import { Check, SetCheck, TextField, Warning } from "./controls";
import type { Form } from "./form";

/** How long nothing is typed before the kernel is asked what it says of a folder. */
const FOLDER_MS = 250;
const NAMED_FILES = 4;

export function Notebook({ form }: { form: Form }) {
  useFolderFault(form);
  const { files, runs_in, shadows, source, left_out } = form.plan;
  const leftOut = formatLeftOut(left_out);
  const names = [files.slice(0, NAMED_FILES).join(", ")];
  if (files.length > NAMED_FILES) names.push(strings.reproduce.more(files.length - NAMED_FILES));
  const fault = form.folderText.value;
  return (
    <div class="ts-rp-group">
      <TextField
        label={strings.reproduce.folder}
        value={form.folder}
        fault={formatSentence(fault)}
        beside={<Choose form={form} />}
        isFirst
      >
        {fault === ""
          ? `${strings.reproduce.writes(names.join(" "))} ${whereRunsGo(runs_in)}`
          : formatSentence(form.folderFault.value?.hint ?? "")}
      </TextField>
      {leftOut !== "" && (
        <Warning>
          <p>{strings.reproduce.lacks(leftOut)}</p>
        </Warning>
      )}
      {shadows.length > 0 && (
        <Warning>
          <p>{strings.reproduce.shadows}</p>
          {shadows.map((file) => (
            <SetCheck key={file} label={<code dir="ltr">{file}</code>} item={file} all={form.allowed} />
          ))}
        </Warning>
      )}
      {source.kind === "commit" && (
        <Warning>
          <p>{strings.reproduce.fromCommit(source.version.slice(0, 8))}</p>
          <Check label={strings.reproduce.agreeCommit} value={form.fromCommit} />
        </Warning>
      )}
    </div>
  );
}

function whereRunsGo(store: string) {
  return store === "" ? strings.reproduce.runsElsewhere : strings.reproduce.runsBeside(store.replace("sqlite:///", ""));
}

/** Has the page ask for a folder in which the clone's is made; gone where the page has no folders to choose from. */
function Choose({ form }: { form: Form }) {
  const view = useAnyView();
  const { server_root: root } = form.plan;
  if (root === null) return null;
  const choose = async ({ currentTarget: button }: TargetedMouseEvent<HTMLButtonElement>) => {
    const chosen = await whileAside(button, () => askFolder(view.element));
    if (chosen !== null) form.folder.value = below(root, chosen, lastOf(form.folder.value) || lastOf(form.plan.folder));
  };
  const ask = (event: TargetedMouseEvent<HTMLButtonElement>) =>
    void choose(event).catch((error: unknown) => view.state.showFault(error));
  return (
    <button type="button" class="ts-button" onClick={ask}>
      {strings.reproduce.chooseFolder}
    </button>
  );
}

/** A window over the page lets nobody use another one, so it makes way until that one is done. */
async function whileAside<T>(button: HTMLElement, ask: () => Promise<T>): Promise<T> {
  const dialog = button.closest("dialog");
  dialog?.close?.();
  try {
    return await ask();
  } finally {
    dialog?.showModal?.();
    button.focus();
  }
}

const lastOf = (folder: string) =>
  folder
    .split(/[\\/]/)
    .filter((part) => part.trim() !== "")
    .at(-1) ?? "";

/** A folder's path on the server's machine, which may write its paths with another sign. */
function below(root: string, path: string, name: string): string {
  const sign = root.includes("\\") ? "\\" : "/";
  const parts = [...path.split("/"), name].filter((part) => part !== "");
  return [root.endsWith(sign) ? root.slice(0, -1) : root, ...parts].join(sign);
}

/** Asks the kernel while people type, each time for what stands there at last. */
function useFolderFault(form: Form): void {
  const { state } = useAnyView();
  const folder = form.folder.value.trim();
  useEffect(() => {
    if (folder === form.plan.folder || folder === "") {
      form.folderFault.value = form.plan.folder_fault;
      return;
    }
    const ask = async () => {
      const fault = await folderFault();
      if (form.folder.value.trim() === folder) form.folderFault.value = fault;
    };
    const folderFault = () =>
      state.request("reproduce.plan", { run_id: form.plan.run.run_id, folder }).then(
        ({ reply }) => reply.folder_fault,
        (error: unknown) => faultOf(error),
      );
    const timer = setTimeout(() => void ask(), FOLDER_MS);
    return () => clearTimeout(timer);
  }, [state, form, folder]);
}
