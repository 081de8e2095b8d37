"""Where contracts are held: a place that test classes give, and words to fill it with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trackside.entities import LifecycleStage, Metric, Run
from trackside.stores.base import DEFAULT_EXPERIMENT_ID, RunQuery, Store

BOTH = (LifecycleStage.ACTIVE, LifecycleStage.DELETED)
HOSTILE = "<script>alert(1)</script> \"quotes\" 'and' \n new line \t tab; DROP TABLE runs; -- 🚀 ü \u202e"


def history_in(store: Store, run: Run) -> Callable[[str], tuple[Metric, ...]]:
    return lambda key: store.metric_history(run.info.run_id, key)


def new_run(store: Store, experiment_id: str = DEFAULT_EXPERIMENT_ID, **changes: object) -> Run:
    settings = {"run_name": "swift-otter", "user_id": "ada", "start_time": 1_700_000_000_000, **changes}
    return store.create_run(experiment_id, **settings)  # type: ignore[arg-type]


def found_ids(store: Store, *experiment_ids: str, **settings: object) -> list[str]:
    return [run.info.run_id for run in store.search_runs(RunQuery(experiment_ids, **settings))]  # type: ignore[arg-type]


class Contract:
    """Inherit it and give the fixture ``open_store``: a function that opens the same, at first empty, place anew."""

    @pytest.fixture
    def open_store(self) -> Callable[[], Store]:
        raise NotImplementedError

    @pytest.fixture
    def store(self, open_store: Callable[[], Store]) -> Store:
        return open_store()

    @pytest.fixture
    def run(self, store: Store) -> Run:
        return new_run(store)
