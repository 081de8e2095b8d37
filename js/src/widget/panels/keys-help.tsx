/** The keys, as the table of keys has them. */

import { keyLines } from "../keys";
import { strings } from "../strings";
import { useAnyView } from "../view";
import { Dialog } from "./dialog";

/** A key as it stands on a keyboard, such as Shift+Del. */
export function KeyName({ name }: { name: string }) {
  if (name === "") return null;
  return (
    <kbd class="ts-key">
      {name
        .split("+")
        .map((part) => shownKey(part, name))
        .join("+")}
    </kbd>
  );
}

const shownKey = (part: string, name: string) => {
  const names: Record<string, string> = strings.keyNames;
  return names[part] ?? (name.includes("+") || part.length === 1 ? part.toUpperCase() : part);
};

export function KeysHelp() {
  const { isHelpOpen } = useAnyView();
  if (!isHelpOpen.value) return null;
  const close = () => {
    isHelpOpen.value = false;
  };
  return (
    <Dialog title={strings.keys} onClose={close}>
      <dl class="ts-keys">
        {keyLines().map(({ keys, label }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              {keys.map((key) => (
                <KeyName key={key} name={key} />
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <div class="ts-form-buttons">
        <button type="button" class="ts-button" autofocus onClick={close}>
          {strings.close}
        </button>
      </div>
    </Dialog>
  );
}
