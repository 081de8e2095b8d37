/** One comm to one kernel, in a subshell of it where it has them, so that messages arrive while a cell runs. */

import { type Kernel, KernelMessage } from "@jupyterlab/services";
import type { JSONObject } from "@lumino/coreutils";
import type { FromKernel, ToKernel } from "./protocol";
import { within } from "./timing";

const TARGET = "trackside";
/** A kernel that runs a cell does not tell what it can do until the cell ends; this long is waited for it. */
const INFO_MS = 1500;
/** What the comms of all widgets of a page are called; they share a subshell. */
const WIDGETS = "jupyter.widget";

/** JupyterLab's comms have it, but their published type does not say so before 4.5. */
interface WithSubshell {
  subshellStarted: Promise<void>;
}

export class Line {
  readonly #kernel: Kernel.IKernelConnection;
  readonly #comm: Kernel.IComm;
  #subshell: string | null = null;
  #isRefused = false;

  constructor(kernel: Kernel.IKernelConnection, take: (message: FromKernel) => void, refused: () => void) {
    this.#kernel = kernel;
    this.#comm = kernel.createComm(TARGET);
    this.#comm.onMsg = (message) => take(message.content.data as unknown as FromKernel);
    this.#comm.onClose = () => {
      this.#isRefused = true;
      refused();
    };
  }

  /** Whether messages can be sent. */
  get isUsable(): boolean {
    return !this.#comm.isDisposed && !this.#kernel.isDisposed;
  }

  /** Whether the kernel is not there any more, or another one since. A line that it refused is not gone. */
  get isGone(): boolean {
    return !this.isUsable && !this.#isRefused;
  }

  /** Whether the line was made while the kernel ran a cell, past what it could be asked on the usual way. */
  get isEarly(): boolean {
    return this.#subshell !== null;
  }

  /**
   * Waits until the line can be opened without waiting for a running cell, or for its end where there is no other way.
   * What the widgets that it brings ask first does not wait for a cell either.
   */
  async prepare(): Promise<void> {
    const info = await within(this.#kernel.info, INFO_MS);
    if (info === null) this.#subshell = await makeSubshell(this.#kernel);
    if (this.#subshell !== null) return;
    await this.#kernel.info;
    const way = String(this.#kernel.commsOverSubshells ?? "perCommTarget");
    if (!this.#kernel.supportsSubshells || way === "disabled") return;
    await subshellOf(this.#comm);
    if (way === "perCommTarget") await makeWidgetsSubshell(this.#kernel);
  }

  open(message: ToKernel): void {
    const data = message as unknown as JSONObject;
    if (this.#subshell === null) {
      this.#comm.open(data);
      return;
    }
    const content = { comm_id: this.#comm.commId, target_name: TARGET, data };
    const direct = KernelMessage.createMessage<KernelMessage.ICommOpenMsg<"shell">>({
      ...this.#route,
      msgType: "comm_open",
      content,
    });
    this.#kernel.sendShellMessage(direct as KernelMessage.IShellMessage);
  }

  send(message: ToKernel): void {
    const data = message as unknown as JSONObject;
    if (!this.isUsable) return;
    if (this.#subshell === null) {
      this.#comm.send(data);
      return;
    }
    const content = { comm_id: this.#comm.commId, data };
    const direct = KernelMessage.createMessage<KernelMessage.ICommMsgMsg<"shell">>({
      ...this.#route,
      msgType: "comm_msg",
      content,
    });
    this.#kernel.sendShellMessage(direct as KernelMessage.IShellMessage);
  }

  close(): void {
    if (!this.isUsable) return;
    this.#comm.onClose = () => undefined;
    this.#comm.close();
  }

  /** Past the comm, which knows of no subshell while the kernel has not told that it has them. */
  get #route() {
    const { username, clientId: session } = this.#kernel;
    return { channel: "shell", username, session, subshellId: this.#subshell } as const;
  }
}

const subshellOf = (comm: Kernel.IComm) => (comm as Partial<WithSubshell>).subshellStarted;

/** JupyterLab makes it with the first comm, and sends what it is to send before that to where the cells run. */
async function makeWidgetsSubshell(kernel: Kernel.IKernelConnection): Promise<void> {
  const first = kernel.createComm(WIDGETS);
  await subshellOf(first);
  first.dispose();
}

/** A new subshell of a kernel that runs a cell; null where the cell ends before the kernel gives one, or it has none. */
async function makeSubshell(kernel: Kernel.IKernelConnection): Promise<string | null> {
  const request = KernelMessage.createMessage<KernelMessage.ICreateSubshellRequestMsg>({
    msgType: "create_subshell_request",
    channel: "control",
    username: kernel.username,
    session: kernel.clientId,
    content: {},
  });
  const future = kernel.sendControlMessage(request, true);
  const reply = await Promise.race([future.done, kernel.info.then(() => null)]);
  future.dispose();
  if (reply?.header.msg_type !== "create_subshell_reply") return null;
  return (reply as KernelMessage.ICreateSubshellReplyMsg).content.subshell_id;
}
