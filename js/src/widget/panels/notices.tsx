/** What is wrong, what is going on, what was done. */

import { useEffect, useState } from "preact/hooks";
import { formatSentence } from "../format";
import type { Fault } from "../protocol";
import { strings } from "../strings";
import { useAnyView } from "../view";
import { IconButton } from "./controls";

/** Instead of the list, where it cannot be read. */
export function FaultBox({ fault }: { fault: Fault }) {
  const { state } = useAnyView();
  return (
    <div class="ts-fault" role="alert">
      <p class="ts-fault-title">{strings.storeFault}</p>
      <p class="ts-text">{formatSentence(fault.message)}</p>
      {fault.hint !== "" && <p class="ts-text ts-hint">{formatSentence(fault.hint)}</p>}
      <button type="button" class="ts-button" onClick={() => state.refresh()}>
        {strings.tryAgain}
      </button>
    </div>
  );
}

/** Above the list that was read before the store went away. */
export function AwayBar({ fault }: { fault: Fault }) {
  const { state } = useAnyView();
  return (
    <div class="ts-away" role="alert">
      <p class="ts-text" title={fault.hint}>
        {strings.storeAway} {formatSentence(fault.message)}
      </p>
      <button type="button" class="ts-link" onClick={() => state.refresh()}>
        {strings.tryAgain}
      </button>
    </div>
  );
}

const SHOW_AFTER_MS = 200;

/** Grey lines where runs will be; not shown at all where they come at once. */
export function Loading() {
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), SHOW_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!isShown) return null;
  return (
    <div class="ts-loading" role="status">
      <span class="ts-hidden">{strings.loading}</span>
      <i />
      <i />
      <i />
    </div>
  );
}

/** Says that something asked for is not done yet, and why. */
export function WaitingBar() {
  const { state } = useAnyView();
  if (!state.isWaiting.value) return null;
  const answers = state.answersWhileBusy;
  return (
    <p class="ts-waiting" role="status">
      {answers ? strings.waiting : strings.waitingBusy}
    </p>
  );
}

/** The line at the foot: what was done and can be undone, or what went wrong. */
export function NoticeBar() {
  const { state } = useAnyView();
  const notice = state.notice.value;
  if (notice === null) return null;
  const { text, hint, isFault, action, lines = [] } = notice;
  const act = () => {
    state.dismiss();
    action?.run();
  };
  return (
    <div class="ts-notice" role={isFault ? "alert" : "status"} data-fault={isFault}>
      <div class="ts-notice-text">
        <p class="ts-text">{text}</p>
        <NoticeLines lines={lines} />
        {hint !== "" && <p class="ts-text ts-hint">{hint}</p>}
      </div>
      {action && (
        <button type="button" class="ts-link" onClick={act}>
          {action.label}
        </button>
      )}
      <IconButton icon="close" label={strings.dismiss} onClick={() => state.dismiss()} />
    </div>
  );
}

function NoticeLines({ lines }: { lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <ul class="ts-notice-lines">
      {lines.map((line) => (
        <li key={line} class="ts-text" dir="auto">
          {line}
        </li>
      ))}
    </ul>
  );
}
