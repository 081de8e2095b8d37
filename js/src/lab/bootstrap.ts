/** Loads Trackside into a kernel that runs without it, leaving no cell, no prompt number and no name behind. */

import type { Kernel, KernelMessage } from "@jupyterlab/services";

export type Loaded =
  | { kind: "loaded" }
  | { kind: "missing"; interpreter: string }
  | { kind: "failed"; message: string };

const EXPRESSIONS = {
  fresh: "__import__('importlib').invalidate_caches()",
  interpreter: "__import__('sys').executable",
  loaded: "__import__('trackside').load_ipython_extension(__import__('IPython').get_ipython())",
};

/** What a user expression came to. */
interface Outcome {
  status?: string;
  data?: Record<string, string>;
  ename?: string;
  evalue?: string;
}

export async function loadTrackside(kernel: Kernel.IKernelConnection): Promise<Loaded> {
  const request = { code: "", silent: true, store_history: false, user_expressions: EXPRESSIONS };
  const reply = await kernel.requestExecute(request).done;
  return judge(outcomesOf(reply));
}

function outcomesOf(reply: KernelMessage.IExecuteReplyMsg | undefined): Record<string, Outcome> {
  return reply?.content.status === "ok" ? (reply.content.user_expressions as Record<string, Outcome>) : {};
}

function judge({ loaded = {}, interpreter = {} }: Record<string, Outcome>): Loaded {
  if (loaded.status === "ok") return { kind: "loaded" };
  if (loaded.ename === "ModuleNotFoundError" && loaded.evalue?.includes("'trackside'"))
    return { kind: "missing", interpreter: textOf(interpreter) };
  return { kind: "failed", message: [loaded.ename, loaded.evalue].filter(Boolean).join(": ") };
}

/** The text behind a Python string's repr. */
function textOf(outcome: Outcome): string {
  const repr = outcome.data?.["text/plain"] ?? "";
  return repr.slice(1, -1).replaceAll("\\\\", "\\");
}
