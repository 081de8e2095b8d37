/** What a notebook's kernel can be asked for now. */

import type { ISessionContext } from "@jupyterlab/apputils";
import type { Kernel } from "@jupyterlab/services";

export type KernelState =
  | { kind: "none" }
  | { kind: "starting" }
  | { kind: "dead" }
  | { kind: "foreign"; language: string }
  | { kind: "running"; kernel: Kernel.IKernelConnection };

const ENDED: readonly Kernel.Status[] = ["dead", "terminating"];
const NOT_YET: readonly Kernel.Status[] = ["starting", "restarting", "autorestarting"];

export function readKernelState(context: ISessionContext): KernelState {
  const kernel = context.session?.kernel;
  if (!kernel) return { kind: context.kernelDisplayStatus === "unknown" ? "none" : "starting" };
  if (ENDED.includes(kernel.status)) return { kind: context.isTerminating ? "starting" : "dead" };
  if (NOT_YET.includes(kernel.status) || kernel.connectionStatus !== "connected") return { kind: "starting" };
  const language = context.specsManager.specs?.kernelspecs[kernel.name]?.language ?? "python";
  if (language.toLowerCase() !== "python") return { kind: "foreign", language };
  return { kind: "running", kernel };
}
