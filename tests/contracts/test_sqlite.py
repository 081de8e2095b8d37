"""The contract of all stores, held by the SQLite store, also behind a journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trackside.stores.journaled import JournaledStore
from trackside.stores.sqlite import SqliteStore

from .store_contract import StoreContract

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
