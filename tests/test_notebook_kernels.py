"""Real kernels, driven as JupyterLab, VS Code and consoles drive them: the revision is what was executed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import ipykernel
import pytest

from .kernels import start_ready
from .notebook_kernels import (
    CURRENT,
    SOURCE,
    START,
    TELL,
    Kernel,
    clean_environment,
    order_of,
    run_program,
    running_server,
    served_kernel,
    told,
    told_in,
    write_notebook,
)

SUBSHELLS = pytest.mark.skipif(ipykernel.version_info < (7,), reason="ipykernel 6 has no subshells")


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    return clean_environment(tmp_path, monkeypatch)


@pytest.fixture
def kernel(environment: dict[str, str], tmp_path: Path) -> Iterator[Kernel]:
    manager, client = start_ready(cwd=str(tmp_path), env=environment)
    started = Kernel(manager, client)
    yield started
    started.stop()


@pytest.mark.parametrize(
    "source",
    [
        "import time\nprint('up', flush=True)\nwhile True: time.sleep(0.01)",
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
    started = Kernel(*start_ready(cwd=str(tmp_path), env=session_environment))
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
    started = [start_ready(cwd=str(tmp_path), env=environment) for _ in range(2)]
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
    with (
        running_server(environment, tmp_path) as ask,
        served_kernel(ask, tmp_path, "sub/work.ipynb") as (kernel_id, served),
    ):
        served.run(START, "cell-0")
        path, shown, captured = told(served.run(TELL, "cell-1").strip())
        assert (path, shown) == (str(work), "sub/work.ipynb")
        assert [order for _, order in order_of(captured)] == [[1], [2]]
        assert served.run("print(watched.kernel_id)").strip() == kernel_id
