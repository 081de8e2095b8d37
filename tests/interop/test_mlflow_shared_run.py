"""Trackside and MLflow in one notebook have one active run. The cells hold their own assertions."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trackside.entities import RunStatus

from .mlflow_kernels import Mlflow, start_mlflow_kernel
from .runs import Runs

if TYPE_CHECKING:
    from ..kernels import Kernel

pytest.importorskip("mlflow")
pytestmark = pytest.mark.interop

START = """
import mlflow, trackside, warnings
warnings.simplefilter("ignore")
def params_of(run): return mlflow.get_run(run.info.run_id).data.params
def status_of(run): return mlflow.get_run(run.info.run_id).info.status
def parent_of(run): return mlflow.get_run(run.info.run_id).data.tags.get("mlflow.parentRunId")
def is_free(): return mlflow.active_run() is None and trackside.active_run() is None
"""


@pytest.fixture(scope="module")
def kernel(
    version: Mlflow, make_database: Callable[[Mlflow, Path], None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kernel]:
    folder = tmp_path_factory.mktemp("shared")
    make_database(version, folder)
    with start_mlflow_kernel(folder, dict(os.environ), mlflow=version) as started:
        check(started, START)
        yield started


def check(kernel: Kernel, cell: str) -> None:
    """Execute a cell that is to end well and to leave no run active."""
    answer = kernel.run(cell)
    assert answer.status == "ok", answer.error
    assert "Trackside" not in answer.stderr
    if cell is not START:
        after = kernel.run("assert is_free(), (mlflow.active_run(), trackside.active_run())")
        assert after.status == "ok", after.error


def test_what_trackside_logs_goes_to_the_active_run_of_mlflow(kernel: Kernel) -> None:
    """R3.2. MLflow sees it a moment later, and at once after ``flush``."""
    check(
        kernel,
        """
with mlflow.start_run(run_name="theirs") as theirs:
    assert trackside.active_run().info.run_id == theirs.info.run_id
    trackside.log_param("a", 1)
    trackside.log_metric("b", 2)
    trackside.set_tag("c", 3)
    trackside.log_text("text", "file.txt")
    trackside.flush()
found = mlflow.get_run(theirs.info.run_id)
assert (found.data.params, found.data.metrics["b"], found.data.tags["c"]) == ({"a": "1"}, 2, "3")
assert mlflow.artifacts.load_text(found.info.artifact_uri + "/file.txt") == "text"
assert found.info.status == "FINISHED"
""",
    )


def test_the_magic_joins_and_ends_the_active_run_of_mlflow(kernel: Kernel) -> None:
    """R3.4"""
    check(
        kernel,
        """
theirs = mlflow.start_run(run_name="magic")
%track log loss=0.25
%track tag stage=draft
%track end
assert mlflow.active_run() is None
found = mlflow.get_run(theirs.info.run_id)
assert (found.data.metrics, found.data.tags["stage"], found.info.status) == ({"loss": 0.25}, "draft", "FINISHED")
""",
    )


def test_what_mlflow_logs_goes_to_the_active_run_of_trackside(kernel: Kernel) -> None:
    check(
        kernel,
        """
with trackside.start_run(run_name="ours", tags={"kind": "test"}) as ours:
    active = mlflow.active_run()
    assert (active.info.run_id, active.info.run_name) == (ours.info.run_id, "ours")
    assert active.info.experiment_id == ours.info.experiment_id
    assert active.data.tags["kind"] == "test"
    mlflow.log_param("d", 4)
assert params_of(ours) == {"d": "4"}
assert status_of(ours) == "FINISHED"
""",
    )


def test_autologging_logs_to_the_run_of_a_tracked_cell(kernel: Kernel) -> None:
    check(
        kernel,
        """%%track "cell run"
from sklearn.linear_model import LogisticRegression
mlflow.sklearn.autolog(log_models=False, silent=True)
LogisticRegression(C=7.0).fit([[0], [1], [2], [3]], [0, 0, 1, 1])
mlflow.sklearn.autolog(disable=True)
cell_run = trackside.active_run()
""",
    )
    check(kernel, "assert params_of(cell_run)['C'] == '7.0'")


def test_runs_nest_in_each_other(kernel: Kernel) -> None:
    check(
        kernel,
        """
with mlflow.start_run() as outer:
    with trackside.start_run(nested=True) as middle:
        with mlflow.start_run(nested=True) as inner:
            trackside.log_param("level", "inner")
            assert trackside.active_run().info.run_id == inner.info.run_id
        mlflow.log_param("level", "middle")
    trackside.log_param("level", "outer")
