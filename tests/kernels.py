"""A real kernel for tests, driven as a front end drives it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_client.manager import KernelManager

if TYPE_CHECKING:
    from jupyter_client.blocking import BlockingKernelClient

TIMEOUT_S = 600
MOST_STARTS = 3
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Answer:
    """What came back from one cell.

    Attributes:
        status: ``ok``, ``error`` or ``aborted``.
        texts: What it showed as text: results and displayed objects.
        error: The traceback as it is shown, without colours; empty where there was none.
    """

    status: str = ""
    stdout: str = ""
    stderr: str = ""
    texts: list[str] = field(default_factory=list)
    error: str = ""


class Kernel:
    """A kernel and its client."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager, self.client = manager, client

    def connect(self) -> None:
        """Connect with the kernel that was started in the place of the one before."""
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=TIMEOUT_S)

    def run(self, code: str, **options: Any) -> Answer:
        """Execute a cell and wait for its end."""
        return self.finish(self.begin(code, **options))

    def begin(self, code: str, **options: Any) -> str:
        """Send a cell; its id."""
        message_id: str = self.client.execute(code, **options)
        return message_id

    def wait_for(self, message_id: str, text: str) -> None:
        """Read what the cell writes until the text was there."""
        seen = ""
        while text not in seen:
            message = self.client.get_iopub_msg(timeout=TIMEOUT_S)
            if message["parent_header"].get("msg_id") == message_id and message["msg_type"] == "stream":
                seen += message["content"]["text"]

    def finish(self, message_id: str) -> Answer:
        """Wait for the end of a cell."""
        answer = Answer()
        while True:
            message = self.client.get_iopub_msg(timeout=TIMEOUT_S)
            if message["parent_header"].get("msg_id") == message_id and _take(answer, message):
                break
        while True:
            reply = self.client.get_shell_msg(timeout=TIMEOUT_S)
            if reply["parent_header"].get("msg_id") == message_id:
                answer.status = reply["content"]["status"]
                return answer

    def restart(self) -> None:
        """Restart as a Jupyter server does: the kernel is asked to end, then started again."""
        self.client.stop_channels()
        self.manager.restart_kernel(now=False)
        self.connect()


@contextmanager
def start_kernel(folder: Path, environment: dict[str, str], argv: Sequence[str] = ()) -> Iterator[Kernel]:
    """A kernel that works in a folder, started by a command of its own where there is one."""
    kernel = Kernel(*start_ready(argv, cwd=str(folder), env=environment))
    try:
        yield kernel
    finally:
        kernel.client.stop_channels()
        kernel.manager.shutdown_kernel(now=False)


def start_ready(argv: Sequence[str] = (), **how: Any) -> tuple[KernelManager, BlockingKernelClient]:
    """Start a kernel, which may take its time to end before it is killed, and connect with it.

    A kernel is told its ports before it takes them. One that ends because somebody else took one meanwhile is
    followed by another one.
    """
    for attempt in range(MOST_STARTS):
        manager = KernelManager(kernel_name="python3", shutdown_wait_time=TIMEOUT_S)
        if argv and manager.kernel_spec:
            manager.kernel_spec.argv = list(argv)
        manager.start_kernel(**how)
        client = manager.client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=TIMEOUT_S)
        except RuntimeError:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
            if attempt == MOST_STARTS - 1:
                raise
        else:
            break
    return manager, client


def execute(*command: str | Path, **how: Any) -> subprocess.CompletedProcess[str]:
    """Run a program that starts a kernel, again where that ends at once, as `start_ready` does."""
    for _ in range(MOST_STARTS):
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False, **how)
        if "Kernel died before replying" not in done.stderr:
            break
    return done


def _take(answer: Answer, message: dict[str, Any]) -> bool:
    """Keep a message; whether it was the last of its cell."""
    kind, content = message["msg_type"], message["content"]
    if kind == "stream":
        setattr(answer, content["name"], getattr(answer, content["name"]) + content["text"])
    elif kind in ("execute_result", "display_data"):
        answer.texts.append(content["data"].get("text/plain", ""))
    elif kind == "error":
        answer.error = _COLOURS.sub("", "\n".join(content["traceback"]))
    return bool(kind == "status" and content["execution_state"] == "idle")
