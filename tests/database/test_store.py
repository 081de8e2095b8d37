"""The SQLite store's tables: a new file's, large amounts, and rows and columns that somebody else made."""

from __future__ import annotations

import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from trackside.entities import LifecycleStage, Metric, Param, Run, RunStatus, Tag
from trackside.errors import InvalidValueError, StoreReadOnlyError
from trackside.stores import schema, sqlite_opening
from trackside.stores.base import RunQuery
from trackside.stores.sqlite import SqliteStore

from .world import DEFAULT, ask, new_run

COUNT = "SELECT run_uuid FROM runs"

# A new file


def test_a_new_file_has_the_tables_and_marks_of_its_revision(path: Path, run: Run) -> None:
    assert ask(path, "SELECT version_num FROM alembic_version") == [("7f2a7d5fae7d",)]
    assert ask(path, "PRAGMA application_id") == [(schema.APPLICATION_ID,)]
    assert ask(path, "PRAGMA journal_mode") == [("wal",)]
    assert ask(path, "SELECT count(*) FROM sqlite_master WHERE type = 'table'") == [(len(schema.NEW_TABLES) + 1,)]
    indexes = {name for (name,) in ask(path, "SELECT name FROM sqlite_master WHERE type = 'index'")}
    assert schema.EXTRA_INDEXES.keys() <= indexes
    assert schema.EXTREMES.keys() <= {name for (name,) in ask(path, "SELECT name FROM sqlite_master")}


def test_a_new_file_keeps_artifacts_beside_itself_as_mlflow_does(store: SqliteStore, run: Run, tmp_path: Path) -> None:
    assert store.get_experiment("0").artifact_location == f"{tmp_path}/mlruns/0"
    assert run.info.artifact_uri == f"{tmp_path}/mlruns/0/{run.info.run_id}/artifacts"
    other = store.get_experiment(store.create_experiment("other"))
    assert other.artifact_location == f"{tmp_path}/mlruns/{other.experiment_id}"


def test_no_column_that_mlflow_relies_on_is_left_empty(path: Path, store: SqliteStore) -> None:
    new_run(store, user_id=None)
    columns = "source_type, source_name, entry_point_name, source_version, user_id, status, lifecycle_stage"
    assert ask(path, f"SELECT {columns} FROM runs") == [("UNKNOWN", "", "", "", "", "RUNNING", "active")]


# Amounts


def test_a_batch_of_100_000_points_is_written_and_read(store: SqliteStore, run: Run) -> None:
    points = [Metric(f"m{step % 10}", float(step), step, step) for step in range(100_000)]
    store.log_batch(run.info.run_id, metrics=points)
    assert len(store.metric_history(run.info.run_id, "m3")) == 10_000
    assert store.get_run(run.info.run_id).data.metrics["m9"] == 99_999.0


def test_many_params_and_tags_fit_in_one_batch(store: SqliteStore, run: Run) -> None:
    names = [f"name{number}" for number in range(5000)]
    store.log_batch(
        run.info.run_id, params=[Param(name, "1") for name in names], tags=[Tag(name, "1") for name in names]
    )
    data = store.get_run(run.info.run_id).data
    assert len(data.params) == 5000
    assert len(data.tags) == 5001


