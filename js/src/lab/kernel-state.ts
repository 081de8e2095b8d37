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
  return isPython(kernel, context)
    ? { kind: "running", kernel }
    : { kind: "foreign", language: languageOf(kernel, context) };
}

export function isPython(kernel: Kernel.IKernelConnection, context: ISessionContext): boolean {
  return languageOf(kernel, context).toLowerCase() === "python";
}

/** As the kernel's specification says; a kernel whose specification is gone is taken for Python. */
function languageOf(kernel: Kernel.IKernelConnection, context: ISessionContext): string {
  return context.specsManager.specs?.kernelspecs[kernel.name]?.language ?? "python";
}
