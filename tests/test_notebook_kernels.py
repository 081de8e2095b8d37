"""Real kernels, started as people start them: the notebook is found, and its revision is what was executed."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ipykernel
import nbformat
import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

from trackside.notebook import revision

TIMEOUT_S = 60
SOURCE = Path(__file__).parents[1] / "src"
START = "from trackside.notebook import session\nwatched = session.start(get_ipython())"
CURRENT = "from trackside.notebook import session\nwatched = session.current()\n"
SUBSHELLS = pytest.mark.skipif(ipykernel.version_info < (7,), reason="ipykernel 6 has no subshells")
TELL = """import json
captured = watched.capture_revision()
print("told:" + json.dumps([str(watched.path), watched.display_path, captured.sha256, captured.text]))"""


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    for name in ("TRACKSIDE_NOTEBOOK", "JPY_SESSION_NAME", "IPYNB_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONPATH", str(SOURCE))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
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
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(command, env=environment, cwd=directory, capture_output=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return done.stdout.decode()


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


def test_jupyter_execute(environment: dict[str, str], tmp_path: Path) -> None:
    """R1.11: path, sources, order and hash are right without a front end."""
    work = write_notebook(tmp_path / "sub" / "work.ipynb", START, "%time x = 1", TELL, "never = 1")
    run_program(environment, tmp_path, "jupyter", "execute", "sub/work.ipynb", "--output=done")
    path, shown, captured = told_in(tmp_path / "sub" / "done.ipynb")
    assert (path, shown, captured.file_name) == (str(work), "sub/work.ipynb", "work.ipynb")
    assert order_of(captured) == [
        (START.partition("\n")[0], [1]),
        ("%time x = 1", [2]),
        ("import json", [3]),
        ("never = 1", []),
    ]
    assert captured.notebook["metadata"]["trackside"]["content"] == "file"


def test_jupyter_execute_of_several_notebooks_finds_each(environment: dict[str, str], tmp_path: Path) -> None:
    """Both start with the same cell, so only the next one tells them apart."""
    write_notebook(tmp_path / "one.ipynb", START, "x = 'one'", TELL)
    write_notebook(tmp_path / "two.ipynb", START, "x = 'two'", TELL)
    run_program(environment, tmp_path, "jupyter", "execute", "one", "two", "--inplace")
    assert told_in(tmp_path / "one.ipynb")[0] == str(tmp_path / "one.ipynb")
    assert told_in(tmp_path / "two.ipynb")[0] == str(tmp_path / "two.ipynb")


def test_jupyter_execute_from_inside_another_notebook_is_not_taken_for_it(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """JPY_SESSION_NAME is inherited by what a notebook starts."""
    outer = write_notebook(tmp_path / "outer.ipynb", START)
    inner = write_notebook(tmp_path / "inner.ipynb", START, TELL)
    environment["JPY_SESSION_NAME"] = str(outer)
    run_program(environment, tmp_path, "jupyter", "execute", "inner.ipynb", "--inplace")
    assert told_in(inner)[0] == str(inner)


def test_nbconvert(environment: dict[str, str], tmp_path: Path) -> None:
    """The notebook is found though an earlier output with the same cells is named on the command line."""
    work = write_notebook(tmp_path / "work.ipynb", START, "x = 1", TELL)
    write_notebook(tmp_path / "done.ipynb", START, "x = 1", TELL)
    options = ("--to", "notebook", "--execute", "--output", "done.ipynb")
    run_program(environment, tmp_path, "nbconvert", *options, "work.ipynb")
    path, shown, captured = told_in(tmp_path / "done.ipynb")
    assert (path, shown) == (str(work), "work.ipynb")
    assert [order for _, order in order_of(captured)] == [[1], [2], [3]]


def test_papermill(environment: dict[str, str], tmp_path: Path) -> None:
    """The input is the notebook; the cell with the parameters, which it does not have, is in the revision."""
    parameters = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": "alpha = 1", "id": "p"}
    plain = {"cell_type": "code", "metadata": {}}
    cells = [
        {**plain, "id": "a", "source": START},
        parameters,
        {**plain, "id": "b", "source": "y = alpha"},
        {**plain, "id": "c", "source": TELL},
    ]
    cells = [{**cell, "outputs": [], "execution_count": None} for cell in cells]
    work = write_notebook(tmp_path / "work.ipynb", cells=cells)
    run_program(environment, tmp_path, "papermill", "work.ipynb", "done.ipynb", "-p", "alpha", "3")
    path, shown, captured = told_in(tmp_path / "done.ipynb")
    assert (path, shown) == (str(work), "work.ipynb")
    assert [order for _, order in order_of(captured)] == [[1], [2], [3], [4], [5]]
    injected = captured.notebook["cells"][2]
    assert "alpha = 3" in injected["source"]
    assert injected["metadata"]["trackside"]["not_in_notebook"] is True


def test_nbclient_in_a_program_finds_the_only_notebook_with_these_cells(
    environment: dict[str, str], tmp_path: Path
) -> None:
    work = write_notebook(tmp_path / "work.ipynb", START, "x = 1", TELL, minor=4)
    write_notebook(tmp_path / "other.ipynb", START, "x = 2", TELL, minor=4)
    program = tmp_path / "program.py"
    program.write_text(
        "import nbformat, nbclient\n"
        "notebook = nbformat.read('work.ipynb', as_version=4)\n"
        "nbclient.NotebookClient(notebook, resources={'metadata': {'path': '.'}}).execute()\n"
        "nbformat.write(notebook, 'done.ipynb')\n"
    )
    command = [sys.executable, "-W", "ignore", str(program)]
    subprocess.run(command, env=environment, cwd=tmp_path, check=True, capture_output=True, timeout=TIMEOUT_S)
    path, shown, captured = told_in(tmp_path / "done.ipynb")
    assert (path, shown) == (str(work), "work.ipynb")
    assert [order for _, order in order_of(captured)] == [[1], [2], [3]]


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


@pytest.fixture
def kernel(environment: dict[str, str], tmp_path: Path) -> Iterator[Kernel]:
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path), env=environment)
    started = Kernel(manager, client)
    yield started
    started.stop()


@pytest.mark.parametrize(
    "source",
    [
        "import time\nprint('up', flush=True)\ntime.sleep(60)",
        "import asyncio\nprint('up', flush=True)\nwhile True: await asyncio.sleep(0.01)",
    ],
)
def test_an_interrupted_cell_is_told_apart(kernel: Kernel, source: str) -> None:
    """Step 3: KILLED is another end than FAILED, also for a cell that awaits."""
    kernel.run(START, "a")
    outputs = kernel.outputs(kernel.start(source, "b"))
    assert next(outputs).startswith("up")
    assert kernel.manager is not None
    kernel.manager.interrupt_kernel()
    assert list(outputs)
    assert kernel.run("print(watched.executions[-2].error.interrupted)", "c").strip() == "True"


@SUBSHELLS
def test_a_live_front_end_gives_unsaved_edits_while_a_cell_runs(kernel: Kernel, tmp_path: Path) -> None:
    """R1.11: the message of the running cell arrives on a subshell's thread, and the revision waits for it."""
    write_notebook(tmp_path / "work.ipynb", "on disk")
    kernel.run(START, "a")
    target = (
        "def take(comm, message):\n"
        "    comm.on_msg(lambda message: watched.sync(message['content']['data'], comm.comm_id))\n"
        "    watched.sync(message['content']['data'], comm.comm_id)\n"
        "get_ipython().kernel.comm_manager.register_target('test-trackside', take)"
    )
    kernel.run(target, "b")
    subshell = kernel.subshell()
    cells = {key: {"cell_type": "code", "source": key, "metadata": {}} for key in ("before", "running", "after")}
    first = {"path": "work.ipynb", "notebook_id": None, "metadata": {}, "order": list(cells), "cells": cells}
    kernel.comm("comm_open", {**first, "scheduled": []}, subshell)
    kernel.run("while not watched.is_live: pass", "wait")
    edited = {"after": {"cell_type": "code", "source": "unsaved edit", "metadata": {}}}
    request = kernel.start("print('up', flush=True)\n" + TELL, "running")
    outputs = kernel.outputs(request)
    assert next(outputs).startswith("up")
    kernel.comm("comm_msg", {**first, "cells": edited, "scheduled": ["running"]}, subshell)
    path, shown, captured = told("".join(outputs).strip())
    assert (path, shown) == (str(tmp_path / "work.ipynb"), "work.ipynb")
    sources = [cell["source"] for cell in captured.notebook["cells"]]
    assert sources[-1] == "unsaved edit"
    assert sources[-2].endswith(TELL)


