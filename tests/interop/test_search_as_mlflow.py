"""Search finds what MLflow's own search finds, on the same files, in the same order."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trackside.entities import LifecycleStage
from trackside.search import parse_filter, parse_order
from trackside.search.matches import matches, sort_key
from trackside.search.to_mlflow import split
from trackside.stores import schema
from trackside.stores.base import RunQuery
from trackside.stores.creation import make_database
from trackside.stores.sqlite import SqliteStore

from ..search_filters import MLFLOW_FILTERS, MLFLOW_ORDERS, OUR_FILTERS, OUR_ORDERS
from ..search_world import EXPERIMENTS, World, fill

pytestmark = [
    pytest.mark.interop,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"),
]

CASES = int(os.environ.get("TRACKSIDE_SEARCH_CASES", "600"))
"""How many random searches are compared on each kind of file; more find more, at 20 ms each."""
SCOPES = st.lists(st.sampled_from(EXPERIMENTS), min_size=1, max_size=3, unique=True)
VIEWS = st.sampled_from((1, 2, 3))
STAGES = {1: (LifecycleStage.ACTIVE,), 2: (LifecycleStage.DELETED,), 3: tuple(LifecycleStage)}


@dataclass
class Both:
    """One file, open in MLflow and in Trackside."""

    client: Any
    store: SqliteStore
    world: World
    is_ours: bool

    def ask_mlflow(self, experiments: list[int], view: int, text: str, order: list[str], size: int) -> list[str] | None:
        """The ids on the first two pages, or None where MLflow refuses."""
        from mlflow.exceptions import MlflowException

        ids = [str(number) for number in experiments]
        try:
            page = self.client.search_runs(ids, text, view, size, order)
            found = [run.info.run_id for run in page]
            if page.token:
                found += [run.info.run_id for run in self.client.search_runs(ids, text, view, size, order, page.token)]
        except MlflowException:
            return None
        return found

    def ask_trackside(self, experiments: list[int], view: int, text: str, order: list[str], size: int) -> list[str]:
        ids = tuple(str(number) for number in experiments)
        query = RunQuery(ids, STAGES[view], size, None, parse_filter(text), parse_order(order))
        page = self.store.search_runs(query)
        found = [run.info.run_id for run in page]
        if page.token:
            query = RunQuery(ids, STAGES[view], size, page.token, query.filter, query.order_by)
            found += [run.info.run_id for run in self.store.search_runs(query)]
        return found

    def ask_reference(self, experiments: list[int], view: int, text: str, order: list[str], size: int) -> list[str]:
        condition = parse_filter(text).condition
        runs = [run for run in self.world.in_scope(experiments, STAGES[view]) if matches(condition, run)]
        return [found.run.info.run_id for found in sorted(runs, key=sort_key(parse_order(order)))][: 2 * size]


@pytest.fixture(scope="module", params=["made by MLflow", "made by Trackside, upgraded by MLflow"])
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    from mlflow import MlflowClient

    folder = tmp_path_factory.mktemp("both")
    path = folder / "mlflow.db"
    is_ours = request.param != "made by MLflow"
    if is_ours:
        make_database(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        logging.disable(logging.CRITICAL)
        client = MlflowClient(f"sqlite:///{path}")
        client.get_experiment("0")
        world = fill(path, seed=4 + is_ours, count=60)
        if is_ours:
            make_extra_indexes(path)
        store = SqliteStore(path)
        yield Both(client, store, world, is_ours)
        store.close()
        logging.disable(logging.NOTSET)


def make_extra_indexes(path: Path) -> None:
    with sqlite3.connect(path) as db:
        for statement in schema.EXTRA_INDEXES.values():
            db.execute(statement)
    db.close()


@settings(max_examples=CASES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scope=SCOPES, view=VIEWS, text=MLFLOW_FILTERS, order=MLFLOW_ORDERS, size=st.integers(1, 12))
def test_the_same_runs_in_the_same_order(
    both: Both, scope: list[int], view: int, text: str, order: list[str], size: int
) -> None:
    """R8.2: all that MLflow accepts, with the same result on the same database."""
    theirs = both.ask_mlflow(scope, view, text, order, size)
    if theirs is not None:
        assert both.ask_trackside(scope, view, text, order, size) == theirs
        assert both.ask_reference(scope, view, text, order, size) == theirs


def test_extremes_are_kept_while_mlflow_upgrades_and_writes_and_deletes(both: Both) -> None:
    """R8.1: ``MIN(metrics.rmse) <= 1``, at once in files that Trackside made."""
    run_id = both.client.create_run("3").info.run_id
    for step, value in enumerate((3.0, float("nan"), -7.0, 2.0)):
        both.client.log_metric(run_id, "rmse", value, step=step)
    assert both.ask_trackside([3], 3, "MIN(metrics.rmse) = -7 AND MAX(metrics.rmse) = 3", [], 5) == [run_id]
    with sqlite3.connect(both.world.path) as db:
        triggers = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
        assert (triggers >= schema.EXTREMES.keys() - {"trackside_metric_extremes"}) == both.is_ours
        db.execute("DELETE FROM metrics WHERE run_uuid = ? AND value < 0", (run_id,))
    db.close()
    assert both.ask_trackside([3], 3, "MIN(metrics.rmse) = 2", [], 5) == [run_id]
    with sqlite3.connect(both.world.path) as db:
        for table in ("metrics", "latest_metrics", "tags", "runs"):
            db.execute(f"DELETE FROM {table} WHERE run_uuid = ?", (run_id,))
    db.close()


@settings(max_examples=CASES // 4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=OUR_FILTERS, order=OUR_ORDERS)
def test_mlflow_accepts_what_a_server_is_sent(both: Both, text: str, order: list[str]) -> None:
    """R8.2: the same answers on stores on servers."""
    sent = split(parse_filter(text), parse_order(order))
    theirs = both.ask_mlflow([1, 2, 3], 3, sent.filter_text, list(sent.order_by), 100)
    assert theirs == both.ask_reference([1, 2, 3], 3, sent.filter_text, list(sent.order_by), 100)


ACCEPTED_ODDITIES = [
    *("AND", "AND metrics.acc > 0", "metrics.acc > 0 AND", "metrics.acc > 0 AND AND run_id != 'x'", ""),
    *("metrics.acc > 0 run_id != 'x'", "metrics.acc>0 params.lr != 'x'", "params.lr != 'x'params.lr != 'y'"),
    *("`metrics`.acc > 0", "metric.acc > 0", "parameters.lr != 'x'", "run.status != 'x'", "\"run name\" != 'x'"),
    *("`Run Name` != 'x'", "attr.Created > 1.5", "`Created` > 5", "params.lr = ''", 'params.lr != ""'),
    *(
        "tags.\"it's\" != 'x'",
        "tags.'it''s' IS NULL",
        "tags.`a``b` IS NULL",
        "params.`lr` iLiKe '%'",
        "metrics.acc < 1e400",
    ),
    *("metrics.acc >= .5", "metrics.acc >= 1.", "metrics.acc > 1E-3", "metrics.acc > -1e3", "metrics.acc=01"),
    *(
        "run_id NOT IN ('a','b')",
        'run_id in("a",)',
        "params.lr\n=\t'0.5'",
        "params.lr = 'it''s'",
        "params.lr = 'it\\'s'",
    ),
    *(
        "params.lr = 'a\\b'",
        "params.lr LIKE '%\\'",
        "params.lr = 'say \"hi\"'",
        'params.lr = "it\'s"',
        "params.models LIKE '_'",
    ),
    *(
        "dataset.name = 'o''k'",
        "dataset.name IN ('mnist', 'o\\'\\'k')",
        "datasets.context NOT IN ('Eval')",
        "tags.order IS NULL",
    ),
    *(
        "metrics.1a IS NULL",
        "tags._ IS NULL",
        "tags.a.b.c IS NULL",
        "params.größe IS NULL",
        "params.模型 IS NOT NULL",
        "tags.and IS NULL",
    ),
]


@pytest.mark.parametrize("text", ACCEPTED_ODDITIES)
def test_what_mlflow_accepts_by_the_way_means_the_same(both: Both, text: str) -> None:
    theirs = both.ask_mlflow([1, 2, 3], 3, text, [], 100)
    if theirs is not None:
        assert both.ask_trackside([1, 2, 3], 3, text, [], 100) == theirs


def test_nearly_all_of_these_searches_are_ones_that_mlflow_accepts(both: Both) -> None:
    taken = [text for text in ACCEPTED_ODDITIES if both.ask_mlflow([1], 3, text, [], 1) is not None]
    assert set(ACCEPTED_ODDITIES) - set(taken) == {"metrics.1a IS NULL"}


@pytest.mark.parametrize("order", ['tags."it\'s" desc', "`Created`", "metric.acc\nasc", "params.`a b` DESC"])
def test_orders_that_mlflow_accepts_by_the_way_mean_the_same(both: Both, order: str) -> None:
    theirs = both.ask_mlflow([1, 2, 3], 3, "", [order], 100)
    if theirs is not None:
        assert both.ask_trackside([1, 2, 3], 3, "", [order], 100) == theirs
