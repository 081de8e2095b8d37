"""Runs of threads, of scripts and of forked children."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import trackside
from trackside.errors import (
    RunNotFoundError,
)
from trackside.tracking import session

from .processes import run_script
from .workspace import only_run

pytestmark = pytest.mark.usefixtures("workspace")


def test_threads_without_a_run_log_to_the_only_active_one() -> None:
    with trackside.start_run() as run, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda step: trackside.log_metric("loss", step, step=step), range(20)))
        assert pool.submit(trackside.active_run).result() is run
        pool.submit(trackside.end_run).result()
        assert trackside.active_run() is run
    assert len(session.current_store().metric_history(run.info.run_id, "loss")) == 20


def test_threads_have_runs_of_their_own() -> None:
    barrier = threading.Barrier(3, timeout=120)

    def work(name: str) -> str:
        with trackside.start_run(run_name=name) as run:
            barrier.wait()
            trackside.log_param("name", name)
            barrier.wait()
        return run.info.run_id

    with ThreadPoolExecutor(3) as pool:
        ids = list(pool.map(work, "abc"))
    assert [trackside.get_run(run_id).data.params["name"] for run_id in ids] == list("abc")


def test_a_thread_without_a_run_starts_one_where_several_are_active() -> None:
    ready, done = threading.Barrier(2, timeout=120), threading.Event()

    def hold() -> None:
        with trackside.start_run(run_name="other"):
            ready.wait()
            done.wait(120)

    other = threading.Thread(target=hold)
    other.start()
    with trackside.start_run(run_name="mine"):
        ready.wait()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(trackside.log_metric, "a", 1).result()
            pool.submit(trackside.end_run).result()
    done.set()
    other.join()
    names = [run.info.run_name for run in trackside.search_runs(["0"], output_format="list")]
    assert len(names) == 3


def test_a_nested_run_of_a_thread_is_a_child_of_the_process_run() -> None:
    """R1.9: a parallel sweep."""

    def train(depth: int) -> str:
        with trackside.start_run(nested=True) as run:
            trackside.log_param("depth", depth)
        return run.info.run_id

    with trackside.start_run() as sweep, ThreadPoolExecutor(2) as pool:
        ids = list(pool.map(train, range(4)))
    parents = {trackside.get_run(run_id).data.tags["mlflow.parentRunId"] for run_id in ids}
    assert parents == {sweep.info.run_id}


def test_the_active_run_stays_in_its_store_when_the_uri_changes(workspace: Path) -> None:
    """R2.5: as MLflow promises."""
    run = trackside.start_run()
    trackside.set_tracking_uri(f"sqlite:///{workspace}/other.db")
    trackside.log_metric("a", 1)
    trackside.end_run()
    with pytest.raises(RunNotFoundError):
        trackside.get_run(run.info.run_id)
    trackside.set_tracking_uri(None)
    assert trackside.get_run(run.info.run_id).data.metrics == {"a": 1.0}


def test_a_script_that_ends_leaves_a_finished_run(script_environment: dict[str, str]) -> None:
    run_script(script_environment, "import trackside; trackside.log_metric('a', 1)")
    assert (only_run().info.status, only_run().data.metrics) == ("FINISHED", {"a": 1.0})


def test_a_script_that_raises_leaves_a_failed_run(script_environment: dict[str, str]) -> None:
    run_script(script_environment, "import trackside; trackside.start_run(); 1 / 0", code=1)
    found = only_run()
    assert found.info.status == "FAILED"
    assert found.data.tags["trackside.error.type"] == "ZeroDivisionError"


def test_a_script_has_its_name_and_type_as_source(script_environment: dict[str, str], workspace: Path) -> None:
    """R1.1"""
    (workspace / "train.py").write_text("import trackside\ntrackside.log_metric('a', 1)")
    subprocess.run([sys.executable, "train.py"], env=script_environment, check=True, timeout=240)
    tags = only_run().data.tags
    assert (tags["mlflow.source.type"], tags["mlflow.source.name"]) == ("LOCAL", "train.py")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_logs_to_the_run_and_does_not_end_it(script_environment: dict[str, str]) -> None:
    source = """
import os, sys, trackside
with trackside.start_run() as run:
    child = os.fork()
    if child == 0:
        trackside.log_metric("child", 1)
        sys.exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert trackside.get_run(run.info.run_id).info.status == "RUNNING"
    trackside.log_metric("parent", 1)
"""
    run_script(script_environment, source)
    assert (only_run().info.status, only_run().data.metrics) == ("FINISHED", {"child": 1.0, "parent": 1.0})


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_has_runs_of_its_own(script_environment: dict[str, str]) -> None:
    source = """
import os, trackside
trackside.start_run(run_name="parent")
child = os.fork()
if child == 0:
    with trackside.start_run(run_name="child", nested=True):
        trackside.log_metric("a", 1)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
"""
    run_script(script_environment, source)
    found = {run.info.run_name: run for run in trackside.search_runs(["0"], output_format="list")}
    assert found["child"].info.status == found["parent"].info.status == "FINISHED"
    assert found["child"].data.tags["mlflow.parentRunId"] == found["parent"].info.run_id
    assert found["child"].data.tags["trackside.environment.sha256"]
