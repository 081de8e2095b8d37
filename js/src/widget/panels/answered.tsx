import type { ComponentChildren } from "preact";
import type { Answer } from "../bridge";
import { formatSentence } from "../format";
import type { RequestKind } from "../protocol";
import type { Asked } from "./answer";
import { Coming } from "./controls";

interface AnsweredProps<K extends RequestKind> {
  asked: Asked<K>;
  children: (answer: Answer<K>) => ComponentChildren;
}

/** What the kernel answered, or why it did not, or that it will. */
export function Answered<K extends RequestKind>({ asked, children }: AnsweredProps<K>) {
  if (asked.fault !== null) return <p class="ts-none">{formatSentence(asked.fault.message)}</p>;
  if (asked.answer === null) return <Coming />;
  return <>{children(asked.answer)}</>;
}
