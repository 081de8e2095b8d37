"""Databases that real releases of MLflow wrote: all are read, most are written, none is migrated."""

from __future__ import annotations

import json
import math
import os
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from trackside.entities import LifecycleStage, Metric, Param, Run, RunStatus, Tag
from trackside.errors import InvalidValueError, StoreReadOnlyError
from trackside.stores import sqlite_opening
from trackside.stores.base import RunQuery
from trackside.stores.columns import RunColumns
from trackside.stores.sqlite import SqliteStore

GOLDEN = Path(__file__).parent / "golden"
START = 1_600_000_000_000
RELEASES = ["1.0.0", "1.30.1", "2.4.2", "2.22.0", "3.17.2"]
BOTH = (LifecycleStage.ACTIVE, LifecycleStage.DELETED)

each_release = pytest.mark.parametrize("release", RELEASES)
each_writable_release = pytest.mark.parametrize("release", RELEASES[1:])


@pytest.fixture
def path(release: str, tmp_path: Path) -> Path:
    """The database that a release wrote, on another machine: its folder is not where it was."""
    with tarfile.open(GOLDEN / f"mlflow-{release}.tar.gz") as tar:
        tar.extractall(tmp_path, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    return tmp_path / "mlflow.db"


@pytest.fixture
def store(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqliteStore]:
    os.utime(path, (1, 1))
    store = SqliteStore(path)
    yield store
    store.close()


@pytest.fixture
def runs(store: SqliteStore) -> dict[str, Run]:
    """The runs of the experiment `wine` by their names."""
    experiment = store.find_experiment("wine")
    assert experiment is not None
    found = store.search_runs(RunQuery((experiment.experiment_id,), stages=BOTH))
    return {run.info.run_name: run for run in found}


def form_of(path: Path) -> list[object]:
    """All that a migration would change, and the journal mode."""
    with closing(sqlite3.connect(path)) as connection:
        statements = ["SELECT * FROM sqlite_master ORDER BY rowid", "SELECT * FROM alembic_version"]
        pragmas = ["PRAGMA journal_mode", "PRAGMA application_id", "PRAGMA user_version", "PRAGMA schema_version"]
        return [connection.execute(sql).fetchall() for sql in (*statements, *pragmas)]


def read_everything(store: SqliteStore) -> None:
    store.change_token()
    for experiment in store.list_experiments(stages=BOTH):
        query = RunQuery((experiment.experiment_id,), stages=BOTH, max_results=2)
        store.count_runs(query)
        assert store.run_columns(query) == RunColumns.of(store.search_runs(query).items)
        for run in store.search_runs(query):
            assert store.get_run(run.info.run_id) == run
            for key in run.data.metrics:
                store.metric_history(run.info.run_id, key)
            store.artifacts(run.info.run_id).list()
    store.find_experiments_by_tag("team", "red")
    store.close()


# Reading


@each_release
def test_experiments_are_read(store: SqliteStore, release: str) -> None:
    stages = {experiment.name: experiment.lifecycle_stage for experiment in store.list_experiments(stages=BOTH)}
    assert stages == {
        "Default": LifecycleStage.ACTIVE,
        "wine": LifecycleStage.ACTIVE,
        "old": LifecycleStage.DELETED,
    }
    tagged = store.find_experiments_by_tag("team", "red")
    assert [experiment.name for experiment in tagged] == ([] if release == "1.0.0" else ["wine"])


@each_release
def test_runs_are_read_with_status_and_times(runs: dict[str, Run], release: str) -> None:
    expected = {
        "full": (RunStatus.FINISHED, START, START + 30_000),
        "child": (RunStatus.FAILED, START + 60_000, START + 61_000),
        "killed": (RunStatus.KILLED, START + 120_000, START + 121_000),
        "deleted": (RunStatus.RUNNING, START + 180_000, None),
        "running": (RunStatus.RUNNING, START + 240_000, None),
    }
    if release == "1.0.0":
        del expected["killed"]
    found = {name: (run.info.status, run.info.start_time, run.info.end_time) for name, run in runs.items()}
    assert found == expected
    assert list(runs) == sorted(runs, key=lambda name: -expected[name][1])
    assert {run.info.user_id for run in runs.values()} == {"ada"}
    deleted = {name for name, run in runs.items() if run.info.lifecycle_stage is LifecycleStage.DELETED}
    assert deleted == {"deleted"}
    assert runs["child"].data.tags["mlflow.parentRunId"] == runs["full"].info.run_id


@each_release
def test_what_was_logged_is_read(store: SqliteStore, runs: dict[str, Run], release: str) -> None:
    full = runs["full"]
    assert full.data.params == {"lr": "0.1", "text": "<b>'quoted' \"text\"</b>\nünï 🚀", "long": "x" * 250}
    assert {
        "kind": "first",
        "mlflow.note.content": "# A note",
        "mlflow.runName": "full",
    }.items() <= full.data.tags.items()
    assert full.data.latest["loss"] == Metric("loss", 0.2, START + 4000, 4)
    points = [(step, 1.0 / (step + 1), START + step * 1000) for step in range(5)]
    points.insert(3, (2, 9.0, START + 9000))
    history = store.metric_history(full.info.run_id, "loss")
    assert [(point.step, point.value, point.timestamp) for point in history] == points
    assert runs["running"].data.metrics == {"loss": 0.5}
    if release != "1.0.0":
        assert (full.data.metrics["largest"], full.data.metrics["least"]) == (math.inf, -math.inf)
        assert math.isnan(full.data.metrics["undefined"])
        assert store.metric_history(full.info.run_id, "undefined")[0].value == 1.0


@each_release
def test_artifacts_are_found_although_the_folder_moved(store: SqliteStore, runs: dict[str, Run]) -> None:
    artifacts = store.artifacts(runs["full"].info.run_id)
    assert [file.path for file in artifacts.list("texts")] == ["texts/notes.txt"]
    assert artifacts.read_bytes("texts/notes.txt") == b"kept"


@each_release
def test_reading_opens_read_only_and_changes_no_byte(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = path.read_bytes()
    options: list[str] = []
    opened = sqlite_opening._open
    monkeypatch.setattr(sqlite_opening, "_open", lambda path, option: (options.append(option), opened(path, option))[1])
    read_everything(store)
    assert set(options) == {"mode=ro"}
    assert path.read_bytes() == content
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["mlflow.db", "mlruns"]


# Writing


@each_writable_release
def test_runs_are_written_without_migrating(store: SqliteStore, path: Path, runs: dict[str, Run]) -> None:
    form = form_of(path)
    wine = runs["full"].info.experiment_id
    run = store.create_run(wine, run_name="ours", user_id="grace", start_time=START)
    write_run(store, run.info.run_id)
    store.log_batch(runs["running"].info.run_id, metrics=[Metric("loss", 0.25, START + 1000, 1)])
    store.update_run(runs["child"].info.run_id, run_name="renamed")
    store.delete_run(runs["killed"].info.run_id)
    store.restore_run(runs["deleted"].info.run_id)
    assert store.get_run(run.info.run_id).data.latest["loss"].value == math.inf
    assert store.get_run(runs["running"].info.run_id).data.metrics == {"loss": 0.25}
    assert store.get_run(runs["child"].info.run_id).info.run_name == "renamed"
    assert store.count_runs(RunQuery((wine,))) == 5
    store.close()
    assert form_of(path) == form


@each_writable_release
def test_experiments_are_written_without_migrating(store: SqliteStore, path: Path) -> None:
    form = form_of(path)
    experiment_id = store.create_experiment("ours", tags={"team": "white"})
    store.set_experiment_tag(experiment_id, "team", "blue")
    store.rename_experiment(experiment_id, "still ours")
    store.delete_experiment(experiment_id)
    experiment = store.get_experiment(experiment_id)
    assert (experiment.name, dict(experiment.tags)) == ("still ours", {"team": "blue"})
    assert experiment.lifecycle_stage is LifecycleStage.DELETED
    with pytest.raises(InvalidValueError, match="wine"):
        store.create_experiment("wine")
    store.close()
    assert form_of(path) == form


@pytest.mark.parametrize("release", ["1.0.0"])
def test_a_form_that_lacks_columns_is_not_written(store: SqliteStore, path: Path, runs: dict[str, Run]) -> None:
    content = path.read_bytes()
    for write in (
        lambda: store.create_experiment("ours"),
        lambda: store.create_run("0", run_name="a", user_id="a", start_time=1),
        lambda: store.log_batch(runs["running"].info.run_id, params=[Param("a", "b")]),
    ):
        with pytest.raises(StoreReadOnlyError, match="older form") as caught:
            write()
        assert "mlflow db upgrade" in caught.value.hint
    store.close()
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("release", "param", "tag"),
    [("1.30.1", 500, 5000), ("2.4.2", 500, 5000), ("2.22.0", 6000, 8000), ("3.17.2", 6000, 8000)],
)
def test_the_limits_are_those_of_the_release(store: SqliteStore, runs: dict[str, Run], param: int, tag: int) -> None:
    run_id = runs["running"].info.run_id
    store.log_batch(run_id, params=[Param("fits", "x" * param)], tags=[Tag("fits", "x" * tag)])
    with pytest.raises(InvalidValueError, match=f"{param + 1} characters; the limit is {param}"):
        store.log_batch(run_id, params=[Param("long", "x" * (param + 1))])
    with pytest.raises(InvalidValueError, match=f"{tag + 1} characters; the limit is {tag}"):
        store.log_batch(run_id, tags=[Tag("long", "x" * (tag + 1))])


# The MLflow of today


TODAY = """
import json, os, sys, mlflow
from mlflow.entities import ViewType
for folder in sys.stdin:
    os.chdir(folder.strip())
    client = mlflow.MlflowClient(f"sqlite:///{os.getcwd()}/mlflow.db")
    experiment_id = client.get_experiment_by_name("wine").experiment_id
    runs = client.search_runs([experiment_id], run_view_type=ViewType.ALL)
    found = {
        run.info.run_name: [run.info.status, run.data.params, run.data.tags.get("kind"), sorted(run.data.metrics),
                            len(client.get_metric_history(run.info.run_id, "loss"))]
        for run in runs
    }
    client.log_metric(runs[0].info.run_id, "from mlflow", 1.0)
    print(json.dumps(found), flush=True)
"""


@pytest.fixture(scope="module")
def mlflow_of_today() -> Iterator[subprocess.Popen[str]]:
    """A program that reads the database of each folder that it is given a line with, and tells the runs in a line."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW")}
    command = [sys.executable, "-W", "ignore", "-c", TODAY]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as program:
        yield program


@pytest.mark.interop
@each_release
def test_the_mlflow_of_today_opens_the_file_afterwards(
    store: SqliteStore, path: Path, runs: dict[str, Run], mlflow_of_today: subprocess.Popen[str]
) -> None:
    """R3.3: MLflow reads what Trackside wrote, into files of any release."""
    pytest.importorskip("mlflow")
    count = len(runs)
    if "killed" in runs:  # MLflow 1.0 has no such status, and a file of its time is not written
        run = store.create_run(runs["full"].info.experiment_id, run_name="ours", user_id="grace", start_time=START)
        write_run(store, run.info.run_id)
        count += 1
    else:
        read_everything(store)
    store.close()
    assert mlflow_of_today.stdin is not None
    assert mlflow_of_today.stdout is not None
    print(path.parent, file=mlflow_of_today.stdin, flush=True)
    found = json.loads(mlflow_of_today.stdout.readline())
    assert len(found) == count
    assert found["full"][2:] == ["first", sorted(runs["full"].data.metrics), 6]
    if "ours" in found:
        assert found["ours"] == ["RUNNING", {"lr": "0.1"}, "ours", ["loss", "odd"], 3]
    upgraded = {run.info.run_name: run for run in store.search_runs(RunQuery(("1",), stages=BOTH))}
    assert upgraded.keys() == found.keys()
    assert upgraded["full"].data.params == runs["full"].data.params
    store.log_batch(upgraded["running"].info.run_id, params=[Param("after the upgrade", "1")])


def write_run(store: SqliteStore, run_id: str) -> None:
    points = [Metric("loss", 1.0, START, 0), Metric("loss", math.nan, START, 1), Metric("loss", math.inf, START, 2)]
    store.log_batch(
        run_id,
        metrics=[*points, Metric("odd", math.nan, START)],
        params=[Param("lr", "0.1")],
        tags=[Tag("kind", "ours"), Tag("mlflow.note.content", "<script>")],
    )
