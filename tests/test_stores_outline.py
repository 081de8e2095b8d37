"""Outlines: the ids that a query finds and how they are nested, the same from tables as page by page."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from trackside.entities import LifecycleStage, Metric
from trackside.search import parse_filter, parse_order
from trackside.search.to_sql import RUNS_INDEX
from trackside.stores import outline, sqlite_outline
from trackside.stores.base import RunQuery
from trackside.stores.sqlite import SqliteStore

BOTH = (LifecycleStage.ACTIVE, LifecycleStage.DELETED)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> SqliteStore:
    """Three families of a parent and four children, and one run whose parent is elsewhere; some are deleted."""
    made = SqliteStore(tmp_path_factory.mktemp("outline") / "mlflow.db")
    experiment, other = made.create_experiment("one"), made.create_experiment("two")
    stranger = run(made, other, 0)
    for family in range(3):
        parent = run(made, experiment, 10 * family)
        children = [run(made, experiment, 10 * family + child, parent) for child in range(1, 5)]
        made.delete_run(children[2])
    run(made, experiment, 99, stranger)
    return made


def run(store: SqliteStore, experiment_id: str, number: int, parent: str = "") -> str:
    tags = {"mlflow.parentRunId": parent} if parent else {}
    made = store.create_run(experiment_id, run_name=str(number), user_id="ada", start_time=number, tags=tags)
    store.log_batch(made.info.run_id, metrics=[Metric("score", -float(number), 1)])
    return made.info.run_id


@pytest.mark.parametrize("stages", [(LifecycleStage.ACTIVE,), BOTH])
@pytest.mark.parametrize("order", [[], ["metrics.score", "run_name DESC"]])
@pytest.mark.parametrize("text", ["", "metrics.score < -11 AND metrics.score > -24", "run_name = 'none'"])
@pytest.mark.parametrize("experiments", [("1",), ("1", "2"), ()])
def test_tables_and_pages_tell_the_same(
    store: SqliteStore, stages: tuple[LifecycleStage, ...], order: list[str], text: str, experiments: tuple[str, ...]
) -> None:
    """R4.3, R8.1: order, total, and the parents of what is found."""
    query = RunQuery(experiments, stages, filter=parse_filter(text), order_by=parse_order(order))
    at_once, by_pages = store.outline_runs(query, 100), outline.outline_pages(store, query, 100)
    assert list(at_once.ids) == list(by_pages.ids) == [run.info.run_id for run in store.search_runs(query)]
    assert at_once.total == by_pages.total == len(at_once.ids)
    assert by_pages.parents.items() <= at_once.parents.items()
    assert not {"", *at_once.parents.values()} & {run.info.run_id for run in store.get_runs(["none"])}


def test_a_parent_of_another_experiment_is_none_here(store: SqliteStore) -> None:
    """R4.3: its child stands for itself."""
    parents = store.outline_runs(RunQuery(("1",)), 100).parents
    assert len(parents) == 9
    assert {info.experiment_id for info in (run.info for run in store.get_runs(list(parents.values())))} == {"1"}


def test_a_long_list_is_found_in_part_and_counted_whole(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """R4.1: the first rows do not wait for all ids; nested runs need them all."""
    monkeypatch.setattr(sqlite_outline, "FEW", 2)
    for number in range(5):
        run(store, store.create_experiment(f"flat {number}"), number)
    flat = tuple(experiment.experiment_id for experiment in store.list_experiments() if "flat" in experiment.name)
    found = store.outline_runs(RunQuery(flat), 2)
    assert (len(found.ids), found.total) == (2, 5)
    assert len(store.outline_runs(RunQuery(flat), 3).ids) == 5
    assert len(store.outline_runs(RunQuery(("1",)), 2).ids) == 13
    by_pages = outline.outline_pages(store, RunQuery(flat), 2)
    assert (len(by_pages.ids), by_pages.total) == (2, 5)


def test_runs_come_in_the_order_they_were_asked_for_without_those_that_are_gone(store: SqliteStore) -> None:
    """R4.1"""
    ids = list(store.outline_runs(RunQuery(("1",)), 100).ids)[::-1]
    asked = [ids[0], "none", *ids[1:3]]
    for found in (store.get_runs(asked), outline.get_one_by_one(store, asked)):
        assert [run.info.run_id for run in found] == ids[:3]


def test_the_newest_come_first_in_a_file_without_an_index_whatever_the_order_they_were_made_in(tmp_path: Path) -> None:
    """R8.1: runs that were copied in later may be older, or have no start time at all."""
    path = tmp_path / "foreign.db"
    store = SqliteStore(path)
    experiment = store.create_experiment("one")
    numbers = {run(store, experiment, number): number for number in (5, 1, 9, 2, 8, 3, 7)}
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"DROP INDEX {RUNS_INDEX}")
        db.execute("UPDATE runs SET start_time = NULL WHERE start_time = 3")
        db.commit()
    for wanted in (1, 2, 3, 7, 100):
        found = store.search_runs(RunQuery((experiment,), max_results=wanted))
        assert [numbers[one.info.run_id] for one in found] == [9, 8, 7, 5, 2, 1, 3][:wanted]
