"""The contract of all stores, held by the SQLite store, also behind a journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trackside.entities import Metric
from trackside.stores.journaled import JournaledStore
from trackside.stores.sqlite import SqliteStore

from .store_contract import StoreContract, new_run

if TYPE_CHECKING:
    from trackside.stores.base import Store


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def open_store(self, tmp_path: Path) -> Iterator[Callable[[], Store]]:
        opened: list[Store] = []

        def open_again() -> Store:
            opened.append(SqliteStore(tmp_path / "mlflow.db"))
            return opened[-1]

        yield open_again
        for store in opened:
            store.close()


class TestJournaledStore(StoreContract):
    @pytest.fixture
    def open_store(self, tmp_path: Path) -> Iterator[Callable[[], Store]]:
        opened: list[Store] = []
        path = tmp_path / "mlflow.db"

        def open_again() -> Store:
            opened.append(JournaledStore(SqliteStore(path), quick=SqliteStore(path, wait_s=0)))
            return opened[-1]

        yield open_again
        for store in opened:
            store.close()

    def test_the_change_token_changes_with_every_write_and_only_then(
        self, store: Store, open_store: Callable[[], Store]
    ) -> None:
        watcher = open_store()
        tokens = [watcher.change_token()]
        run_id = new_run(store).info.run_id
        tokens.append(watcher.change_token())
        for writer in (store, open_store(), watcher):
            writer.log_batch(run_id, metrics=[Metric("loss", float(len(tokens)), len(tokens))])
            writer.flush()
            tokens.append(watcher.change_token())
        assert len(set(tokens)) == len(tokens)
        watcher.get_run(run_id)
        assert watcher.change_token() == tokens[-1]
