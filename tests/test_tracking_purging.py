"""Purging experiments: with their runs, and nothing that is not the store's own."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import trackside
from trackside.entities import Experiment, LifecycleStage
from trackside.errors import InvalidValueError, LifecycleError, StoreRefusedError
from trackside.stores.uri import open_store
from trackside.tracking import session

DAY_MS = 86_400_000

pytestmark = pytest.mark.usefixtures("workspace")


def change(sql: str, *values: object) -> None:
    with closing(sqlite3.connect("mlflow.db")) as db, db:
        db.execute(sql, values)


def make_experiment(name: str, *, runs: int = 1, location: str | None = None) -> str:
    store = session.current_store()
    experiment_id = store.create_experiment(name, tags={"team": "red"}, artifact_location=location)
    for number in range(runs):
        run = store.create_run(experiment_id, run_name=f"{name} {number}", user_id="ada", start_time=1000)
        store.artifacts(run.info.run_id).write_bytes("model.bin", b"12345")
    return experiment_id


def delete_long_ago(experiment_id: str, days: float = 31) -> None:
    trackside.delete_experiment(experiment_id)
    change(
        "UPDATE experiments SET last_update_time = last_update_time - ? WHERE experiment_id = ?",
        int(days * DAY_MS),
        experiment_id,
    )
    change("UPDATE runs SET deleted_time = deleted_time - ? WHERE experiment_id = ?", int(days * DAY_MS), experiment_id)


def left() -> list[str]:
    """The names of all experiments that are there, by name."""
    found: list[Experiment] = trackside.search_experiments(trackside.ViewType.ALL, order_by=["name"])
    return [experiment.name for experiment in found]


def test_an_experiment_goes_with_its_runs_and_artifacts(workspace: Path) -> None:
    """R9.2: dry run unless told otherwise; what is young or active stays."""
    old, young, _ = (make_experiment(name, runs=2) for name in ("old", "young", "used"))
    (workspace / "mlruns" / old / "models").mkdir()
    (workspace / "mlruns" / old / "models" / "m.bin").write_bytes(b"123")
    delete_long_ago(old)
    delete_long_ago(young, 29)
    rehearsal = trackside.purge()
    assert [one.name for one in rehearsal.experiments] == ["old"]
    assert (len(rehearsal.runs), rehearsal.artifact_bytes) == (2, 13)
    assert left() == ["Default", "old", "used", "young"]
    report = trackside.purge(dry_run=False)
    assert (report.experiments, report.artifact_bytes) == (rehearsal.experiments, 13)
    assert left() == ["Default", "used", "young"]
    assert not (workspace / "mlruns" / old).exists()
    assert len(list(workspace.rglob("model.bin"))) == 4
    with closing(sqlite3.connect("mlflow.db")) as db:
        for table in ("experiment_tags", "runs"):
            assert db.execute(f"SELECT 1 FROM {table} WHERE experiment_id = ?", (old,)).fetchone() is None


def test_an_experiment_stays_as_long_as_one_of_its_runs_does() -> None:
    """R9.2: a run behind a registered model, and one that nobody knows the deletion of."""
    linked, unknown = make_experiment("linked"), make_experiment("unknown")
    for experiment_id in (linked, unknown):
        delete_long_ago(experiment_id)
    change("INSERT INTO registered_models (name) VALUES ('m')")
    change(
        "INSERT INTO model_versions (name, version, run_id) SELECT 'm', 1, run_uuid FROM runs WHERE experiment_id = ?",
        linked,
    )
    change("UPDATE runs SET deleted_time = NULL WHERE experiment_id = ?", unknown)
    report = trackside.purge(dry_run=False)
    assert (report.runs, report.experiments, report.kept_for_models) == ((), (), 1)
    assert left() == ["Default", "linked", "unknown"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights")
def test_artifacts_of_an_experiment_elsewhere_are_left_and_named(workspace: Path, tmp_path: Path) -> None:
    """R9.2: only what lies in the store's own folder goes, and nothing through a link."""
    place = tmp_path / "precious"
    elsewhere = make_experiment("elsewhere", location=str(place))
    linked = make_experiment("linked", runs=0)
    (workspace / "mlruns").mkdir()
    (workspace / "mlruns" / linked).symlink_to(place, target_is_directory=True)
    for experiment_id in (elsewhere, linked):
        delete_long_ago(experiment_id)
    report = trackside.purge(dry_run=False)
    assert [one.artifacts_left for one in report.experiments] == [str(workspace / "mlruns" / linked), str(place)]
    assert left() == ["Default"]
    assert len(list(place.rglob("model.bin"))) == 1


def test_rows_of_later_versions_go_along() -> None:
    """R9.2: tables that refer to the experiment in one step or in two; a reference that may be empty is emptied."""
    experiment_id, other = make_experiment("old"), make_experiment("used")
    change("CREATE TABLE models (id TEXT PRIMARY KEY, owner INT REFERENCES experiments (experiment_id))")
    change("CREATE TABLE parts (model TEXT, place INT, FOREIGN KEY (model) REFERENCES models (id))")
    change("CREATE TABLE views (name TEXT, shown INT REFERENCES experiments (experiment_id) ON DELETE SET NULL)")
    for number in (experiment_id, other):
        change("INSERT INTO models VALUES (?, ?)", f"m{number}", number)
        change("INSERT INTO parts VALUES (?, 1)", f"m{number}")
        change("INSERT INTO views VALUES ('v', ?)", number)
    delete_long_ago(experiment_id)
    assert len(trackside.purge(dry_run=False).experiments) == 1
    with closing(sqlite3.connect("mlflow.db")) as db:
        assert db.execute("SELECT id FROM models").fetchall() == [(f"m{other}",)]
        assert db.execute("SELECT model FROM parts").fetchall() == [(f"m{other}",)]
        assert db.execute("SELECT shown FROM views ORDER BY shown").fetchall() == [(None,), (int(other),)]


def test_what_is_used_is_not_purged() -> None:
    """R9.2"""
    store, experiment_id = session.current_store(), make_experiment("wine")
    with pytest.raises(LifecycleError, match="not deleted"):
        store.purge_experiment(experiment_id)
    store.delete_experiment(experiment_id)
    with pytest.raises(LifecycleError, match="still has 1 run"):
        store.purge_experiment(experiment_id)
    with pytest.raises(InvalidValueError, match="default"):
        store.purge_experiment("0")
    assert store.get_experiment(experiment_id).lifecycle_stage is LifecycleStage.DELETED
    with pytest.raises(StoreRefusedError, match="cannot be purged"):
        open_store("http://127.0.0.1:9").purge_experiment("1")