def test_a_kernel_that_a_server_started_trusts_its_session_name(environment: dict[str, str], tmp_path: Path) -> None:
    work = write_notebook(tmp_path / "work.ipynb", START, TELL)
    session_environment = {**environment, "JPY_SESSION_NAME": str(work)}
    started = Kernel(*start_new_kernel(kernel_name="python3", cwd=str(tmp_path), env=session_environment))
    try:
        started.run(START, "cell-0")
        path, _, captured = told(started.run(TELL, "cell-1").strip())
        assert path == str(work)
        assert [order for _, order in order_of(captured)] == [[1], [2]]
    finally:
        started.stop()


def test_vs_code_tells_the_path_by_its_variable(kernel: Kernel, tmp_path: Path) -> None:
    """VS Code's cell ids are addresses that the file does not have: cells are found by their source."""
    work = write_notebook(tmp_path / "work.ipynb", START, TELL)
    kernel.run(f"__vsc_ipynb_file__ = {str(work)!r}")
    kernel.run(START, "vscode-notebook-cell:/work.ipynb#W0sZmlsZQ%3D%3D")
    path, _, captured = told(kernel.run(TELL, "vscode-notebook-cell:/work.ipynb#W1sZmlsZQ%3D%3D").strip())
    assert path == str(work)
    assert [order for _, order in order_of(captured)] == [[1], [2], [3]]


