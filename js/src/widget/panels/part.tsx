/** Shows what comes in a part of its own, as soon as it is there. */

import { useSignal } from "@preact/signals";
import type { ComponentChild } from "preact";
import { useCallback, useLayoutEffect } from "preact/hooks";
import { formatSentence } from "../format";
import type { PartName, Parts } from "../parts";
import { strings } from "../strings";
import { useAnyView } from "../view";
import { faultOf } from "../widget-state";

interface PartProps<N extends PartName> {
  name: N;
  children: (part: Parts[N]) => ComponentChild;
  /** What stands there until the part has come. */
  waiting?: ComponentChild;
}

export function Part<N extends PartName>({ name, children, waiting = null }: PartProps<N>) {
  const { parts } = useAnyView().state;
  const fault = useSignal("");
  const part = parts.find(name);
  const fetch = useCallback(async () => {
    fault.value = "";
    try {
      await parts.load(name);
    } catch (error) {
      const { message, hint } = faultOf(error);
      fault.value = [message, hint].map(formatSentence).join(" ").trim();
    }
  }, [parts, name, fault]);
  useLayoutEffect(() => void fetch(), [fetch]);
  if (part !== null) return <>{children(part)}</>;
  if (fault.value === "") return <>{waiting}</>;
  return (
    <p class="ts-none" role="alert">
      {fault.value}{" "}
      <button type="button" class="ts-link" onClick={() => void fetch()}>
        {strings.tryAgain}
      </button>
    </p>
  );
}

/** The style sheets of the parts that have come. */
export function PartStyles() {
  const { parts } = useAnyView().state;
  return (
    <>
      {parts.styles.value.map((style, index) => (
        <style key={index}>{style}</style>
      ))}
    </>
  );
}
