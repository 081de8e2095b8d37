"""A store behind a journal, over a database that can be taken away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from trackside.stores.journaled import JournaledStore
from trackside.stores.outbox import Outbox
from trackside.stores.sqlite import SqliteStore

from .world import Flaky, new_run


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mlflow.db"


@pytest.fixture
def inner(path: Path) -> Flaky:
    return Flaky(path)


@pytest.fixture
def store(inner: Flaky, path: Path) -> Iterator[JournaledStore]:
    store = JournaledStore(inner, quick=SqliteStore(path, wait_s=0))
    yield store
    inner.is_gone = False
    store.close()


@pytest.fixture
def endless_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for the store to have everything waits for ever: what must not wait hangs if it does."""
    monkeypatch.setitem(Outbox.drain.__kwdefaults__, "wait_s", 3600)


@pytest.fixture
def run_id(store: JournaledStore) -> str:
    return new_run(store).info.run_id
