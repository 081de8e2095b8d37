"""DataFrames of runs: the way from tables to columns gives what the way by run objects gives."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from trackside.entities import LifecycleStage, Metric, Param, RunStatus, Tag
from trackside.search import parse_filter, parse_order
from trackside.stores.base import RunQuery, Store
from trackside.stores.columns import RunColumns
from trackside.stores.sqlite import SqliteStore
from trackside.transfer.dataframe import read_frame, to_frame
from trackside.transfer.rows import read_runs

KEY = "a key/with.all:sorts-of_signs"
NASTY = 'quote " comma , back\\slash \n line \x1f é 🐢'


def add_run(
    store: Store, metrics: Mapping[str, float], params: Mapping[str, str], *, start_time: int, is_over: bool = True
) -> str:
    run = store.create_run("0", run_name=f"run {start_time}", user_id="me", start_time=start_time)
    run_id = run.info.run_id
    store.log_batch(
        run_id,
        metrics=[Metric(key, value, 1) for key, value in metrics.items()],
        params=[Param(key, value) for key, value in params.items()],
        tags=[Tag(KEY, NASTY)] if params else [],
    )
    if is_over:
        store.update_run(run_id, status=RunStatus.FINISHED, end_time=start_time + 5)
    return run_id


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    """Runs of which no two have the same keys, with numbers and texts that are hard to write down."""
    store = SqliteStore(tmp_path / "mlflow.db")
    add_run(store, {"a": 0.1, "b": math.nan}, {"p": NASTY, "q": ""}, start_time=1_700_000_000_123)
    add_run(store, {"b": math.inf, "c": -math.inf}, {"q": "[]"}, start_time=1_700_000_001_000, is_over=False)
    add_run(store, {}, {}, start_time=1_700_000_002_000)
    add_run(store, {"a": 1e-300, KEY: 3.0}, {"p": "null", KEY: "{}"}, start_time=1_700_000_003_999)
    return store


def by_objects(store: Store, query: RunQuery) -> pd.DataFrame:
    return to_frame(RunColumns.of(list(read_runs(store, query))))


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"max_results": 2},
        {"order_by": parse_order(["metrics.a"])},
        {"filter": parse_filter("params.q LIKE '%'")},
        {"filter": parse_filter("params.q = 'nowhere'")},
        {"stages": (LifecycleStage.DELETED,)},
    ],
)
def test_columns_read_from_tables_are_those_of_the_runs(store: SqliteStore, asked: dict[str, Any]) -> None:
    """R8.4: values, types and order, whatever is asked for."""
    query = RunQuery(("0",), **asked)
    pd.testing.assert_frame_equal(read_frame(store, query), by_objects(store, query))


def test_a_frame_holds_what_was_logged(store: SqliteStore) -> None:
    """R8.4: NaN, infinities, and what a run does not have."""
    frame = read_frame(store, RunQuery(("0",)))
    assert list(frame["metrics.b"][2:]) == [math.inf, pytest.approx(math.nan, nan_ok=True)]
    assert frame["metrics.c"][2] == -math.inf
    assert frame[f"params.{KEY}"][0] == "{}"
    assert frame["params.p"][3] == NASTY
    assert pd.isna(frame["params.p"][1])
    assert pd.isna(frame["end_time"][2])
    assert frame["start_time"][3] == pd.Timestamp(1_700_000_000_123, unit="ms", tz="UTC")


def test_a_store_that_only_knows_pages_gives_the_same_frame(store: SqliteStore) -> None:
    """R8.4: as a server does."""
    query = RunQuery(("0",))

    class Paged(SqliteStore):
        def run_columns(self, query: RunQuery) -> None:  # type: ignore[override]
            return None

    pd.testing.assert_frame_equal(read_frame(Paged(store.path), query), read_frame(store, query))


def test_without_experiments_there_are_no_rows(store: SqliteStore) -> None:
    frame = read_frame(store, RunQuery(()))
    assert len(frame) == 0
    assert list(frame.columns) == ["run_id", "experiment_id", "status", "artifact_uri", "start_time", "end_time"]
