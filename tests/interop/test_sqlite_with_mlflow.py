"""One database file, used by Trackside and by the real MLflow: after each other and at the same time."""

from __future__ import annotations

import json
import math
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests

from trackside.entities import LifecycleStage, Metric, Param, Run, RunStatus, Tag
from trackside.stores import schema
from trackside.stores.base import RunQuery
from trackside.stores.datasets import UsedDataset
from trackside.stores.journaled import JournaledStore
from trackside.stores.sqlite import SqliteStore
from trackside.stores.uri import resolve_tracking_uri

from ..servers import MlflowServer
from .mlflow_kernels import Mlflow, newest_mlflow
from .mlflow_scripts import answer_of, ask_mlflow, start, wait_for_line

pytest.importorskip("mlflow")
pytestmark = [pytest.mark.interop, pytest.mark.timeout(1800)]

START = 1_700_000_000_000
TAGS = {"kind": "test", "mlflow.note.content": "# A <b>note</b>", "mlflow.source.type": "NOTEBOOK"}
WINE = json.dumps({"uri": __file__})
PARAMS = {"lr": "0.1", "text": "<script>'\"\n🚀", "long": "x" * 6000, "empty": ""}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "mlflow.db")
    yield store
    store.close()


def write_everything(store: SqliteStore) -> dict[str, str]:
    """Experiments, runs and artifacts of every kind, and the ids by names."""
    wine = store.create_experiment("wine <b>", tags={"trackside.notebook.id": "n" * 36, "long": "x" * 20_000})
    old = store.create_experiment("old")
    store.delete_experiment(old)
    settings: dict[str, Any] = {"user_id": "ada", "start_time": START}
    full = store.create_run(wine, run_name="full", tags=TAGS, **settings).info.run_id
    points = [Metric("loss", 1.0 / (step + 1), START + step, step) for step in range(50)]
    odd = [Metric("odd", value, START, step) for step, value in enumerate((math.nan, math.inf, -math.inf))]
    params = [Param(key, value) for key, value in PARAMS.items()]
    store.log_batch(full, metrics=[*points, *odd], params=params, tags=[Tag("long", "x" * 8000)])
    store.artifacts(full).write_bytes("texts/notes.txt", b"kept")
    store.log_dataset(full, UsedDataset("wine.csv", "0123abcd", "local", WINE, '{"bytes": 3}', "training"))
    store.update_run(full, status=RunStatus.FINISHED, end_time=START + 5000)
    child = store.create_run(wine, run_name="child", tags={"mlflow.parentRunId": full}, **settings).info.run_id
    store.update_run(child, status=RunStatus.KILLED, end_time=START + 6000)
    dropped = store.create_run(wine, run_name="dropped", **settings).info.run_id
    store.delete_run(dropped)
    other = store.create_run("0", run_name="in default", **settings).info.run_id
    return {"wine": wine, "old": old, "full": full, "child": child, "dropped": dropped, "other": other}


def snapshot(store: SqliteStore) -> list[object]:
    """All that is in a store, comparable although it holds NaN."""
    both = (LifecycleStage.ACTIVE, LifecycleStage.DELETED)
    experiments = store.list_experiments(stages=both)
    query = RunQuery(tuple(experiment.experiment_id for experiment in experiments), stages=both)
    runs = store.search_runs(query).items
    histories = [store.metric_history(run.info.run_id, key) for run in runs for key in sorted(run.data.metrics)]
    return [str(experiments), str([(run.info, run.data) for run in runs]), str(histories)]


def indexes(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}


