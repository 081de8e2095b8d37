"""What a notebook shows and does while its server is away: cells run, `%track` says what waits, nothing hangs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import trackside
from trackside.magics import report
from trackside.stores.sqlite import SqliteStore
from trackside.stores.uri import open_store

from ..notebook_shells import terminal_in
from ..ports import LOCALHOST, silent_port
from .world import wait_until

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


@pytest.fixture
def shell(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    with terminal_in(workspace, monkeypatch) as made:
        yield made


@pytest.fixture
def server_that_is_down(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0.01")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_JITTER", "0")
    with silent_port() as port:
        uri = f"http://{LOCALHOST}:{port}"
        monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
        yield uri


def status() -> dict[str, str]:
    return {row[0]: row[1] for row in report.read_status().rows}


def test_cells_run_and_what_they_log_waits_while_the_server_is_down(
    shell: InteractiveShell,
    server_that_is_down: str,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """R3.4: with runs of `%%track`, of start_run, nested ones, files, tables and images."""
    cell = """%%track first depth=3
import trackside
for step in range(10):
    trackside.log_metric("loss", 1 / (step + 1), step=step)
trackside.log_table({"a": [1]}, "table.json")
trackside.log_table({"a": [2]}, "table.json")
trackside.log_dict({"a": 1}, "a.json")
with trackside.start_run(nested=True):
    trackside.set_tag("color", "blue")
done = True"""
    days = [time.strftime("%Y-%m-%d")]
    assert shell.run_cell(cell, store_history=True).success
    assert shell.user_ns["done"]
    capsys.readouterr()
    shell.run_cell("%track start second", store_history=True).raise_error()
    assert "second" in capsys.readouterr().out
    shown = status()
    assert "Default" in shown["experiment"]
    assert "second" in shown["active run"]
    assert "found no server" in shown["waiting"]
    days.append(time.strftime("%Y-%m-%d"))
    assert any(f"since {day}" in shown["waiting"] for day in days)
    assert "files (" in shown["waiting"]
    shell.run_cell("%track\n%track end", store_history=True).raise_error()
    assert capsys.readouterr().err == ""
    assert "What is logged meanwhile is kept" in caplog.text
    store = open_store(server_that_is_down)
    last = trackside.last_active_run()
    assert last is not None
    assert last.info.status == "FINISHED"
    store.close()


def test_what_the_store_refused_is_shown(shell: InteractiveShell, workspace: Path) -> None:
    """R3.4"""
    shell.run_cell("import trackside\nrun = trackside.start_run()\ntrackside.flush()", store_history=True)
    assert "refused" not in status()
    store, run = open_store(trackside.get_tracking_uri()), shell.user_ns["run"]
    SqliteStore(workspace / "mlflow.db").delete_run(run.info.run_id)
    trackside.log_metric("loss", 1.0)
    wait_until(lambda: store.waiting().refused > 0)
    assert "kept in" in status()["refused"]
    assert "waiting" not in status()
