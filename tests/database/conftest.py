"""A database file that is not there yet, and a run in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trackside.stores.sqlite import SqliteStore

from .world import new_run

if TYPE_CHECKING:
    from trackside.entities import Run


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mlflow.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(path)
    yield store
    store.close()


@pytest.fixture
def run(store: SqliteStore) -> Run:
    return new_run(store)
