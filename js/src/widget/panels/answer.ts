/** Asking the kernel for what a section shows. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Answer } from "../bridge";
import type { Fault, RequestKind, Requests } from "../protocol";
import type { RunHead } from "../run-protocol";
import { useAnyView } from "../view";
import { faultOf } from "../widget-state";

/** How often what a run that goes on has is asked for again. */
const AGAIN_MS = 5000;

export interface Asked<K extends RequestKind> {
  answer: Answer<K> | null;
  fault: Fault | null;
}

/**
 * The kernel's answer, asked for again when `data` or `round` is another one or people refresh. The earlier answer
 * stays until the next one comes, unless it was about something else.
 */
export function useAnswer<K extends RequestKind>(kind: K, data: Requests[K]["data"], round: unknown): Asked<K> {
  const { state } = useAnyView();
  const about = JSON.stringify(data);
  const asked = useSignal<Asked<K> & { about: string }>({ answer: null, fault: null, about });
  useEffect(() => {
    let isCurrent = true;
    const take = (found: Asked<K>) => {
      if (isCurrent) asked.value = { ...found, about };
    };
    state.request(kind, data).then(
      (answer) => take({ answer, fault: null }),
      (error: unknown) => take({ answer: null, fault: faultOf(error) }),
    );
    return () => {
      isCurrent = false;
    };
  }, [kind, about, round, state.refreshes.value]);
  return asked.value.about === about ? asked.value : { answer: null, fault: null };
}

/** Changes when what belongs to a run is to be asked for again: now and then while it goes on, and when it ends. */
export function useRound({ status, end_time }: Pick<RunHead, "status" | "end_time">): number | null {
  const { state } = useAnyView();
  return status === "RUNNING" ? Math.floor(state.now.value / AGAIN_MS) : end_time;
}
