/** Questions to the kernel over the line of a notebook, each with one answer. */

import { HostError } from "./host-error";
import type { KernelChannel } from "./kernel-channel";
import type { FromKernel, PanelOpen, RevisionRead, RunOpen } from "./protocol";
import { strings } from "./strings";

export type Asked = PanelOpen | RunOpen | RevisionRead;
type Noun<K> = K extends `${infer N}.${string}` ? N : never;
type Of<A extends Asked, End extends string> = Extract<FromKernel, { kind: `${Noun<A["kind"]>}.${End}` }>;

/** Resolves with the answer; rejects where the kernel says why there is none, or when the line to it ends before. */
export function ask<A extends Asked>(channel: KernelChannel, asked: A): Promise<Of<A, "ready">> {
  const [noun] = asked.kind.split(".");
  return new Promise((resolve, reject) => {
    const done = (): void => {
      channel.received.disconnect(take);
      channel.changed.disconnect(giveUp);
    };
    const take = (_: unknown, message: FromKernel): void => {
      if (!isAbout(message, asked)) return;
      if (message.kind === `${noun}.ready`) resolve(message as Of<A, "ready">);
      else if (message.kind === `${noun}.failed`) reject(faultOf(message as Failed));
      else return;
      done();
    };
    const giveUp = (): void => {
      reject(new HostError(strings.noAnswer));
      done();
    };
    channel.received.connect(take);
    channel.changed.connect(giveUp);
    channel.send(asked);
  });
}

type Failed = Extract<FromKernel, { message: string }>;

const faultOf = ({ message, hint }: Failed) => new HostError(message, hint);

/** Several tabs ask at once: what an answer has in common with its question is the same in both. */
function isAbout(answer: FromKernel, asked: Asked): boolean {
  const told = answer as { run_id?: string; path?: string };
  const wanted = asked as { run_id?: string; path?: string };
  return told.run_id === wanted.run_id && told.path === wanted.path;
}