def test_a_console_has_no_notebook_and_its_history_is_the_revision(kernel: Kernel, tmp_path: Path) -> None:
    write_notebook(tmp_path / "unrelated.ipynb", START, TELL)
    kernel.run(START)
    path, shown, captured = told(kernel.run(TELL).strip())
    assert (path, shown, captured.file_name) == ("None", "", "notebook.ipynb")
    assert [order for _, order in order_of(captured)] == [[1], [2]]
    assert captured.notebook["metadata"]["trackside"] == {"content": "history"}


def test_a_kernel_that_loads_trackside_by_itself_knows_its_first_cell(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """Restart and run all: nothing is missed, though Trackside is only loaded when the first cell runs."""
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    shutil.copy(SOURCE / "trackside" / "startup" / "50-trackside.py", startup)
    write_notebook(tmp_path / "work.ipynb", "x = 1", CURRENT + TELL)
    del environment["TRACKSIDE_DISABLED"]
    run_program(environment, tmp_path, "jupyter", "execute", "work.ipynb", "--inplace")
    _, _, captured = told_in(tmp_path / "work.ipynb")
    assert [order for _, order in order_of(captured)] == [[1], [2]]
    assert all(cell["metadata"]["trackside"]["executed_at"][0] for cell in captured.notebook["cells"])


@SUBSHELLS
def test_loaded_while_a_cell_runs_that_cell_is_the_current_one(kernel: Kernel) -> None:
    """The sidebar may be opened for the first time during a long cell."""
    kernel.run("early = 1", "a")
    running = "print('up', flush=True)\nwhile 'watched' not in globals(): pass\nprint(watched.current_cell.number)"
    outputs = kernel.outputs(kernel.start(running, "b"))
    assert next(outputs).startswith("up")
    kernel.start(START, subshell=kernel.subshell(), silent=True)
    assert "".join(outputs).split()[-1] == "2"
    assert (
        kernel.run("print([run.ok for run in watched.executions[1:2]], watched.current_cell.number)", "c")
        == "[True] 3\n"
    )


def test_two_kernels_on_one_notebook_have_a_revision_each(environment: dict[str, str], tmp_path: Path) -> None:
    """Bad input: two kernels on the same notebook."""
    work = write_notebook(tmp_path / "work.ipynb", START, "x = 1", TELL)
    before = work.read_bytes()
    environment["TRACKSIDE_NOTEBOOK"] = str(work)
    started = [start_new_kernel(kernel_name="python3", cwd=str(tmp_path), env=environment) for _ in range(2)]
    kernels = [Kernel(*each) for each in started]
    try:
        for each in kernels:
            each.run(START, "cell-0")
        kernels[0].run("x = 1", "cell-1")
        shown = [told(each.run(TELL, "cell-2").strip())[2] for each in kernels]
    finally:
        for each in kernels:
            each.stop()
    assert [[order for _, order in order_of(each)] for each in shown] == [[[1], [2], [3]], [[1], [], [2]]]
    assert work.read_bytes() == before


@pytest.mark.server
def test_a_jupyter_server_started_from_a_cell_gives_its_kernels_their_own_path(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """The server inherits the path of the notebook whose cell started it, and sets another for each kernel."""
    work = write_notebook(tmp_path / "sub" / "work.ipynb", START, TELL)
    environment["JPY_SESSION_NAME"] = str(tmp_path / "outer.ipynb")
    with running_server(environment, tmp_path) as ask:
        model = {"path": "sub/work.ipynb", "name": "work.ipynb", "type": "notebook", "kernel": {"name": "python3"}}
        kernel_id = ask("api/sessions", model)["kernel"]["id"]
        client = BlockingKernelClient(connection_file=str(tmp_path / "runtime" / f"kernel-{kernel_id}.json"))
        client.load_connection_file()
        client.start_channels(hb=False)
        client.wait_for_ready(timeout=TIMEOUT_S)
        served = Kernel(None, client)
        served.run(START, "cell-0")
        path, shown, captured = told(served.run(TELL, "cell-1").strip())
        assert (path, shown) == (str(work), "sub/work.ipynb")
        assert [order for _, order in order_of(captured)] == [[1], [2]]
        assert served.run("print(watched.kernel_id)").strip() == kernel_id
        client.stop_channels()


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
