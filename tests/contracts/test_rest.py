"""The contract of all stores, held by the store on a real MLflow server."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from trackside.entities import Metric
from trackside.stores._http import Call, Server
from trackside.stores._rest_watch import LONGEST_INTERVAL_S
from trackside.stores.base import RunQuery
from trackside.stores.rest import RestStore

from ..postgres import REQUIRED, Postgres, find_programs
from ..servers import MlflowServer
from .store_contract import StoreContract, new_run

if TYPE_CHECKING:
    from trackside.stores.base import Store


@pytest.mark.server
class TestRestStore(StoreContract):
    @pytest.fixture
    def server(self, mlflow_server: MlflowServer) -> MlflowServer:
        """The server of which the contract is held."""
        return mlflow_server

    @pytest.fixture
    def open_store(self, server: MlflowServer) -> Iterator[Callable[[], Store]]:
        opened: list[Store] = []

        def open_again() -> Store:
            opened.append(RestStore(server.url))
            return opened[-1]

        yield open_again
        for store in opened:
            store.close()

    def test_the_change_token_changes_with_every_write_and_only_then(
        self, store: Store, open_store: Callable[[], Store]
    ) -> None:
        """A server is asked once a second at most, so what others wrote is seen a little later."""
        server = CountingServer(store.uri)
        watcher = RestStore(store.uri, server=server)
        run = new_run(store)
        assert watcher.search_runs(RunQuery((run.info.experiment_id,))).items == (run,)
        tokens = [settled_token(watcher, server)]
        for writer in (store, open_store(), watcher):
            writer.log_batch(run.info.run_id, metrics=[Metric("loss", float(len(tokens)), len(tokens))])
            tokens.append(settled_token(watcher, server))
        assert len(set(tokens)) == len(tokens)
        watcher.get_run(run.info.run_id)
        assert settled_token(watcher, server) == tokens[-1]
        watcher.close()


@pytest.fixture(scope="module")
def running_postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    programs = find_programs()
    if programs is None and not os.environ.get(REQUIRED):
        pytest.skip("PostgreSQL is not installed; with Debian's and Ubuntu's package `postgresql` this test runs")
    assert programs is not None, "tests/run was to install PostgreSQL"
    postgres = Postgres(programs)
    try:
        server = MlflowServer(tmp_path_factory.mktemp("postgres-server"), database=postgres)
        yield server
        server.stop()
    finally:
        postgres.stop()


class TestRestStoreOverPostgres(TestRestStore):
    """The same server over a database that compares, orders and refuses in ways of its own."""

    @pytest.fixture
    def server(self, running_postgres_server: MlflowServer) -> MlflowServer:
        running_postgres_server.empty()
        return running_postgres_server


class CountingServer(Server):
    """Counts how often the watch has looked at everything: the last that it asks for are the runs that go on."""

    looks = 0

    def ask_raw(self, call: Call) -> bytes:
        answer = super().ask_raw(call)
        self.looks += "filter" in (call.json or {})
        return answer


def settled_token(store: Store, server: CountingServer) -> object:
    """The token once the server was asked again, so that it stands for all that was written until now."""
    looks, deadline = server.looks, time.monotonic() + 8 * LONGEST_INTERVAL_S
    while server.looks == looks:
        assert time.monotonic() < deadline, "the watch never looked again"
        time.sleep(0.02)
        token = store.change_token()
    return token
