"""The store on a real MLflow server: what MLflow's own client reads and writes, and a server that dies."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from trackside.entities import LifecycleStage, Metric, Param, Run, RunStatus, Tag
from trackside.errors import StoreUnreachableError
from trackside.stores._http import Call, Server
from trackside.stores.base import RunQuery
from trackside.stores.datasets import UsedDataset
from trackside.stores.rest import RestStore

from .servers import MlflowServer

if TYPE_CHECKING:
    from mlflow import MlflowClient

BOTH = (LifecycleStage.ACTIVE, LifecycleStage.DELETED)


@pytest.fixture(autouse=True)
def _quick(no_settings: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0")


@pytest.fixture
def real(mlflow_server: MlflowServer) -> Iterator[RestStore]:
    """A store on a real MLflow server."""
    store = RestStore(mlflow_server.url)
    yield store
    store.close()


def new_run(store: RestStore, experiment_id: str = "0", **changes: Any) -> Run:
    return store.create_run(experiment_id, **{"run_name": "otter", "user_id": "ada", "start_time": 1, **changes})


@pytest.mark.server
def test_mlflows_own_client_reads_the_same(real: RestStore, mlflow_server: MlflowServer) -> None:
    """R3.1: what is logged here is what MLflow shows."""
    client = _mlflow_client(mlflow_server)
    run_id = new_run(real, tags={"note": "ü 'quoted'"}).info.run_id
    points = [Metric("loss", value, 10 + step, step) for step, value in enumerate([1.0, math.inf, 0.5])]
    real.log_batch(
        run_id, metrics=[*points, Metric("nan", math.nan, 1)], params=[Param("lr", "0.1")], tags=[Tag("t", "1")]
    )
    assert real.log_dataset(run_id, UsedDataset("wine.csv", "0123abcd", "local", '{"uri": "/wine.csv"}', "{}", "test"))
    real.update_run(run_id, status=RunStatus.FINISHED, end_time=99)
    theirs, ours = client.get_run(run_id), real.get_run(run_id)
    assert (theirs.info.run_name, theirs.info.status, theirs.info.end_time) == ("otter", "FINISHED", 99)
    (used,) = theirs.inputs.dataset_inputs
    assert (used.dataset.name, used.dataset.digest, used.tags[0].value) == ("wine.csv", "0123abcd", "test")
    assert theirs.info.start_time == ours.info.start_time == 1
    assert theirs.info.artifact_uri == ours.info.artifact_uri
    assert theirs.data.params == ours.data.params == {"lr": "0.1"}
    assert theirs.data.tags == ours.data.tags == {"note": "ü 'quoted'", "t": "1", "mlflow.runName": "otter"}
    assert theirs.data.metrics["loss"] == ours.data.metrics["loss"] == 0.5
    assert math.isnan(theirs.data.metrics["nan"])
    assert math.isnan(ours.data.metrics["nan"])
    history = [(point.step, point.timestamp) for point in client.get_metric_history(run_id, "loss")]
    assert history == [(point.step, point.timestamp) for point in real.metric_history(run_id, "loss")]
    real.artifacts(run_id).write_bytes("a/b.txt", b"text")
    assert [file.path for file in client.list_artifacts(run_id, "a")] == ["a/b.txt"]


@pytest.mark.server
def test_what_mlflows_own_client_logs_is_read(real: RestStore, mlflow_server: MlflowServer) -> None:
    client = _mlflow_client(mlflow_server)
    experiment_id = client.create_experiment("theirs", tags={"k": "v"})
    run = client.create_run(experiment_id, run_name="heron", start_time=5)
    client.log_metric(run.info.run_id, "loss", 0.5, timestamp=7, step=3)
    client.log_param(run.info.run_id, "lr", 0.1)
    client.set_terminated(run.info.run_id, "FAILED", 50)
    (found,) = real.search_runs(RunQuery((experiment_id,)))
    assert (found.info.run_name, found.info.status, found.info.end_time) == ("heron", RunStatus.FAILED, 50)
    assert found.data.latest == {"loss": Metric("loss", 0.5, 7, 3)}
    assert found.data.params == {"lr": "0.1"}
    assert [e.name for e in real.find_experiments_by_tag("k", "v")] == ["theirs"]


@pytest.mark.server
@pytest.mark.parametrize(
    "value", ["plain", "it's", 'say "so"', 'it\'s "so"', "a\\", "\\'", " pad ", "a\nb", "%", "_", "ü🚀", "-- x", "`"]
)
def test_a_tag_with_any_value_is_found_on_a_real_server(real: RestStore, value: str) -> None:
    wanted = real.create_experiment("wanted", tags={"trackside.notebook.id": value})
    real.create_experiment("other", tags={"trackside.notebook.id": f"{value}x"})
    found = real.find_experiments_by_tag("trackside.notebook.id", value)
    assert [experiment.experiment_id for experiment in found] == [wanted]


@pytest.mark.server
def test_large_batches_and_long_histories_come_back_whole(monkeypatch: pytest.MonkeyPatch, real: RestStore) -> None:
    monkeypatch.setattr("trackside.stores.rest._HISTORY_PAGE", 900)
    run_id = new_run(real).info.run_id
    points = tuple(Metric("loss", float(step), step, step) for step in range(2500))
    params = {f"p{number}": "é" * 6000 for number in range(150)}
    tags = {f"t{number}": "ü" * 8000 for number in range(150)}
    real.log_batch(
        run_id, metrics=points, params=[Param(*item) for item in params.items()], tags=[Tag(*i) for i in tags.items()]
    )
    assert real.metric_history(run_id, "loss") == points
    data = real.get_run(run_id).data
    assert data.params == params
    assert {key: value for key, value in data.tags.items() if key.startswith("t")} == tags


@pytest.mark.server
def test_runs_are_counted_on_a_real_server_in_two_looks_when_nothing_changed(
    monkeypatch: pytest.MonkeyPatch, real: RestStore
) -> None:
    for number in range(70):
        new_run(real, start_time=number)
    query = RunQuery(("0",))
    assert real.count_runs(query) == 70
    (newest,) = real.search_runs(RunQuery(("0",), max_results=1))
    real.delete_run(newest.info.run_id)
    assert (real.count_runs(query), real.count_runs(RunQuery(("0",), stages=BOTH))) == (69, 70)
    ask, looks = Server.ask, []

    def ask_and_note(self: Server, call: Call) -> dict[str, Any]:
        looks.append((call.json or {}).get("max_results"))
        return ask(self, call)

    monkeypatch.setattr(Server, "ask", ask_and_note)
    assert real.count_runs(query) == 69
    assert looks == [1, 2]


@pytest.mark.server
def test_a_page_token_of_mlflow_is_of_the_form_that_counting_needs(real: RestStore) -> None:
    for number in range(2):
        new_run(real, start_time=number)
    token = real.search_runs(RunQuery(("0",), max_results=1)).token
    assert token is not None
    assert json.loads(base64.b64decode(token)) == {"offset": 1}


@pytest.mark.server
def test_a_server_killed_in_the_middle_of_a_batch_loses_and_doubles_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """R2.5: logging the same batch again completes it."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    server = MlflowServer(tmp_path)
    store = RestStore(server.url)
    run_id = new_run(store).info.run_id
    points = tuple(Metric("loss", float(step), step, step) for step in range(5000))
    batch: dict[str, Any] = {"metrics": points, "params": [Param("lr", "1")], "tags": [Tag("t", "1")]}
    ask, sent = Server.ask, []

    def ask_until_killed(self: Server, call: Call) -> dict[str, Any]:
        sent.append(call)
        if len(sent) == 3:
            server.stop()
        return ask(self, call)

    monkeypatch.setattr(Server, "ask", ask_until_killed)
    with pytest.raises(StoreUnreachableError):
        store.log_batch(run_id, **batch)
    again = MlflowServer(tmp_path, port=server.port)
    assert 0 < len(store.metric_history(run_id, "loss")) < 5000
    store.log_batch(run_id, **batch)
    assert store.metric_history(run_id, "loss") == points
    assert store.get_run(run_id).data.params == {"lr": "1"}
    store.close()
    again.stop()


def _mlflow_client(server: MlflowServer) -> MlflowClient:
    mlflow = pytest.importorskip("mlflow")
    client: MlflowClient = mlflow.MlflowClient(server.url)
    return client
