"""Searching on a server: what it cannot do is done here, with the same runs in the same order as everywhere."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import pytest

from trackside.entities import LifecycleStage, Metric
from trackside.errors import InvalidValueError, StoreUnreachableError
from trackside.search import parse_filter, parse_order
from trackside.search.matches import matches, sort_key
from trackside.stores._rest_search import RunSearch, Sources
from trackside.stores.base import RunQuery
from trackside.stores.rest import RestStore

from .search_world import World, fill
from .servers import Answer, MlflowServer, SmallServer

BOTH = (LifecycleStage.ACTIVE, LifecycleStage.DELETED)
FILTERS = [
    "",
    "metrics.acc > 0.5",
    "metrics.acc > 0.5 AND params.lr = 'abc'",
    "metrics.acc > 0.5 OR params.lr = 'abc'",
    "NOT metrics.acc > 0.5",
    "MIN(metrics.acc) < 0 AND MAX(metrics.`val/loss`) >= 1",
    "params.lr = 0.5",
    "params.lr IN ('abc', 'ABC', '[a]bc')",
    "tags.color NOT LIKE 'a%' AND status != 'FAILED'",
    "tags.color ILIKE 'größe' OR tags.color = \"it's\"",
    "params.lr IS NULL AND metrics.acc IS NOT NULL",
    "dataset.name = 'mnist' OR dataset.context = 'training'",
    "dataset.name ILIKE 'mnist' AND dataset.context = 'Eval'",
    "models > 0",
    "models = 0 AND status = 'FINISHED'",
    "duration > 5ms OR end_time IS NULL",
    "user_id = 'ada' AND (start_time > 1000 OR metrics.acc < 0)",
    "params.`a b` = 'a\\\\b'",
]
ORDERS: list[list[str]] = [
    [],
    ["metrics.acc DESC"],
    ["metrics.acc", "params.lr DESC"],
    ["MIN(metrics.acc)"],
    ["duration DESC", "run_name"],
    ["models DESC"],
    ["status", "start_time ASC"],
    ["tags.color"],
]


@pytest.fixture
def world(mlflow_server: MlflowServer) -> World:
    """A real server whose database is full of awkward runs, but none from 1970: a server cannot say that time."""
    world = fill(mlflow_server.database, seed=7)
    world.runs = [run for run in world.runs if 0 not in (run.info.start_time, run.info.end_time)]
    with closing(sqlite3.connect(mlflow_server.database, timeout=60)) as db, db:
        db.execute("DELETE FROM runs WHERE start_time = 0 OR end_time = 0")
        db.execute("UPDATE model_versions SET creation_time = 1, last_updated_time = 1")
    return world


@pytest.fixture
def store(no_settings: None, mlflow_server: MlflowServer) -> Iterator[RestStore]:
    store = RestStore(mlflow_server.url)
    yield store
    store.close()


def expected(world: World, query: RunQuery) -> list[str]:
    """What the reference meaning finds."""
    condition = query.filter.condition if query.filter else None
    rows = world.in_scope(map(int, query.experiment_ids), query.stages)
    found = [row for row in rows if matches(condition, row)]
    return [row.run.info.run_id for row in sorted(found, key=sort_key(query.order_by))]


def found_in_pages(store: RestStore, query: RunQuery) -> list[str]:
    ids: list[str] = []
    token = None
    while True:
        page = store.search_runs(
            RunQuery(query.experiment_ids, query.stages, query.max_results, token, query.filter, query.order_by)
        )
        ids += [run.info.run_id for run in page]
        assert len(page) == query.max_results or page.token is None
        if page.token is None:
            return ids
        token = page.token


@pytest.mark.server
@pytest.mark.parametrize("text", FILTERS)
def test_a_real_server_finds_the_runs_that_the_filter_means(world: World, store: RestStore, text: str) -> None:
    """R8.2: the same answers on REST stores, in whole and in pages."""
    for stages, size in (((LifecycleStage.ACTIVE,), 1000), (BOTH, 7)):
        query = RunQuery(("1", "2"), stages, size, None, parse_filter(text))
        wanted = expected(world, query)
        assert found_in_pages(store, query) == wanted
        assert store.count_runs(query) == store.count_runs(query) == len(wanted)


@pytest.mark.server
@pytest.mark.parametrize("order", ORDERS, ids=",".join)
def test_a_real_server_gives_the_runs_in_the_order_that_was_asked_for(
    world: World, store: RestStore, order: list[str]
) -> None:
    for text in ("", "metrics.acc < 2 OR models > 0"):
        query = RunQuery(("1", "2", "3"), BOTH, 11, None, parse_filter(text), parse_order(order))
        assert found_in_pages(store, query) == expected(world, query)


@pytest.mark.server
def test_filters_that_are_put_together_at_random_mean_the_same_on_a_real_server(world: World, store: RestStore) -> None:
    dice = random.Random(11)
    parts = [text for text in FILTERS if text]
    for _ in range(20):
        text = dice.choice(parts)
        for _ in range(dice.randrange(3)):
            text = f"{dice.choice(('', 'NOT '))}({text}) {dice.choice(('AND', 'OR'))} ({dice.choice(parts)})"
        order = parse_order(dice.choice(ORDERS))
        query = RunQuery(("1", "2", "3"), BOTH, dice.choice((5, 1000)), None, parse_filter(text), order)
        assert found_in_pages(store, query) == expected(world, query), text


# What is asked of the server


class ListedRuns:
    """A server that finds the same runs whatever it is asked for, and remembers what that was."""

    def __init__(self, count: int) -> None:
        self.asked: list[dict[str, Any]] = []
        self.histories = 0
        self._items = [_item(number) for number in range(count)]

    def sources(self) -> Sources:
        return Sources("http://server", self.runs, self.history, dict)

    def runs(self, body: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append(dict(body))
        first = int(body.get("page_token") or 0)
        last = first + body["max_results"]
        more = {"next_page_token": str(last)} if last < len(self._items) else {}
        return {"runs": self._items[first:last], **more}

    def history(self, run_id: str, key: str) -> tuple[Metric, ...]:
        self.histories += 1
        return (Metric(key, float(int(run_id, 16)), 1),)


def _item(number: int) -> dict[str, Any]:
    info = {"run_id": f"{number:032x}", "experiment_id": "1", "status": "RUNNING", "start_time": 10**6 - number}
    metrics = [{"key": "acc", "value": float(number), "timestamp": 1}]
    return {"info": info, "data": {"metrics": metrics, "params": [{"key": "lr", "value": str(number % 10)}]}}


def search(
    server: ListedRuns, text: str, *order: str, size: int = 5, token: str | None = None
) -> tuple[list[int], str | None]:
    query = RunQuery(("1",), (LifecycleStage.ACTIVE,), size, token, parse_filter(text), parse_order(order))
    page = RunSearch(query, server.sources()).page()
    return [int(run.info.run_id, 16) for run in page], page.token


def test_a_search_that_the_server_understands_is_one_request() -> None:
    server = ListedRuns(50)
    assert search(server, "metrics.acc > 1 AND params.lr = 'x'", "metrics.acc DESC") == ([0, 1, 2, 3, 4], "5")
    (asked,) = server.asked
    assert asked == {
        "experiment_ids": ["1"],
        "run_view_type": "ACTIVE_ONLY",
        "max_results": 5,
        "filter": "metrics.`acc` > 1.0 AND params.`lr` = 'x'",
        "order_by": ["metrics.`acc` DESC"],
    }


def test_a_page_is_looked_for_only_until_it_is_full() -> None:
    server = ListedRuns(100_000)
    found, token = search(server, "params.lr = 3 OR params.lr = 4")
    assert found == [3, 4, 13, 14, 23]
    assert len(server.asked) == 1
    assert search(server, "params.lr = 3 OR params.lr = 4", token=token)[0] == [24, 33, 34, 43, 44]
    assert len(server.asked) == 2


def test_pages_go_on_where_the_one_before_ended() -> None:
    server = ListedRuns(1005)
    found, token = [], None
    while True:
        part, token = search(server, "params.lr = 3 OR params.lr = 4", size=7, token=token)
        found += part
        if token is None:
            break
    assert found == [number for number in range(1005) if number % 10 in (3, 4)]


def test_histories_are_fetched_only_of_runs_that_pass_the_rest() -> None:
    server = ListedRuns(300)
    found, _ = search(server, "MIN(metrics.acc) >= 100 AND (params.lr = 3 OR params.lr = 4)", size=1000)
    assert found == [number for number in range(100, 300) if number % 10 in (3, 4)]
    assert server.histories == 60


def test_an_order_that_the_server_has_not_is_made_here_of_all_runs() -> None:
    server = ListedRuns(2500)
    found, token = search(server, "", "MAX(metrics.acc) DESC")
    assert found == [2499, 2498, 2497, 2496, 2495]
    assert search(server, "", "MAX(metrics.acc) DESC", token=token)[0] == [2494, 2493, 2492, 2491, 2490]
    assert "order_by" not in server.asked[0]


@pytest.mark.parametrize("token", ["", "nonsense", "1.2", "+-1", "100.0", "999999.0.x", "+1"])
def test_a_token_of_another_search_is_refused(token: str) -> None:
    with pytest.raises(InvalidValueError, match="page token"):
        search(ListedRuns(10), "params.lr = 3 OR params.lr = 4", token=token)
    if token != "+1":
        with pytest.raises(InvalidValueError, match="page token"):
            search(ListedRuns(10), "", "MAX(metrics.acc)", token=token or "x")


@pytest.mark.parametrize("item", [1, {}, {"info": {}}, {"info": None}, {**_item(1), "inputs": {"dataset_inputs": [1]}}])
def test_a_run_that_is_none_is_an_error(small_server: SmallServer, no_settings: None, item: object) -> None:
    small_server.answers["/api/2.0/mlflow/runs/search"] = [Answer(200, {"runs": [item]})]
    query = RunQuery(("1",), filter=parse_filter("dataset.name = 'a' OR dataset.name = 'b'"))
    with pytest.raises(StoreUnreachableError, match="no tracking server"):
        RestStore(small_server.url).search_runs(query)