def test_a_page_takes_five_queries_however_many_runs_it_has(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    statements: list[str] = []
    opened = sqlite_opening._open

    def traced(path: Path, options: str) -> sqlite3.Connection:
        connection = opened(path, options)
        connection.set_trace_callback(statements.append)
        return connection

    store = SqliteStore(path)
    for number in range(1200):
        run = new_run(store, start_time=number)
        store.log_batch(run.info.run_id, metrics=[Metric("loss", 1.0, 1)], params=[Param("a", "b")])
    store.close()
    monkeypatch.setattr(sqlite_opening, "_open", traced)
    store.count_runs(DEFAULT)
    statements.clear()
    page = store.search_runs(RunQuery(("0",), max_results=1100))
    assert len(page) == 1100
    assert all(run.data.metrics == {"loss": 1.0} and run.data.params == {"a": "b"} for run in page)
    assert len([statement for statement in statements if statement.lstrip().startswith("SELECT")]) == 5
    store.close()


def test_threads_that_come_later_use_what_is_open(
    path: Path, store: SqliteStore, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page that is loaded has a thread of its own in the kernel."""
    opened: list[Path] = []
    open_ = sqlite_opening._open
    monkeypatch.setattr(sqlite_opening, "_open", lambda path, options: opened.append(path) or open_(path, options))
    store.count_runs(DEFAULT)
    opened.clear()
    with ThreadPoolExecutor(1) as first, ThreadPoolExecutor(1) as second:
        for thread in (first, second):
            assert thread.submit(store.count_runs, DEFAULT).result() == 1
    assert opened == []


def test_threads_at_the_same_time_do_not_wait_for_each_other(path: Path, store: SqliteStore, run: Run) -> None:
    everyone_reads = threading.Barrier(20)

    def read(_number: int) -> int:
        return store._database.read(lambda db, _: everyone_reads.wait(120) * 0 + len(db.execute(COUNT).fetchall()), 0)

    with ThreadPoolExecutor(20) as threads:
        assert list(threads.map(read, range(20))) == [1] * 20
    assert len(store._database._connections) == 8
    store.close()
    assert not list(path.parent.glob("*-wal"))


def test_the_newest_runs_are_found_through_the_index(path: Path, run: Run) -> None:
    found = "SELECT * FROM runs WHERE experiment_id IN (?) AND lifecycle_stage IN (?)"
    sql = f"EXPLAIN QUERY PLAN {found} ORDER BY start_time DESC, run_uuid LIMIT 3"
    plan = " ".join(str(row[3]) for row in ask(path, sql, 0, "active"))
    assert "trackside_runs_by_start (experiment_id=? AND lifecycle_stage=?)" in plan


def test_indexes_that_were_dropped_are_made_again(path: Path, store: SqliteStore, run: Run) -> None:
    for name in schema.EXTRA_INDEXES:
        ask(path, f"DROP INDEX {name}")
    store.log_batch(run.info.run_id, params=[Param("a", "b")])
    indexes = {name for (name,) in ask(path, "SELECT name FROM sqlite_master WHERE type = 'index'")}
    assert schema.EXTRA_INDEXES.keys() <= indexes


def test_pages_stay_in_place_while_runs_are_added(store: SqliteStore) -> None:
    runs = [new_run(store, start_time=time).info.run_id for time in range(6)]
    first = store.search_runs(RunQuery(("0",), max_results=3))
    new_run(store, start_time=100)
    second = store.search_runs(RunQuery(("0",), max_results=3, page_token=first.token))
    assert [run.info.run_id for run in (*first, *second)] == runs[::-1]


def test_runs_without_a_start_time_come_last_and_once(path: Path, store: SqliteStore) -> None:
    runs = sorted(new_run(store).info.run_id for _ in range(7))
    ask(path, "UPDATE runs SET start_time = NULL WHERE run_uuid IN (?, ?, ?, ?)", *runs[:4])
    expected, found, token = runs[4:] + runs[:4], [], None
    for _ in range(4):
        page = store.search_runs(RunQuery(("0",), max_results=2, page_token=token))
        found += [run.info.run_id for run in page]
        token = page.token
    assert (found, token) == (expected, None)


# Rows that somebody else wrote


def test_rows_with_empty_columns_can_be_read(path: Path, store: SqliteStore, run: Run) -> None:
    ask(path, "UPDATE runs SET status = NULL, user_id = NULL, name = NULL, artifact_uri = NULL")
    ask(path, "UPDATE tags SET value = NULL")
    read = store.get_run(run.info.run_id)
    assert (read.info.status, read.info.user_id, read.info.run_name) == (RunStatus.RUNNING, "", "")
    ask(path, "UPDATE runs SET lifecycle_stage = NULL")
    assert store.get_run(run.info.run_id).info.lifecycle_stage is LifecycleStage.DELETED
    assert store.search_runs(DEFAULT).items == ()


def test_a_form_with_columns_that_trackside_cannot_fill_is_read_only(path: Path, store: SqliteStore, run: Run) -> None:
    ask(path, "CREATE TABLE new_params AS SELECT * FROM params")
    ask(path, "DROP TABLE params")
    ask(path, "CREATE TABLE params (key VARCHAR(250), value TEXT, run_uuid VARCHAR(32), kind TEXT NOT NULL)")
    os.utime(path, (1, 1))
    assert store.get_run(run.info.run_id) == run
    with pytest.raises(StoreReadOnlyError, match=r"params\.kind"):
        store.log_batch(run.info.run_id, tags=[Tag("a", "b")])


def test_the_width_of_an_older_column_is_its_limit(path: Path, store: SqliteStore, run: Run) -> None:
    ask(path, "DROP TABLE params")
    ask(path, schema.NEW_TABLES[3].replace("8000", "500"))
    store.log_batch(run.info.run_id, params=[Param("fits", "x" * 500)])
    with pytest.raises(InvalidValueError, match=r"501 characters; the limit is 500"):
        store.log_batch(run.info.run_id, params=[Param("long", "x" * 501)])
