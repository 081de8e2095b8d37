"""The panel while its store cannot be used: it looks without waiting, and says what waits."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

import trackside
from trackside.stores import waiting
from trackside.stores.outbox import Outbox
from trackside.stores.sqlite import SqliteStore
from trackside.tracking import session
from trackside.widgets.context import read_context
from trackside.widgets.query import Watch
from trackside.widgets.snapshot import Reader

pytestmark = pytest.mark.usefixtures("workspace")


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for the database, or for what was logged to arrive there, never comes back."""
    for waits in (SqliteStore.__init__, Outbox.drain, Outbox.drain_all):
        monkeypatch.setitem(waits.__kwdefaults__, "wait_s", 3600)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another process changes the file and does not come to an end."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        yield
        db.execute("ROLLBACK")


def look() -> dict[str, Any]:
    """What the panel shows, read as it reads it."""
    return Reader().take(read_context(), Watch(), answers_while_busy=True).content


def test_a_locked_database_is_shown_as_it_is_with_what_waits(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """R2.2: and all of it as soon as it is there."""
    monkeypatch.setattr(waiting, "USUAL_S", 0)
    trackside.start_run(run_name="seen")
    trackside.flush()
    with locked(workspace / "mlflow.db"):
        trackside.log_param("depth", 3)
        found = look()
        assert found["store"]["fault"] is None
        assert found["store"]["waiting"] >= 1
        assert [(row["name"], row["params"]) for row in found["rows"]] == [("seen", [])]
    trackside.flush()
    found = look()
    assert found["store"]["waiting"] == 0
    assert [param["key"] for param in found["rows"][0]["params"]] == ["depth"]
    trackside.end_run()


def test_a_server_that_is_away_is_named_with_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """R7.3: nothing can be shown; the experiment that runs go to is what is known of it here."""
    monkeypatch.setattr(waiting, "USUAL_S", 0)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    trackside.set_tracking_uri("http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "wine")
    trackside.start_run()
    trackside.log_metric("loss", 1.0)
    found = look()
    assert found["experiment"] == {"id": None, "name": "wine"}
    assert "127.0.0.1:9" in found["store"]["fault"]["message"]
    assert found["store"]["waiting"] >= 2
    trackside.end_run()
    session.current_store().close()
