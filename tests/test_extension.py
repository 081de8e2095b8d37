"""Loading: by ``%load_ext``, or by itself when a kernel that was left to wait first needs it."""

from __future__ import annotations

import builtins
import json
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import trackside
from trackside import extension
from trackside.notebook import session as notebook_session

from .kernels import start_kernel
from .notebook_shells import make_shell

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

STARTUP = Path(__file__).parents[1] / "src" / "trackside" / "startup" / "50-trackside.py"


class CommManager:
    """A kernel's comm manager."""

    def __init__(self) -> None:
        self.targets: dict[str, Callable[..., object]] = {}

    def register_target(self, name: str, target: Callable[..., object]) -> None:
        self.targets[name] = target

    def unregister_target(self, name: str, _target: Callable[..., object]) -> None:
        self.targets.pop(name)


class FakeKernel:
    def __init__(self) -> None:
        self.comm_manager = CommManager()


class FakeComm:
    def __init__(self) -> None:
        self.comm_id, self.sent = "comm", list[dict[str, Any]]()

    def send(self, data: dict[str, Any]) -> None:
        self.sent.append(data)

    def on_msg(self, callback: object) -> None:
        """Nothing comes."""

    def on_close(self, callback: object) -> None:
        """Nothing closes."""


@pytest.fixture
def shell(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """The shell of a kernel."""
    made = make_shell(workspace, monkeypatch)
    made.kernel = FakeKernel()
    yield made
    extension.unload(made)


@pytest.fixture
def terminal(shell: InteractiveShell) -> InteractiveShell:
    del shell.kernel
    return shell


def wait(shell: InteractiveShell) -> None:
    """What IPython does with the startup file."""
    shell.safe_execfile(str(STARTUP), shell.user_ns, raise_exceptions=True, shell_futures=True)


def is_loaded(shell: InteractiveShell) -> bool:
    return "track" in shell.magics_manager.magics["line"]


def run(shell: InteractiveShell, source: str) -> Any:
    return shell.run_cell(source, store_history=True)


def test_load_ext_registers_magics_session_and_comm_target(shell: InteractiveShell) -> None:
    """R3.4: %load_ext trackside."""
    run(shell, "%load_ext trackside")
    assert is_loaded(shell)
    assert notebook_session.current() is not None
    assert shell.kernel.comm_manager.targets["trackside"] == extension._comm_opens


def test_loading_twice_is_loading_once(shell: InteractiveShell) -> None:
    extension.load(shell)
    before = {event: list(found) for event, found in shell.events.callbacks.items()}
    transformers = list(shell.input_transformers_cleanup)
    extension.load(shell)
    run(shell, "%reload_ext trackside")
    assert {event: len(found) for event, found in shell.events.callbacks.items()} == {
        event: len(found) for event, found in before.items()
    }
    assert len(shell.input_transformers_cleanup) == len(transformers)


def test_unloading_takes_everything_back(shell: InteractiveShell) -> None:
    before = {event: list(found) for event, found in shell.events.callbacks.items()}
    transformers = list(shell.input_transformers_cleanup)
    extension.load(shell)
    extension.unload(shell)
    extension.unload(shell)
    assert not is_loaded(shell)
    assert notebook_session.current() is None
    assert shell.kernel.comm_manager.targets == {}
    assert dict(shell.events.callbacks) == before
    assert shell.input_transformers_cleanup == transformers


def test_a_terminal_has_the_magics_and_no_notebook(terminal: InteractiveShell) -> None:
    run(terminal, "%load_ext trackside")
    assert is_loaded(terminal)
    assert notebook_session.current() is None
    run(terminal, "%%track typed\n1 / 0")
    (found,) = trackside.search_runs(["0"], output_format="list")
    assert (found.info.status, found.data.tags["mlflow.source.type"]) == ("FAILED", "LOCAL")


def test_a_failing_cell_ends_its_runs_through_the_session(shell: InteractiveShell) -> None:
    extension.load(shell)
    run(shell, "1 / 0")
    run(shell, "import trackside; trackside.start_run(run_name='bare'); 1 / 0")
    (found,) = trackside.search_runs(search_all_experiments=True, output_format="list")
    assert found.info.status == "FAILED"


def test_the_comm_is_handed_to_the_sidebar(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    from trackside.widgets import host

    opened: list[object] = []
    monkeypatch.setattr(host, "connect", lambda comm, message: opened.extend([comm, message]))
    extension.load(shell)
    comm, message = FakeComm(), {"content": {"data": {}}}
    shell.kernel.comm_manager.targets["trackside"](comm, message)
    assert opened == [comm, message]


def test_a_sidebar_that_cannot_be_loaded_says_so_to_the_front_end(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("trackside.widgets.host", raising=False)
    monkeypatch.setitem(sys.modules, "trackside.widgets.host", None)
    extension.load(shell)
    comm = FakeComm()
    shell.kernel.comm_manager.targets["trackside"](comm, {})
    (sent,) = comm.sent
    assert sent["kind"] == "panel.failed"
    assert "trackside.widgets" in sent["message"]


def test_a_waiting_kernel_loads_with_its_first_cell(shell: InteractiveShell) -> None:
    """R1.11: also of the first cell the revision knows that it ran."""
    names = set(shell.user_ns)
    wait(shell)
    assert set(shell.user_ns) == names
    assert not is_loaded(shell)
    run(shell, "x = 1")
    assert is_loaded(shell)
    current = notebook_session.current()
    assert current is not None
    assert [execution.source for execution in current.executions] == ["x = 1"]
    run(shell, "y = 2")
    assert len(current.executions) == 2
    assert current.executions[1].ok


@pytest.mark.parametrize("source", ["%%track one\nx = 1", "%track start one\n%track end"])
def test_magics_work_in_the_first_cell(shell: InteractiveShell, source: str) -> None:
    wait(shell)
    assert run(shell, source).success
    (found,) = trackside.search_runs(search_all_experiments=True, output_format="list")
    assert (found.info.run_name, found.info.status) == ("one", "FINISHED")


def test_a_waiting_kernel_loads_when_the_front_end_connects(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trackside.widgets import host

    opened: list[object] = []
    monkeypatch.setattr(host, "connect", lambda comm, message: opened.append(comm))
    wait(shell)
    comm = FakeComm()
    shell.kernel.comm_manager.targets["trackside"](comm, {})
    assert opened == [comm]
    assert is_loaded(shell)
    run(shell, "x = 1")
    current = notebook_session.current()
    assert current is not None
    assert len(current.executions) == 1


@pytest.mark.parametrize("source", ["%%track one\nx = 1", "%track start one\n%track end"])
def test_a_cell_that_begins_while_the_front_end_connects_has_the_magics(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    """The panel that is open as JupyterLab starts connects in a subshell, just before *Run All* runs the first cell."""
    from trackside.widgets import host

    loading, go_on, load = threading.Event(), threading.Event(), extension.load

    def take_its_time(ipython: object) -> None:
        loading.set()
        assert go_on.wait(120)
        load(ipython)

    monkeypatch.setattr(extension, "load", take_its_time)
    monkeypatch.setattr(host, "connect", lambda comm, message: None)
    wait(shell)
    connects = threading.Thread(target=shell.kernel.comm_manager.targets["trackside"], args=(FakeComm(), {}))
    connects.start()
    assert loading.wait(120)
    threading.Timer(0.2, go_on.set).start()
    assert run(shell, source).success
    connects.join()
    current = notebook_session.current()
    assert current is not None
    assert [execution.source for execution in current.executions] == [source]


def test_waiting_leaves_no_trace_after_loading(shell: InteractiveShell) -> None:
    wait(shell)
    wait(shell)
    run(shell, "x = 1")
    hooks = [*shell.events.callbacks["pre_run_cell"], *shell.input_transformers_cleanup]
    assert not [hook for hook in hooks if "_Waiting" in getattr(hook, "__qualname__", "")]


@pytest.mark.parametrize("value", ["1", "true", " ON "])
def test_disabled_means_not_waiting(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("TRACKSIDE_DISABLED", value)
    wait(shell)
    run(shell, "x = 1")
    assert not is_loaded(shell)
    assert shell.kernel.comm_manager.targets == {}
    run(shell, "%load_ext trackside")
    assert is_loaded(shell)


def test_a_fault_of_trackside_is_one_line_and_the_cell_runs(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_shell: object) -> None:
        raise ValueError("broken")

    monkeypatch.setattr(extension, "load", fail)
    wait(shell)
    assert run(shell, "x = 1").success
    assert shell.user_ns["x"] == 1
    run(shell, "x = 2")
    assert capsys.readouterr().err == "Trackside could not be loaded: ValueError: broken\n"


def test_an_uninstalled_trackside_is_not_missed(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real_import = builtins.__import__

    def without(name: str, *arguments: Any, **options: Any) -> Any:
        if name == "trackside":
            raise ModuleNotFoundError("No module named 'trackside'", name="trackside")
        return real_import(name, *arguments, **options)

    wait(shell)
    monkeypatch.setattr(builtins, "__import__", without)
    assert run(shell, "x = 1").success
    monkeypatch.undo()
    assert capsys.readouterr().err == ""


def test_an_ipython_that_is_different_starts_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    source = STARTUP.read_text(encoding="utf-8")
    namespace: dict[str, Any] = {"get_ipython": lambda: None}
    exec(compile(source, str(STARTUP), "exec"), namespace)
    assert "does not wait in this kernel" in capsys.readouterr().err
    assert "_Waiting" not in namespace


def test_a_real_kernel_loads_by_itself(workspace: Path, script_environment: dict[str, str]) -> None:
    """Restart and run all: the first cell is tracked, and nothing had to be typed."""
    notebook = workspace / "train.ipynb"
    notebook.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}))
    folder = workspace / "ipython" / "profile_default" / "startup"
    folder.mkdir(parents=True)
    shutil.copy(STARTUP, folder)
    environment = {**script_environment, "IPYTHONDIR": str(workspace / "ipython"), "TRACKSIDE_NOTEBOOK": str(notebook)}
    with start_kernel(workspace, environment) as kernel:
        answer = kernel.run("%%track first\nx = 1\nx")
        assert (answer.status, answer.stderr, answer.texts) == ("ok", "", ["1"])
        assert "first" in kernel.run("%track runs").texts[0]
        kernel.restart()
        assert kernel.run("import trackside; trackside.start_run(run_name='second'); 1 / 0").status == "error"
        assert kernel.run("[name for name in dir() if 'rackside' in name.lower()]").texts == ["['trackside']"]
    runs = trackside.search_runs(search_all_experiments=True, output_format="list")
    assert [(run.info.run_name, str(run.info.status)) for run in runs] == [("second", "FAILED"), ("first", "FINISHED")]
    revision = runs[1].data.tags["trackside.revision.path"]
    store = trackside.tracking.session.current_store()
    cells = json.loads(store.artifacts(runs[1].info.run_id).read_bytes(revision))["cells"]
    assert cells[0]["source"].startswith("%%track first")
