"""Purging runs from a database that MLflow made, with the tables of today."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from trackside.stores.sqlite import SqliteStore

pytestmark = [pytest.mark.interop, pytest.mark.filterwarnings("ignore")]


def rows_naming(path: Path, text: str) -> list[str]:
    """The tables in which some column holds a text."""
    found = []
    with closing(sqlite3.connect(path)) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            columns = [row[1] for row in db.execute(f'PRAGMA table_info("{table}")')]
            condition = " OR ".join(f'"{column}" = ?' for column in columns)
            if db.execute(f'SELECT 1 FROM "{table}" WHERE {condition}', [text] * len(columns)).fetchone():
                found.append(table)
    return found


def rows_of(path: Path, experiment_id: str) -> list[str]:
    """The tables with rows of an experiment."""
    with closing(sqlite3.connect(path)) as db:
        found = db.execute(
            "SELECT t.name FROM sqlite_master AS t JOIN pragma_table_info(t.name) AS c ON c.name = 'experiment_id'"
            " WHERE t.type = 'table'"
        ).fetchall()
        sql = 'SELECT 1 FROM "{}" WHERE experiment_id = ?'
        return [table for (table,) in found if db.execute(sql.format(table), (experiment_id,)).fetchone()]


def test_no_row_names_a_purged_run_and_mlflow_reads_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """R9.2: datasets that went in, too; a logged model only loses the metrics that the run gave it, and goes with the
    experiment."""
    import mlflow
    import pandas as pd

    monkeypatch.chdir(tmp_path)
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'mlflow.db'}")
    try:
        experiment_id = mlflow.set_experiment("gone").experiment_id
        with mlflow.start_run() as run:
            dataset = mlflow.data.from_pandas(pd.DataFrame({"a": [1.0]}))
            mlflow.log_input(dataset, context="train")
            model = mlflow.create_external_model("m")
            mlflow.log_metric("loss", 1.0, model_id=model.model_id, dataset=dataset)
            mlflow.log_param("p", 1)
        run_id = run.info.run_id
        assert {"inputs", "logged_model_metrics", "params"} <= set(rows_naming(tmp_path / "mlflow.db", run_id))
        mlflow.delete_run(run_id)
        SqliteStore(tmp_path / "mlflow.db").purge_run(run_id)
        assert set(rows_naming(tmp_path / "mlflow.db", run_id)) <= {"logged_models"}
        assert mlflow.search_runs([experiment_id], run_view_type=3).empty
        assert mlflow.get_logged_model(model.model_id).name == "m"
        mlflow.delete_experiment(experiment_id)
        SqliteStore(tmp_path / "mlflow.db").purge_experiment(experiment_id)
        assert rows_naming(tmp_path / "mlflow.db", model.model_id) == []
        assert rows_of(tmp_path / "mlflow.db", experiment_id) == []
        assert [one.name for one in mlflow.search_experiments(view_type=3)] == ["Default"]
    finally:
        mlflow.set_tracking_uri(None)
