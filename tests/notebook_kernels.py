"""Kernels and servers for tests of the notebook layer, and notebooks whose last cell tells what was captured."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat

from trackside.notebook import revision

from .kernels import TIMEOUT_S, execute

if TYPE_CHECKING:
    import pytest
    from jupyter_client.blocking import BlockingKernelClient
    from jupyter_client.manager import KernelManager

SOURCE = Path(__file__).parents[1] / "src"
START = "from trackside.notebook import session\nwatched = session.start(get_ipython())"
CURRENT = "from trackside.notebook import session\nwatched = session.current()\n"
TELL = """import json
captured = watched.capture_revision()
print("told:" + json.dumps([str(watched.path), watched.display_path, captured.sha256, captured.text]))"""


def clean_environment(directory: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Variables for a kernel that has Trackside, does not load it by itself, and was told no notebook."""
    for name in ("TRACKSIDE_NOTEBOOK", "JPY_SESSION_NAME", "IPYNB_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONPATH", str(SOURCE))
    monkeypatch.setenv("IPYTHONDIR", str(directory / "ipython"))
    monkeypatch.setenv("TRACKSIDE_DISABLED", "1")
    return dict(os.environ)


def write_notebook(path: Path, *sources: str, cells: list[dict[str, Any]] | None = None, minor: int = 5) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = [
        {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
        for source in sources
    ]
    if minor >= 5:
        plain = [{**cell, "id": f"cell-{index}"} for index, cell in enumerate(plain)]
    kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    content = {"nbformat": 4, "nbformat_minor": minor, "metadata": {"kernelspec": kernelspec}, "cells": cells or plain}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def run_program(environment: dict[str, str], directory: Path, *arguments: str) -> str:
    done = execute(sys.executable, "-m", *arguments, env=environment, cwd=directory)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def told_in(path: Path) -> tuple[str, str, revision.Revision]:
    """What the notebook's last cell printed: path, path as shown, and the revision, checked against its hash."""
    for cell in reversed(json.loads(path.read_text(encoding="utf-8"))["cells"]):
        for output in cell.get("outputs", []):
            text = "".join(output.get("text", ""))
            if text.startswith("told:"):
                return told(text)
    raise AssertionError(f"{path} tells nothing")


def told(text: str) -> tuple[str, str, revision.Revision]:
    path, shown, sha256, stored = json.loads(text.removeprefix("told:"))
    nbformat.validate(json.loads(stored))
    return path, shown, revision.read(stored, sha256)


def order_of(captured: revision.Revision) -> list[tuple[str, list[int]]]:
    return [
        (cell["source"].partition("\n")[0], cell["metadata"].get("trackside", {}).get("execution_order", []))
        for cell in captured.notebook["cells"]
    ]


class Kernel:
    """A kernel and a client that speaks as JupyterLab does, with cell ids and subshells."""

    def __init__(self, manager: KernelManager | None, client: BlockingKernelClient) -> None:
        self.manager, self.client = manager, client

    def stop(self) -> None:
        self.client.stop_channels()
        if self.manager is not None:
            self.manager.shutdown_kernel(now=True)
            self.manager.cleanup_resources()

    def start(
        self, source: str, cell_id: str | None = None, *, subshell: str | None = None, silent: bool = False
    ) -> str:
        content = {
            "code": source,
            "silent": silent,
            "store_history": not silent,
            "user_expressions": {},
            "allow_stdin": True,
            "stop_on_error": False,
        }
        message = self.client.session.msg("execute_request", content, metadata={"cellId": cell_id} if cell_id else {})
        self._send(message, subshell)
        return str(message["header"]["msg_id"])

    def outputs(self, request: str) -> Iterator[str]:
        """The texts that the request prints, until it is done; of an error, its name."""
        while True:
            message = self.client.get_iopub_msg(timeout=TIMEOUT_S)
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "stream":
                yield message["content"]["text"]
            elif message["msg_type"] == "error":
                yield message["content"]["ename"]
            elif message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return

    def run(self, source: str, cell_id: str | None = None) -> str:
        return "".join(self.outputs(self.start(source, cell_id)))

    def subshell(self) -> str:
        message = self.client.session.msg("create_subshell_request", {})
        self.client.control_channel.send(message)
        return str(self.client.control_channel.get_msg(timeout=TIMEOUT_S)["content"]["subshell_id"])

    def comm(self, kind: str, data: dict[str, Any], subshell: str | None = None) -> None:
        content = {"comm_id": "panel", "target_name": "test-trackside", "data": data}
        self._send(self.client.session.msg(kind, content), subshell)

    def _send(self, message: dict[str, Any], subshell: str | None) -> None:
        if subshell:
            message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)


def wait_until_it_listens(port: int) -> None:
    """A Jupyter server tells its address before it listens there."""
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise AssertionError(f"nothing listens on {port}")


@contextmanager
def running_server(environment: dict[str, str], root: Path) -> Iterator[Callable[[str, dict[str, Any]], Any]]:
    """A Jupyter server on a free port; gives a function that posts to its API."""
    environment["JUPYTER_RUNTIME_DIR"] = str(root / "runtime")
    options = ["--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root", f"--ServerApp.root_dir={root}"]
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyter_server", *options, "--IdentityProvider.token=secret"],
        env=environment,
        cwd=root,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    address = next(found[0] for line in process.stderr if (found := re.search(r"http://127\.0\.0\.1:\d+/", line)))
    reader = threading.Thread(target=process.stderr.read)
    reader.start()
    try:
        wait_until_it_listens(int(address.rpartition(":")[2].rstrip("/")))

        def ask(path: str, body: dict[str, Any]) -> Any:
            headers = {"Authorization": "token secret", "Content-Type": "application/json"}
            request = urllib.request.Request(address + path, json.dumps(body).encode(), headers)
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                return json.load(answer)

        yield ask
    finally:
        process.terminate()
        process.wait(TIMEOUT_S)
        reader.join()
        process.stderr.close()


@contextmanager
def served_kernel(ask: Callable[[str, dict[str, Any]], Any], root: Path, path: str) -> Iterator[tuple[str, Kernel]]:
    """A kernel that the server starts for a notebook below its root, as a page has it do, with the kernel's id."""
    from jupyter_client.blocking import BlockingKernelClient

    name = path.rpartition("/")[2]
    model = {"path": path, "name": name, "type": "notebook", "kernel": {"name": "python3"}}
    kernel_id = ask("api/sessions", model)["kernel"]["id"]
    client = BlockingKernelClient(connection_file=str(root / "runtime" / f"kernel-{kernel_id}.json"))
    client.load_connection_file()
    client.start_channels(hb=False)
    client.wait_for_ready(timeout=TIMEOUT_S)
    yield kernel_id, Kernel(None, client)
    client.stop_channels()
