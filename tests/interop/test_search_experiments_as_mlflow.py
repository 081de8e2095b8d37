"""Experiments are found as MLflow's own search finds them, on the same file, in the same order."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trackside.entities import LifecycleStage
from trackside.search import parse_experiment_filter, parse_experiment_order
from trackside.stores.base import ExperimentQuery
from trackside.stores.sqlite import SqliteStore

from ..experiment_world import MLFLOW_FILTERS, MLFLOW_ORDERS, fill
from .mlflow_kernels import newest_mlflow

pytestmark = [
    pytest.mark.interop,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"),
]
STAGES = {1: (LifecycleStage.ACTIVE,), 2: (LifecycleStage.DELETED,), 3: tuple(LifecycleStage)}


@dataclass
class Both:
    """One file, open in MLflow and in Trackside."""

    client: Any
    store: SqliteStore

    def ask_mlflow(self, view: int, text: str, order: list[str], limit: int) -> list[str] | None:
        """The ids, or None where MLflow refuses."""
        from mlflow.exceptions import MlflowException

        try:
            found = self.client.search_experiments(view, limit, text or None, order or None)
        except MlflowException:
            return None
        return [experiment.experiment_id for experiment in found]

    def ask_trackside(self, view: int, text: str, order: list[str], limit: int) -> list[str]:
        query = ExperimentQuery(STAGES[view], limit, parse_experiment_filter(text), parse_experiment_order(order))
        return [experiment.experiment_id for experiment in self.store.search_experiments(query)]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, make_database: Callable[..., None]) -> Iterator[Both]:
    from mlflow import MlflowClient

    folder = tmp_path_factory.mktemp("both")
    make_database(newest_mlflow(), folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        logging.disable(logging.CRITICAL)
        fill(folder / "mlflow.db", seed=5)
        store = SqliteStore(folder / "mlflow.db")
        yield Both(MlflowClient(f"sqlite:///{folder / 'mlflow.db'}"), store)
        store.close()
        logging.disable(logging.NOTSET)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(view=st.sampled_from((1, 2, 3)), text=MLFLOW_FILTERS, order=MLFLOW_ORDERS, limit=st.integers(1, 70))
def test_the_same_experiments_in_the_same_order(both: Both, view: int, text: str, order: list[str], limit: int) -> None:
    """R8.2: all that MLflow accepts, with the same result on the same database."""
    theirs = both.ask_mlflow(view, text, order, limit)
    if theirs is not None:
        assert both.ask_trackside(view, text, order, limit) == theirs


@pytest.mark.parametrize(
    "text",
    [
        *("name = 'e7'", "name LIKE 'e%' AND tags.team IS NOT NULL", "tags.`a b` ILIKE 'A%'", "experiment_id != '3'"),
        *('tag."it\'s" = "it\'s"', "attribute.creation_time > 5 AND last_update_time <= 86400000", "name != 'x' AND"),
        *("experiment_id IN ('3', '7')", "tags.name = ''"),
    ],
)
def test_these_searches_are_ones_that_mlflow_accepts(both: Both, text: str) -> None:
    theirs = both.ask_mlflow(3, text, ["name"], 100)
    assert theirs is not None
    assert both.ask_trackside(3, text, ["name"], 100) == theirs
