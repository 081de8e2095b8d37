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
  // Which request of many found no answer tells people less than what to look at.
  const isAway = fault.code === "StoreUnreachable" && fault.hint !== "";
  return (
    <div class="ts-fault" role="alert">
      <p class="ts-fault-title">{isAway ? strings.serverAway : strings.storeFault}</p>
      {isAway && <p class="ts-text">{formatSentence(fault.hint)}</p>}
      <p class={isAway ? "ts-text ts-hint ts-fault-detail" : "ts-text"}>{formatSentence(fault.message)}</p>
      {!isAway && fault.hint !== "" && <p class="ts-text ts-hint">{formatSentence(fault.hint)}</p>}
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
      <p class="ts-text">
        {strings.storeAway} {formatSentence(fault.hint)}{" "}
        <span class="ts-hint ts-fault-detail">{formatSentence(fault.message)}</span>
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

/** Says that something asked for is not done yet, and why. It lies over the list, which stays where it is. */
export function WaitingBar() {
  const { state } = useAnyView();
  const reason = state.waitingFor.value;
  if (reason === "") return null;
  const forKernel = state.answersWhileBusy ? strings.waiting : strings.waitingBusy;
  return (
    <div class="ts-waiting">
      <p role="status">{reason === "store" ? strings.waitingForStore : forKernel}</p>
    </div>
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
      {lines.map((line, index) => (
        <li key={index} class="ts-text" dir="auto">
          {line}
        </li>
      ))}
    </ul>
  );
}
