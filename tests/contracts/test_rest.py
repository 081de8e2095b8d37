"""The contract of all stores, held by the store on a real MLflow server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from trackside.entities import Metric
from trackside.stores._rest_watch import SHORTEST_INTERVAL_S
from trackside.stores.base import RunQuery
from trackside.stores.rest import RestStore

from .store_contract import StoreContract, new_run

if TYPE_CHECKING:
    from trackside.stores.base import Store

    from ..servers import MlflowServer


@pytest.mark.server
class TestRestStore(StoreContract):
    @pytest.fixture
    def open_store(self, mlflow_server: MlflowServer) -> Iterator[Callable[[], Store]]:
        opened: list[Store] = []

        def open_again() -> Store:
            opened.append(RestStore(mlflow_server.url))
            return opened[-1]

        yield open_again
        for store in opened:
            store.close()

    def test_the_change_token_changes_with_every_write_and_only_then(
        self, store: Store, open_store: Callable[[], Store]
    ) -> None:
        """A server is asked once a second at most, so what others wrote is seen a little later."""
        watcher = open_store()
        run = new_run(store)
        assert watcher.search_runs(RunQuery((run.info.experiment_id,))).items == (run,)
        tokens = [settled_token(watcher)]
        for writer in (store, open_store(), watcher):
            writer.log_batch(run.info.run_id, metrics=[Metric("loss", float(len(tokens)), len(tokens))])
            tokens.append(changed_token(watcher, tokens[-1]))
        assert len(set(tokens)) == len(tokens)
        watcher.get_run(run.info.run_id)
        assert settled_token(watcher) == tokens[-1]


def settled_token(store: Store) -> object:
    """The token once the server was asked again, so that it stands for all that was written until now."""
    deadline = time.monotonic() + 2.5 * SHORTEST_INTERVAL_S
    while time.monotonic() < deadline:
        token = store.change_token()
        time.sleep(0.05)
    return token


def changed_token(store: Store, before: object) -> object:
    """The next token that differs."""
    deadline = time.monotonic() + 30
    while store.change_token() == before and time.monotonic() < deadline:
        time.sleep(0.05)
    return settled_token(store)
