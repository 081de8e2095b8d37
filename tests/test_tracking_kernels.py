"""Real kernels: what becomes of runs when cells fail, are interrupted, or the kernel ends."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

import trackside
from trackside.tracking import session

from .browser.waiting import wait_until
from .kernels import Kernel, execute, start_kernel

LOAD = "%load_ext trackside\nimport trackside as ts"
WORK = "for _ in iter(int, 1): __import__('time').sleep(0.01)"
"""Goes on until it is interrupted. CPython notices an interrupt between steps, never as one long sleep begins."""


@pytest.fixture
def notebook(workspace: Path) -> Path:
    path = workspace / "train.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}))
    return path


@pytest.fixture
def environment(script_environment: dict[str, str], notebook: Path, workspace: Path) -> dict[str, str]:
    """Of a kernel in which nothing loads by itself and that knows its notebook."""
    return {
        **script_environment,
        "IPYTHONDIR": str(workspace / "ipython"),
        "TRACKSIDE_DISABLED": "1",
        "TRACKSIDE_NOTEBOOK": str(notebook),
    }


@pytest.fixture
def kernel(workspace: Path, environment: dict[str, str]) -> Iterator[Kernel]:
    with start_kernel(workspace, environment) as started:
        assert started.run(LOAD).status == "ok"
        yield started


def runs() -> dict[str, trackside.Run]:
    """All runs of the store by name."""
    found = trackside.search_runs(search_all_experiments=True, output_format="list")
    return {run.info.run_name: run for run in found}


def test_a_run_of_a_kernel_has_its_notebook_revision_and_environment(kernel: Kernel, notebook: Path) -> None:
    """R1.1, R1.10, R1.11, R2.2"""
    answer = kernel.run("with ts.start_run(run_name='one') as run:\n    ts.log_metric('loss', 1)")
    assert (answer.status, answer.stderr) == ("ok", "")
    run = runs()["one"]
    tags = run.data.tags
    assert trackside.get_experiment(run.info.experiment_id).name == "train.ipynb"
    assert (tags["mlflow.source.type"], tags["mlflow.source.name"]) == ("NOTEBOOK", "train.ipynb")
    artifacts = session.current_store().artifacts(run.info.run_id)
    revision = json.loads(artifacts.read_bytes(tags["trackside.revision.path"]))
    assert "ts.log_metric('loss', 1)" in revision["cells"][-1]["source"]
    assert {found.path for found in artifacts.list("environment")} == {
        "environment/environment.json",
        "environment/requirements.txt",
    }


def test_a_run_that_a_failing_cell_started_fails_with_it(kernel: Kernel) -> None:
    kernel.run("ts.start_run(run_name='bare'); ts.start_run(run_name='inner', nested=True); 1 / 0")
    found = runs()
    for name in ("bare", "inner"):
        assert found[name].info.status == "FAILED"
        assert found[name].data.tags["trackside.error.type"] == "ZeroDivisionError"
        assert found[name].data.tags["trackside.error.message"] == "division by zero"
    assert kernel.run("print(ts.active_run())").stdout == "None\n"


def test_a_run_of_an_earlier_cell_outlives_a_failing_one(kernel: Kernel) -> None:
    kernel.run("run = ts.start_run(run_name='long')")
    kernel.run("ts.start_run(run_name='inner', nested=True); 1 / 0")
    kernel.run("ts.log_metric('after', 1); ts.flush()")
    found = runs()
    assert (found["long"].info.status, found["inner"].info.status) == ("RUNNING", "FAILED")
    assert found["long"].data.metrics == {"after": 1.0}


def test_a_run_that_logging_started_fails_with_its_cell(kernel: Kernel) -> None:
    kernel.run("ts.log_metric('a', 1); 1 / 0")
    (run,) = runs().values()
    assert run.info.status == "FAILED"


@pytest.mark.parametrize(
    "source",
    [
        f"ts.start_run(run_name='run')\nprint('ready', flush=True)\n{WORK}",
        f"with ts.start_run(run_name='run'):\n    print('ready', flush=True)\n    {WORK}",
        f"%%track run\nprint('ready', flush=True)\n{WORK}",
        "%%track run\nimport asyncio\nprint('ready', flush=True)\nwhile True: await asyncio.sleep(0.01)",
    ],
    ids=["bare", "with", "magic", "await"],
)
def test_an_interrupt_kills_the_run_of_the_cell(kernel: Kernel, source: str) -> None:
    cell = kernel.begin(source)
    kernel.wait_for(cell, "ready")
    kernel.manager.interrupt_kernel()
    assert kernel.finish(cell).status == "error"
    run = runs()["run"]
    assert run.info.status == "KILLED"
    assert run.data.tags["trackside.error.type"] in ("KeyboardInterrupt", "CancelledError")
    assert run.info.end_time is not None


def test_a_kernel_that_restarts_kills_its_open_run(kernel: Kernel) -> None:
    kernel.run("ts.start_run(run_name='open')")
    kernel.restart()
    run = runs()["open"]
    assert run.info.status == "KILLED"
    assert run.data.tags["trackside.error.type"] == "KernelStopped"


@pytest.mark.parametrize(("last", "status"), [("x = 1", "FINISHED"), ("1 / 0", "FAILED")])
def test_a_notebook_that_a_program_executes_ends_its_run_as_a_script_does(
    workspace: Path, environment: dict[str, str], notebook: Path, last: str, status: str
) -> None:
    """R1.3: the run is left active, as scripts do; MLflow says FINISHED."""
    sources = [LOAD, "ts.start_run(run_name='open')", "ts.log_metric('loss', 1)", last]
    content = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    nbformat.write(content, notebook)
    done = execute(sys.executable, "-m", "jupyter", "execute", notebook.name, env=environment, cwd=workspace)
    assert (done.returncode == 0) == (status == "FINISHED")
    run = runs()["open"]
    assert run.info.status == status
    assert run.data.tags.get("trackside.error.type") == (None if status == "FINISHED" else "ZeroDivisionError")
    assert run.data.metrics == {"loss": 1.0}


def test_a_kernel_that_was_killed_ends_its_runs_when_it_is_back(kernel: Kernel) -> None:
    """Out of memory, crashed, or too busy to be asked: the server starts a kernel with the same id."""
    kernel.run("ts.start_run(run_name='open', tags={'trackside.kernel.id': 'k'}); run = ts.start_run(nested=True)")
    kernel.run("ts.end_run()")
    kernel.client.stop_channels()
    kernel.manager.restart_kernel(now=True)
    kernel.connect()
    assert runs()["open"].info.status == "RUNNING"
    kernel.run(LOAD)
    kernel.run("from trackside.notebook import session; session.current().kernel_id = 'k'")
    answer = kernel.run("with ts.start_run(run_name='next'): pass\nts.start_run(run_name='going on').capture.finish()")
    assert (answer.status, answer.stderr) == ("ok", "")
    found = runs()
    assert found["open"].info.status == "KILLED"
    assert found["open"].info.end_time is not None
    assert found["open"].data.tags["trackside.error.type"] == "KernelDied"
    assert (found["next"].info.status, found["going on"].info.status) == ("FINISHED", "RUNNING")


def test_the_panel_ends_the_runs_of_a_kernel_that_was_killed(kernel: Kernel) -> None:
    """R4.1, R1.3: nobody has to start another run to see that the last one is over."""
    kernel.run("ts.start_run(run_name='open', tags={'trackside.kernel.id': 'k'}).capture.finish()")
    kernel.client.stop_channels()
    kernel.manager.restart_kernel(now=True)
    kernel.connect()
    kernel.run(LOAD)
    kernel.run("from trackside.notebook import session; session.current().kernel_id = 'k'")
    assert runs()["open"].info.status == "RUNNING"
    kernel.run("from trackside.widgets.sidebar import sidebar; panel = sidebar()")
    wait_until(lambda: runs()["open"].info.status == "KILLED")
    assert runs()["open"].data.tags["trackside.error.type"] == "KernelDied"


def test_runs_after_a_restart_go_to_the_same_experiment(kernel: Kernel) -> None:
    """R2.2"""
    kernel.run("with ts.start_run(run_name='first'): pass")
    kernel.restart()
    kernel.run(LOAD)
    kernel.run("with ts.start_run(run_name='second'): pass")
    found = runs()
    assert found["first"].info.experiment_id == found["second"].info.experiment_id
    assert found["first"].data.tags["trackside.notebook.id"] == found["second"].data.tags["trackside.notebook.id"]


def test_two_kernels_on_one_notebook_share_its_experiment(
    workspace: Path, environment: dict[str, str], notebook: Path
) -> None:
    """R2.2: both make their first run at the same moment."""
    source = "with ts.start_run(run_name={!r}): ts.log_metric('loss', 1)"
    with start_kernel(workspace, environment) as one, start_kernel(workspace, environment) as two:
        for kernel in (one, two):
            kernel.run(LOAD)
        cells = [kernel.begin(source.format(name)) for kernel, name in ((one, "one"), (two, "two"))]
        for kernel, cell in zip((one, two), cells, strict=True):
            answer = kernel.finish(cell)
            assert (answer.status, answer.stderr) == ("ok", "")
    found = runs()
    assert found["one"].info.experiment_id == found["two"].info.experiment_id
    names = {experiment.name for experiment in trackside.search_experiments()}
    assert names == {"Default", "train.ipynb"}


def test_an_error_of_trackside_shows_the_users_own_lines_only(kernel: Kernel) -> None:
    answer = kernel.run("def log():\n    ts.log_metric('loss', 'high')\n\nlog()")
    assert answer.status == "error"
    assert "----> 2     ts.log_metric('loss', 'high')" in answer.error
    assert "fluent.py" not in answer.error
    assert "metric 'loss' of run" in answer.error
    assert "hint: log texts with log_param" in answer.error


def test_the_cause_of_an_error_of_trackside_is_not_shown(kernel: Kernel, workspace: Path) -> None:
    """What SQLite raised is in the message already."""
    (workspace / "broken.db").write_text("no database" * 1000)
    answer = kernel.run("ts.set_tracking_uri('sqlite:///broken.db')\nts.search_runs(['0'])")
    assert "StoreUnreadableError" in answer.error
    assert "sqlite3" not in answer.error
    assert "direct cause" not in answer.error


def test_a_cell_with_a_magic_runs_where_the_store_cannot_be_written(
    workspace: Path, environment: dict[str, str]
) -> None:
    """Bad input: what the cell logs is lost, and the cell is not."""
    (workspace / "file").write_text("a file where a folder is needed")
    environment = {**environment, "MLFLOW_TRACKING_URI": f"sqlite:///{workspace}/file/mlflow.db"}
    with start_kernel(workspace, environment) as kernel:
        kernel.run(LOAD)
        answer = kernel.run("%%track lost depth=3\nts.log_metric('loss', 1)\nresult = 6 * 7\nresult")
        assert (answer.status, answer.texts) == ("ok", ["42"])
        assert len(answer.stderr.splitlines()) == 1
        assert answer.stderr.startswith("Trackside: this cell is not tracked: ")
        assert kernel.run("result").texts == ["42"]
        after = kernel.run("print(ts.active_run(), ts.get_tracking_uri())").stdout
        assert after == f"None sqlite:///{workspace}/file/mlflow.db\n"
    assert not list(workspace.glob("*.db"))


@pytest.mark.skipif(not Path("/sys/kernel").is_dir(), reason="needs a folder that not even root can write")
def test_a_cell_runs_in_a_folder_that_its_kernel_may_not_write(environment: dict[str, str]) -> None:
    """Bad input: a kernel without write permission in its directory."""
    with start_kernel(Path("/sys"), environment) as kernel:
        kernel.run(LOAD)
        answer = kernel.run("%%track lost\nts.log_metric('loss', 1)\n6 * 7")
        assert (answer.status, answer.texts, len(answer.stderr.splitlines())) == ("ok", ["42"], 1)
        for expected in ("this cell is not tracked", "/sys/mlflow.db", "set_tracking_uri"):
            assert expected in answer.stderr
        assert "StoreReadOnlyError" in kernel.run("ts.start_run()").error
        assert kernel.run("6 * 7").texts == ["42"]


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_cell_runs_and_a_damaged_database_is_left_as_it_is(
    workspace: Path, environment: dict[str, str], content: bytes
) -> None:
    """Bad input: a corrupt or foreign file at the tracking URI."""
    (workspace / "mlflow.db").write_bytes(content)
    with start_kernel(workspace, environment) as kernel:
        kernel.run(LOAD)
        answer = kernel.run("%%track lost\n6 * 7")
        assert (answer.status, answer.texts, len(answer.stderr.splitlines())) == ("ok", ["42"], 1)
        assert "is damaged, or is no SQLite database" in answer.stderr
        assert "StoreUnreadableError" in kernel.run("ts.start_run()").error
    assert (workspace / "mlflow.db").read_bytes() == content


def test_a_cell_runs_where_no_store_answers_to_the_uri(workspace: Path, environment: dict[str, str]) -> None:
    """Bad input: an unknown URI scheme."""
    environment = {**environment, "MLFLOW_TRACKING_URI": "carrier-pigeon://coop"}
    with start_kernel(workspace, environment) as kernel:
        kernel.run(LOAD)
        answer = kernel.run("%%track lost\n6 * 7")
        assert (answer.status, answer.texts, len(answer.stderr.splitlines())) == ("ok", ["42"], 1)
        assert "unknown scheme 'carrier-pigeon'" in answer.stderr
        assert "UnknownStoreError" in kernel.run("ts.start_run()").error


def test_a_run_of_a_notebook_whose_file_is_broken_keeps_what_was_executed(kernel: Kernel, notebook: Path) -> None:
    """Bad input: a notebook with invalid JSON on disk."""
    notebook.write_text('{"cells": [ broken', encoding="utf-8")
    answer = kernel.run("with ts.start_run(run_name='one'): x = 'kept'")
    assert (answer.status, answer.stderr) == ("ok", "")
    run = runs()["one"]
    text = session.current_store().artifacts(run.info.run_id).read_bytes(run.data.tags["trackside.revision.path"])
    assert "x = 'kept'" in json.loads(text)["cells"][-1]["source"]
    assert notebook.read_text(encoding="utf-8") == '{"cells": [ broken'
