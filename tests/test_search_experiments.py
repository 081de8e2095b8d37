"""Finding experiments: the words of the language, and one meaning in SQL, in Python and on servers."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from trackside.entities import Experiment, LifecycleStage
from trackside.errors import FilterError, InvalidValueError
from trackside.search import parse_experiment_filter, parse_experiment_order
from trackside.search.experiments import ExperimentEvidence, select, sort_key
from trackside.search.matches import matches
from trackside.search.to_mlflow import split_for_experiments
from trackside.stores.base import ExperimentQuery
from trackside.stores.creation import make_database
from trackside.stores.sqlite import SqliteStore

from .experiment_world import MLFLOW_FILTERS, MLFLOW_ORDERS, OUR_FILTERS, OUR_ORDERS, fill

ALL = tuple(LifecycleStage)
WINE = Experiment("12", "wine quality", "/a", LifecycleStage.ACTIVE, 1000, 90_000_000, {"team": "red", "size": "5.0"})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> SqliteStore:
    """A store with many experiments, and among them the one that every store has."""
    path = tmp_path_factory.mktemp("experiments") / "mlflow.db"
    make_database(path)
    fill(path, seed=8)
    return SqliteStore(path)


@pytest.mark.parametrize(
    "text",
    [
        "name = 'wine quality' AND name LIKE 'wine%' AND name ILIKE 'WINE%' AND name != 'wine'",
        "tags.team = 'red' tags.size = 5 AND tag.size > 4 AND tags.`no such` IS NULL",
        "NOT name LIKE 'x%' AND (tags.team = 'blue' OR tags.team IN ('red', 'white'))",
        "creation_time >= 1000 AND attribute.creation_time < '1970-01-02' AND created < -1d",
        "updated > 86400000 AND last_update_time IS NOT NULL",
        "experiment_id = '12' AND experiment_id IN ('12', '13') AND experiment_id != '120'",
        "",
    ],
)
def test_an_experiment_is_found_by(text: str) -> None:
    """R2.4, R8.2: all that MLflow's filters of experiments know, and what filters of runs can besides."""
    assert matches(parse_experiment_filter(text).condition, ExperimentEvidence(WINE))


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("status = 'FINISHED'", 0, "experiments have no attribute status"),
        ("nam = 'x'", 0, "Did you mean name?"),
        ("owner = 'x'", 0, "tags.owner"),
        ("metrics.acc > 1", 0, "There are tags and attributes"),
        ("name = 'x' AND params.a = 1", 15, "no kind of thing named params"),
        ("run.name = 'x'", 0, "no kind of thing named run"),
        ("MIN(creation_time) > 1", 4, "MIN works on a metric"),
        ("name > 'x'", 5, "name has no order"),
        ("name = wine", 7, "'wine'"),
        ("creation_time = 'wine'", 16, "not a date"),
        ("= 'x'", 0, "name, tags.team, creation_time"),
        ("experiment_id = 12", 16, "'12'"),
    ],
)
def test_a_mistake_is_shown_where_it_is(text: str, place: int, said: str) -> None:
    """R8.2: a bad filter gets an error that points at the place and says what was expected."""
    with pytest.raises(FilterError) as caught:
        parse_experiment_filter(text)
    assert caught.value.position == place
    assert said in str(caught.value)


def test_an_order_names_what_experiments_have() -> None:
    with pytest.raises(FilterError, match="experiments have no attribute start_time"):
        parse_experiment_order(["start_time DESC"])
    with pytest.raises(InvalidValueError, match="creation_time twice"):
        parse_experiment_order(["created", "creation_time"])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=OUR_FILTERS, order=OUR_ORDERS)
def test_sql_finds_what_the_reference_finds(store: SqliteStore, text: str, order: list[str]) -> None:
    """R8.2: the compiled search has the meaning that is said in Python."""
    query = ExperimentQuery(ALL, 40, parse_experiment_filter(text), parse_experiment_order(order))
    expected = select(store.list_experiments(stages=ALL), query.filter, query.order_by, 40)
    assert store.search_experiments(query) == expected


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=OUR_FILTERS | MLFLOW_FILTERS, order=OUR_ORDERS | MLFLOW_ORDERS)
def test_nothing_is_lost_between_a_server_and_this_side(store: SqliteStore, text: str, order: list[str]) -> None:
    """R8.2: what a server is asked for, narrowed here, is what was wanted."""
    wanted, steps = parse_experiment_filter(text), parse_experiment_order(order)
    parts = split_for_experiments(wanted, steps)
    served = select(store.list_experiments(stages=ALL), parse_experiment_filter(parts.filter_text), (), None)
    found = [one for one in served if matches(parts.remainder, ExperimentEvidence(one))]
    ordered = sorted(found, key=sort_key(parts.order_here or parse_experiment_order(parts.order_by)))
    assert tuple(ordered) == select(store.list_experiments(stages=ALL), wanted, steps, None)


@pytest.mark.parametrize(
    ("text", "sent", "is_whole"),
    [
        ("name LIKE 'wine%' AND tags.team = 'red'", "name LIKE 'wine%' AND tags.`team` = 'red'", True),
        ("created > 5 AND updated < '1970-01-01Z'", "creation_time > 5 AND last_update_time < 0", True),
        ("creation_time > 5.5", "", False),
        ("experiment_id = '12'", "", False),
        ("tags.team = 5", "tags.`team` LIKE '%'", False),
        ("name = 'a' OR name = 'b'", "", False),
    ],
)
def test_what_a_server_understands_is_sent(text: str, sent: str, is_whole: bool) -> None:
    found = split_for_experiments(parse_experiment_filter(text), ())
    assert (found.filter_text, found.remainder is None) == (sent, is_whole)


def test_a_file_of_an_old_mlflow_is_searched_by_what_it_has(tmp_path: Path) -> None:
    """R3.3: a database of 2019, without times and tags of experiments."""
    path = tmp_path / "mlflow.db"
    make_database(path)
    fill(path, seed=9, count=5)
    with sqlite3.connect(path) as db:
        db.execute("DROP TABLE experiment_tags")
        db.execute("ALTER TABLE experiments DROP COLUMN creation_time")
        db.execute("ALTER TABLE experiments DROP COLUMN last_update_time")
    db.close()
    store = SqliteStore(path)
    everything = store.list_experiments(stages=ALL)
    for text in ("tags.team IS NULL", "creation_time IS NULL", "NOT created > 5", "NOT tags.team = 'x'"):
        found = store.search_experiments(ExperimentQuery(ALL, filter=parse_experiment_filter(text)))
        assert len(found) == len(everything) == 6
    order = parse_experiment_order(["tags.team", "created DESC", "name"])
    found = store.search_experiments(ExperimentQuery(ALL, order_by=order))
    assert [one.name for one in found] == sorted(one.name for one in everything)
    store.close()
