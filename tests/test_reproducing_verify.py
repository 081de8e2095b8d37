"""Runs of real notebooks, cloned, run again in their environment, and held against the original."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

import trackside
from trackside.cli import main
from trackside.reproducing.process import CancelledError
from trackside.reproducing.progress import Progress, StepName, StepState
from trackside.reproducing.reproduction import Options, reproduce_run
from trackside.stores.uri import open_store

from .kernels import execute
from .processes import Program
from .reproducing_world import cancelled_at, is_running, make_notebook, make_record, make_run, places, wait_for

if TYPE_CHECKING:
    from trackside.stores.base import Store

__all__ = ["places"]

Captured = pytest.CaptureFixture[str]
TRACKED = """import random, trackside
random.seed(3)
with trackside.start_run(run_name="first"):
    trackside.log_input("data.csv")
    trackside.log_param("depth", 3)
    trackside.log_metric("loss", random.random())
    trackside.log_metric("rows", len(open("data.csv").read()) if SAME else 1)
    trackside.log_metric("none", float("nan"))
"""
BY_MLFLOW = """import mlflow
with mlflow.start_run(run_name="by mlflow"):
    mlflow.log_param("depth", 3)
    mlflow.log_metric("loss", 0.25)
"""


def make_run_here(source: str) -> tuple[Store, trackside.Run]:
    """A run of this cell in the environment of the tests."""
    here = {**make_record()["python"], "executable": sys.executable}
    distributions = [{"name": "trackside", "version": trackside.__version__}]
    return make_run(make_notebook(source), record=make_record(python=here, distributions=distributions))


def run_notebook(notebook: Path, *sources: str, uri: str = "") -> None:
    """Run a notebook as its author did."""
    content = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    nbformat.write(content, notebook)
    environment = {**os.environ, **({"MLFLOW_TRACKING_URI": uri} if uri else {})}
    done = execute(sys.executable, "-m", "jupyter", "execute", notebook.name, cwd=notebook.parent, env=environment)
    assert done.returncode == 0, done.stderr


def verdict(capsys: Captured, *words: str) -> tuple[int, dict[str, Any]]:
    """The exit code of ``trackside reproduce --verify``, and what it says."""
    capsys.readouterr()
    code = main(["--json", "reproduce", *words, "--verify"])
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, told["verification"]


def test_a_run_is_reproduced_and_the_new_run_is_linked_to_it(
    workspace: Path, places: tuple[Path, Path], capsys: Captured
) -> None:
    """R7.3, R7.4, R7.5: the same result; another one with its likely reasons; a notebook that fails."""
    (workspace / "data.csv").write_text("x\n1\n")
    absolute = TRACKED.replace('"data.csv"', repr(str(workspace / "data.csv")))
    run_notebook(workspace / "train.ipynb", "SAME = True", absolute)
    code, told = verdict(capsys, "first", "--to", "again")
    assert (code, told["verdict"], told["error"]) == (0, "same", "")
    store = open_store("sqlite:///mlflow.db")
    new = store.get_run(told["run_id"])
    tags = new.data.tags
    assert told["reproduces"] == tags["trackside.reproduces"] != new.info.run_id
    assert tags["trackside.reproduction.verdict"] == "same"
    assert tags["trackside.notebook.path"].endswith("again/train.ipynb")
    kept = {file.path for file in store.artifacts(new.info.run_id).list("reproduction")}
    assert kept == {f"reproduction/{name}" for name in ("report.html", "report.md", "report.json", "train.ipynb")}
    assert new.info.experiment_id == store.get_run(told["reproduces"]).info.experiment_id

    (workspace / "data.csv").write_text("x\n1\n2\n")
    original = told["reproduces"]
    code, told = verdict(capsys, original, "--to", "other", "--tolerance", "1e-3", "--tolerance", "loss=0.5")
    assert (code, told["verdict"]) == (3, "different")
    assert {one["key"]: one["tolerance"] for one in told["metrics"]} == {"loss": 0.5, "none": 1e-3, "rows": 1e-3}
    assert [one["key"] for one in told["metrics"] if not one["is_same"]] == ["rows"]
    assert told["reasons"][0]["kind"] == "data"
    assert "data.csv" in told["reasons"][0]["text"]

    (workspace / "data.csv").unlink()
    code, told = verdict(capsys, original, "--to", "broken")
    assert (code, told["verdict"]) == (4, "failed")
    assert "data.csv" in told["error"]


@pytest.mark.server
@pytest.mark.interop
def test_a_run_of_mlflows_own_client_on_a_server_is_reproduced(
    workspace: Path, places: tuple[Path, Path], mlflow_server: Any, capsys: Captured
) -> None:
    """R7.4: every store, and runs that MLflow logged in a notebook with Trackside loaded."""
    run_notebook(workspace / "train.ipynb", BY_MLFLOW, uri=mlflow_server.url)
    code, told = verdict(capsys, "by mlflow", "--uri", mlflow_server.url, "--to", "again")
    assert (code, told["verdict"]) == (0, "same")
    new = open_store(mlflow_server.url).get_run(told["run_id"])
    assert new.data.tags["trackside.reproduces"] == told["reproduces"]


def test_a_clone_that_logs_nothing_is_told(workspace: Path, places: tuple[Path, Path]) -> None:
    """R7.3: from Python, with the lines of the log."""
    _, run = make_run_here("print(1)")
    lines: list[str] = []
    done = trackside.reproduce(run.info.run_id, "again", verify=True, log=lines.append)
    assert done.verification is not None
    assert (done.verification.verdict.value, done.verification.run_id) == ("no-run", None)
    assert "cell 1 of 1" in lines


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX's")
def test_a_verification_that_is_stopped_stops_the_clones_kernel(workspace: Path, places: tuple[Path, Path]) -> None:
    """R7.2, R7.3: whether it is cancelled or the process that asked for it is killed; the clone stays."""
    began = workspace / "began"
    store, run = make_run_here(
        f"import os, pathlib, time\npathlib.Path({str(began)!r}).write_text(str(os.getpid()))\ntime.sleep(600)\n"
    )
    progress = Progress()
    with cancelled_at(began, progress), pytest.raises(CancelledError):
        reproduce_run(store, run, Options(folder=Path("cancelled"), verify=True), progress)
    wait_for(lambda: not is_running(int(began.read_text())))
    assert {step.name: step.state for step in progress.steps}[StepName.RUN] is StepState.CANCELLED
    assert (workspace / "cancelled/train.ipynb").is_file()

    began.unlink()
    program = Program(f"import trackside\ntrackside.reproduce({run.info.run_id!r}, 'killed', verify=True)")
    wait_for(lambda: began.exists() and began.read_text())
    program.kill()
    wait_for(lambda: not is_running(int(began.read_text())))