assert [params_of(run)["level"] for run in (outer, middle, inner)] == ["outer", "middle", "inner"]
assert (parent_of(middle), parent_of(inner)) == (outer.info.run_id, middle.info.run_id)
""",
    )


def test_neither_starts_a_second_run_beside_an_active_one(kernel: Kernel) -> None:
    check(
        kernel,
        """
def fails(start):
    try:
        start()
    except Exception as error:
        return "is active already" in str(error) or "is already active" in str(error)
with mlflow.start_run():
    assert fails(trackside.start_run)
with trackside.start_run():
    assert fails(mlflow.start_run)
""",
    )


def test_a_run_of_trackside_that_mlflow_ends_has_ended(kernel: Kernel) -> None:
    check(
        kernel,
        """
ours = trackside.start_run(run_name="ended by mlflow")
mlflow.end_run("KILLED")
assert trackside.active_run() is None
assert trackside.last_active_run().info.run_id == ours.info.run_id
assert status_of(ours) == "KILLED"
with trackside.start_run() as following:
    pass
assert status_of(following) == "FINISHED"
""",
    )


def test_a_cell_that_fails_ends_the_run_of_trackside_in_mlflow_too(kernel: Kernel) -> None:
    answer = kernel.run("failing = trackside.start_run()\n1 / 0")
    assert answer.status == "error"
    check(kernel, "assert status_of(failing) == 'FAILED'")


def test_a_thread_of_mlflow_makes_a_child_of_the_active_run_of_trackside(kernel: Kernel) -> None:
    """MLflow's active runs are those of a thread, so that a thread starts runs of its own."""
    check(
        kernel,
        """
import threading
found = []
def work():
    with mlflow.start_run() as run:
        found.append(run)
with trackside.start_run() as ours:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
assert parent_of(found[0]) == ours.info.run_id
""",
    )


def test_where_mlflow_keeps_its_active_runs_elsewhere_its_runs_become_children(kernel: Kernel) -> None:
    check(
        kernel,
        """
from trackside.tracking import mlflow_loaded
find, mlflow_loaded._find_stack = mlflow_loaded._find_stack, lambda: None
with trackside.start_run() as ours:
    assert mlflow.active_run() is None
    with mlflow.start_run() as theirs:
        pass
mlflow_loaded._find_stack = find
assert parent_of(theirs) == ours.info.run_id
""",
    )


def test_runs_in_different_stores_are_not_shared(kernel: Kernel) -> None:
    check(
        kernel,
        """
import os
from mlflow.tracking import set_tracking_uri
uri = mlflow.get_tracking_uri()
set_tracking_uri(uri)
os.environ["MLFLOW_TRACKING_URI"] = "sqlite:///elsewhere.db"  # MLflow goes on with what it was told
with trackside.start_run():
    assert mlflow.get_tracking_uri() == uri
    assert mlflow.active_run() is None
os.environ["MLFLOW_TRACKING_URI"] = uri
""",
    )


def test_both_follow_the_store_and_the_experiment_that_either_was_told(kernel: Kernel) -> None:
    check(
        kernel,
        """
uri = mlflow.get_tracking_uri()
mlflow.set_tracking_uri(uri)
mlflow.set_experiment("told to mlflow")
told = trackside.set_experiment("told to trackside")
with mlflow.start_run() as run:
    pass
assert run.info.experiment_id == told.experiment_id
trackside.set_tracking_uri("sqlite:///second.db")
assert mlflow.get_tracking_uri() == "sqlite:///second.db"
mlflow.set_tracking_uri(uri)
assert trackside.get_tracking_uri() == uri
""",
    )


def test_an_mlflow_that_is_imported_later_joins_the_run_from_the_next_cell_on(tmp_path: Path) -> None:
    """In the very cell that imports it, its run becomes a child. The kernel's end is not taken for the run's."""
    with start_mlflow_kernel(tmp_path, dict(os.environ)) as kernel:
        first = kernel.run("import trackside\nours = trackside.start_run(run_name='early')\nimport mlflow")
        joined = kernel.run("mlflow.log_param('late', 1)\nassert mlflow.active_run().info.run_id == ours.info.run_id")
        assert (first.status, joined.status) == ("ok", "ok"), joined.error
    runs = Runs(tmp_path / "mlflow.db")
    assert runs["early"].data.params == {"late": "1"}
    assert runs["early"].info.status is RunStatus.KILLED
    runs.close()