def revision(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


# What Trackside wrote


MLFLOW_READS_ALL = """
    client = mlflow.MlflowClient()
    ids = json.loads(argv[0])
    full, child, dropped = (client.get_run(ids[name]) for name in ("full", "child", "dropped"))
    experiment = client.get_experiment(ids["wine"])
    path = client.download_artifacts(ids["full"], "texts/notes.txt")
    (used,) = full.inputs.dataset_inputs
    dataset, source = used.dataset, mlflow.data.get_source(used)
    print(json.dumps({
        "uri": mlflow.get_tracking_uri(),
        "experiments": {e.name: e.lifecycle_stage for e in client.search_experiments(view_type=ViewType.ALL)},
        "experiment": [experiment.name, experiment.artifact_location],
        "experiment tags": {key: len(value) for key, value in experiment.tags.items()},
        "info": [full.info.run_name, full.info.user_id, full.info.status, full.info.start_time, full.info.end_time],
        "params": full.data.params,
        "tags": full.data.tags,
        "metrics": {key: str(value) for key, value in full.data.metrics.items()},
        "loss": [[m.value, m.timestamp, m.step] for m in client.get_metric_history(ids["full"], "loss")],
        "odd": [str(m.value) for m in client.get_metric_history(ids["full"], "odd")],
        "artifacts": [[f.path, f.file_size] for f in client.list_artifacts(ids["full"], "texts")],
        "artifact": open(path).read(),
        "child": [child.info.status, child.data.tags["mlflow.parentRunId"]],
        "dataset": [dataset.name, dataset.digest, dataset.source_type, source.uri, dataset.profile],
        "context": {tag.key: tag.value for tag in used.tags},
        "dropped": dropped.info.lifecycle_stage,
        "found": [run.info.run_id for run in client.search_runs([ids["wine"]], "params.lr = '0.1'")],
        "active": len(client.search_runs([ids["wine"]])),
    }))
"""


def test_the_client_finds_everything_that_trackside_wrote(store: SqliteStore, tmp_path: Path) -> None:
    """R3.3: MlflowClient opens the file."""
    ids = write_everything(store)
    found = ask_mlflow(
        MLFLOW_READS_ALL,
        tmp_path,
        json.dumps(ids),
    )
    assert found["uri"] == store.uri == resolve_tracking_uri(store.uri)
    assert found["experiments"] == {"Default": "active", "wine <b>": "active", "old": "deleted"}
    assert found["experiment"] == ["wine <b>", f"{tmp_path}/mlruns/{ids['wine']}"]
    assert found["experiment tags"] == {"trackside.notebook.id": 36, "long": 20_000}
    assert found["info"] == ["full", "ada", "FINISHED", START, START + 5000]
    assert found["params"] == PARAMS
    assert found["tags"] == {**TAGS, "mlflow.runName": "full", "long": "x" * 8000}
    assert found["metrics"] == {"loss": "0.02", "odd": "-1.7976931348623157e+308"}
    assert found["loss"] == [[1.0 / (step + 1), START + step, step] for step in range(50)]
    assert found["odd"] == ["nan", "1.7976931348623157e+308", "-1.7976931348623157e+308"]
    assert (found["artifacts"], found["artifact"]) == ([["texts/notes.txt", 4]], "kept")
    assert found["child"] == ["KILLED", ids["full"]]
    assert found["dataset"] == ["wine.csv", "0123abcd", "local", __file__, '{"bytes": 3}']
    assert found["context"] == {"mlflow.data.context": "training"}
    assert found["dropped"] == "deleted"
    assert (found["found"], found["active"]) == ([ids["full"]], 2)


def test_the_upgrade_in_place_keeps_everything_and_trackside_goes_on(store: SqliteStore, tmp_path: Path) -> None:
    """R3.3: MLflow upgrades the file as its own, and Trackside works on what it left."""
    ids = write_everything(store)
    before = snapshot(store)
    assert revision(store.path) == schema.REVISION
    ask_mlflow("print(len(mlflow.MlflowClient().search_experiments()))", tmp_path)
    assert revision(store.path) != schema.REVISION
    assert snapshot(store) == before
    for name in schema.EXTRA_INDEXES:
        with closing(sqlite3.connect(store.path)) as connection:
            connection.execute(f"DROP INDEX IF EXISTS {name}")
    store.log_batch(ids["other"], metrics=[Metric("loss", 1.0, START)], params=[Param("long", "x" * 6000)])
    assert schema.EXTRA_INDEXES.keys() <= indexes(store.path)
    made = store.create_experiment("after the upgrade", tags={"a": "b"})
    run = store.create_run(made, run_name="after", user_id="ada", start_time=START + 1)
    store.delete_run(run.info.run_id)
    store.restore_experiment(ids["old"])
    name = ask_mlflow(
        "print(json.dumps(mlflow.MlflowClient().get_run(argv[0]).info.run_name))", tmp_path, run.info.run_id
    )
    assert name == "after"


def test_a_file_that_was_open_during_the_upgrade_stays_usable(store: SqliteStore, tmp_path: Path) -> None:
    run = store.create_run("0", run_name="a", user_id="a", start_time=START)
    process = start("print(len(mlflow.MlflowClient().search_experiments()))", tmp_path)
    step = 0
    while process.poll() is None:
        store.log_batch(run.info.run_id, metrics=[Metric("loss", float(step), START + step, step)])
        assert store.get_run(run.info.run_id).data.latest["loss"].step == step
        step += 1
        time.sleep(0.001)
    answer_of(process)
    assert len(store.metric_history(run.info.run_id, "loss")) == step > 0
    assert revision(store.path) != schema.REVISION


@pytest.fixture
def server(store: SqliteStore, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """A real `mlflow server` on a file of Trackside; a function that asks it."""
    write_everything(store)
    running = MlflowServer(tmp_path)

    def ask(path: str, **settings: Any) -> requests.Response:
        method = "POST" if "json" in settings else "GET"
        answer = requests.request(method, f"{running.url}/{path}", timeout=60, **settings)
        answer.raise_for_status()
        return answer

    yield ask
    running.stop()


@pytest.mark.server
def test_the_server_shows_everything_that_trackside_wrote(server: Callable[..., Any], store: SqliteStore) -> None:
    """R3.3: `mlflow server` and `mlflow ui` open the file."""
    api = "api/2.0/mlflow"
    experiments = server(f"{api}/experiments/search", json={"max_results": 100}).json()["experiments"]
    assert {experiment["name"] for experiment in experiments} == {"Default", "wine <b>"}
    wine = next(experiment["experiment_id"] for experiment in experiments if experiment["name"] == "wine <b>")
    runs = server(f"{api}/runs/search", json={"experiment_ids": [wine]}).json()["runs"]
    assert {run["info"]["run_name"] for run in runs} == {"full", "child"}
    full = next(run for run in runs if run["info"]["run_name"] == "full")
    run_id = full["info"]["run_id"]
    assert {param["key"]: param["value"] for param in full["data"]["params"]} == PARAMS
    assert {tag["key"] for tag in full["data"]["tags"]} == {*TAGS, "mlflow.runName", "long"}
    history = server(f"{api}/metrics/get-history", params={"run_id": run_id, "metric_key": "loss"}).json()["metrics"]
    assert len(history) == 50
    files = server(f"{api}/artifacts/list", params={"run_id": run_id, "path": "texts"}).json()["files"]
    assert files == [{"path": "texts/notes.txt", "is_dir": False, "file_size": 4}]
    content = server("get-artifact", params={"run_id": run_id, "path": "texts/notes.txt"}).content
    assert content == b"kept"
    assert "<html" in server("").text.lower()
    server(f"{api}/runs/set-tag", json={"run_id": run_id, "key": "from the server", "value": "yes"})
    assert store.get_run(run_id).data.tags["from the server"] == "yes"
    store.log_batch(run_id, tags=[Tag("from Trackside", "yes")])
    tags = server(f"{api}/runs/get", params={"run_id": run_id}).json()["run"]["data"]["tags"]
    assert {"key": "from Trackside", "value": "yes"} in tags


# What MLflow wrote

MLFLOW_WRITES = """
    import math, pathlib
    experiment_id = mlflow.create_experiment("theirs", tags={"team": "red"})
    with mlflow.start_run(experiment_id=experiment_id, run_name="outer") as outer:
        mlflow.log_params({"lr": 0.1, "text": "<b>"})
        for step in range(20):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
        mlflow.log_metrics({"nan": math.nan, "inf": math.inf})
        mlflow.set_tag("note", "ünï")
        mlflow.log_text("kept", "texts/notes.txt")
        with mlflow.start_run(nested=True, run_name="inner", experiment_id=experiment_id) as inner:
            pass
    print(json.dumps([experiment_id, outer.info.run_id, inner.info.run_id]))
"""


MLFLOW_READS_RUNS = """
    client = mlflow.MlflowClient()
    ours, outer, inner = (client.get_run(run_id) for run_id in argv)
    print(json.dumps([
        ours.info.run_name, ours.data.params, str(ours.data.metrics["loss"]),
        [file.path for file in client.list_artifacts(ours.info.run_id)],
        outer.data.metrics["loss"], outer.data.tags["note"],
        inner.info.run_name, inner.data.tags["mlflow.runName"],
    ]))
"""


def test_trackside_reads_and_writes_what_mlflow_wrote(
    store: SqliteStore, tmp_path: Path, make_database: Callable[[Mlflow, Path], None]
) -> None:
    """R3.3: Trackside reads and writes a file that MLflow made, and leaves its form alone."""
    make_database(newest_mlflow(), tmp_path)
    experiment_id, outer, inner = ask_mlflow(MLFLOW_WRITES, tmp_path)
    form = revision(store.path)
    experiment = store.find_experiment("theirs")
    assert experiment is not None
    assert (experiment.experiment_id, dict(experiment.tags)) == (experiment_id, {"team": "red"})
    run = store.get_run(outer)
    assert (run.info.run_name, run.info.status) == ("outer", RunStatus.FINISHED)
    assert dict(run.data.params) == {"lr": "0.1", "text": "<b>"}
    assert run.data.tags["note"] == "ünï"
    assert math.isnan(run.data.metrics["nan"])
    assert run.data.metrics["inf"] == math.inf
    assert [metric.value for metric in store.metric_history(outer, "loss")] == [1 / (step + 1) for step in range(20)]
    assert store.artifacts(outer).read_bytes("texts/notes.txt") == b"kept"
    assert store.get_run(inner).data.tags["mlflow.parentRunId"] == outer
    ours = store.create_run(experiment_id, run_name="ours", user_id="ada", start_time=START)
    store.log_batch(ours.info.run_id, metrics=[Metric("loss", math.nan, START)], params=[Param("lr", "0.2")])
    store.log_batch(outer, metrics=[Metric("loss", 9.0, START, 100)], tags=[Tag("note", "changed")])
    store.update_run(inner, run_name="renamed")
    store.artifacts(ours.info.run_id).write_bytes("ours.txt", b"ours")
    found = ask_mlflow(
        MLFLOW_READS_RUNS,
        tmp_path,
        *(ours.info.run_id, outer, inner),
    )
    assert found == ["ours", {"lr": "0.2"}, "nan", ["ours.txt"], 9.0, "changed", "renamed", "renamed"]
    assert revision(store.path) == form
    assert not schema.EXTRA_INDEXES.keys() & indexes(store.path)
    with closing(sqlite3.connect(store.path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


# At the same time

MLFLOW_LOGS = """
    client = mlflow.MlflowClient()
    client.get_run(argv[0])
    print("ready", flush=True)
    sys.stdin.readline()
    for step in range(150):
        client.log_metric(argv[0], "theirs", float(step), timestamp=step, step=step)
    print(len(client.get_metric_history(argv[0], "theirs")))
"""


@pytest.mark.parametrize("maker", ["trackside", "mlflow"])
def test_both_write_to_one_file_at_the_same_time(
    store: SqliteStore,
    tmp_path: Path,
    maker: str,
    make_database: Callable[[Mlflow, Path], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """R3.3: several kernels and MLflow write at once, with and without a journal, and no lock error reaches anyone."""
    if maker == "mlflow":
        make_database(newest_mlflow(), tmp_path)
    run = store.create_run("0", run_name="shared", user_id="ada", start_time=START)
    process = start(MLFLOW_LOGS, tmp_path, run.info.run_id)
    wait_for_line(process, "ready")
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()
    step = 0
    with closing(JournaledStore(SqliteStore(store.path), quick=SqliteStore(store.path, wait_s=0))) as journaled:
        while process.poll() is None or step < 150:
            store.log_batch(run.info.run_id, metrics=[Metric("ours", float(step), step, step)])
            journaled.log_batch(run.info.run_id, metrics=[Metric("journaled", float(step), step, step)])
            step += 1
    assert answer_of(process) == 150
    assert caplog.text == ""
    assert len(store.metric_history(run.info.run_id, "journaled")) == step
    assert len(store.metric_history(run.info.run_id, "ours")) == step
    assert len(store.metric_history(run.info.run_id, "theirs")) == 150
    assert store.get_run(run.info.run_id).data.metrics == {"ours": step - 1.0, "journaled": step - 1.0, "theirs": 149.0}


@pytest.mark.parametrize("delay_s", [0.0, 0.1])
def test_both_make_the_file_at_the_same_time(store: SqliteStore, tmp_path: Path, delay_s: float) -> None:
    process = start(
        """
        client = mlflow.MlflowClient
        print("ready", flush=True)
        sys.stdin.readline()
        run = client().create_run("0", run_name="theirs")
        print(json.dumps([run.info.run_id, [r.info.run_name for r in client().search_runs(["0"])]]))
        """,
        tmp_path,
    )
    wait_for_line(process, "ready")
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()
    time.sleep(delay_s)
    made: list[Run] = [store.create_run("0", run_name="ours", user_id="ada", start_time=START)]
    theirs, _ = answer_of(process)
    assert {run.info.run_id for run in store.search_runs(RunQuery(("0",)))} == {theirs, made[0].info.run_id}
    names = ask_mlflow(
        "print(json.dumps([r.info.run_name for r in mlflow.MlflowClient().search_runs(['0'])]))", tmp_path
    )
    assert sorted(names) == ["ours", "theirs"]
