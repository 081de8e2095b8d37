"""A real MLflow server that dies in the middle of a batch and comes back, seen from a notebook that goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import trackside
from trackside.stores.base import RunQuery
from trackside.stores.rest import RestStore
from trackside.stores.uri import open_store
from trackside.tracking import session

from ..servers import MlflowServer
from .world import wait_until

if TYPE_CHECKING:
    from trackside.entities import Run


@pytest.fixture
def server(tmp_path: Path, no_settings: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[MlflowServer]:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0.05")
    server = MlflowServer(tmp_path)
    yield server
    server.stop()
    trackside.end_run()
    open_store(server.url).close()
    trackside.set_tracking_uri(None)
    session.forget_experiment()


def runs_on(url: str, experiment: str) -> list[Run]:
    """The runs of an experiment, as somebody else sees them."""
    store = RestStore(url)
    found = store.find_experiment(experiment)
    return list(store.search_runs(RunQuery((found.experiment_id,)))) if found else []


def log_while_it_dies(server: MlflowServer) -> str:
    """A run of which half of the points, a param and the artifacts are logged without a server; its id."""
    steps = iter(range(6000))
    with trackside.start_run(run_name="first") as first:
        for _ in range(3000):
            trackside.log_metric("loss", 0.5, step=next(steps))
        server.stop()
        for step in steps:
            trackside.log_metric("loss", 0.5, step=step)
        trackside.log_param("lr", 1)
        for number in range(5):
            trackside.log_text(str(number), "plots/latest.txt")
    return first.info.run_id


def require_everything(url: str, first: str) -> None:
    """What the server has: each run once, with each point once, and the last of each artifact."""
    seen = {run.info.run_name: run for run in runs_on(url, "wine")}
    assert sorted(seen) == ["child", "first", "second"]
    assert (seen["first"].info.run_id, seen["first"].info.status) == (first, "FINISHED")
    assert seen["child"].data.tags["mlflow.parentRunId"] == seen["second"].info.run_id
    assert [run.info.status for run in runs_on(url, "made later")] == ["FAILED"]
    other = RestStore(url)
    assert [point.step for point in other.metric_history(first, "loss")] == list(range(6000))
    assert other.artifacts(first).read_bytes("plots/latest.txt") == b"4"
    assert other.artifacts(seen["child"].info.run_id).read_bytes("notes/a.txt") == b"kept"


def test_a_server_that_goes_and_comes_back_has_everything_once(
    server: MlflowServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The notebook goes on: metrics, params, artifacts, the end of a run, and new runs in new experiments."""
    trackside.set_tracking_uri(server.url)
    trackside.set_experiment("wine")
    first = log_while_it_dies(server)
    store = open_store(server.url)
    waiting = store.waiting()
    assert (waiting.records > 3000, waiting.files >= 5) == (True, True)
    assert "what was logged waits" in caplog.text
    with trackside.start_run(run_name="second") as second:
        trackside.log_metric("loss", 1.0)
        with trackside.start_run(run_name="child", nested=True):
            trackside.log_text("kept", "notes/a.txt")
        assert trackside.get_run(second.info.run_id).data.metrics == {"loss": 1.0}
    session.forget_experiment()
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "made later")
    trackside.start_run(run_name="third")
    trackside.end_run("FAILED")
    server = MlflowServer(server.folder, port=server.port)
    try:
        wait_until(lambda: store.waiting().count == 0)
        require_everything(server.url, first)
        assert store.waiting().refused == 0
    finally:
        server.stop()
