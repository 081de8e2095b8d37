"""``trackside sync`` and ``trackside.sync``: what waits on this machine is delivered by hand."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import trackside
from trackside.cli import main
from trackside.stores.base import RunQuery
from trackside.stores.journal import Journal, journal_folder
from trackside.stores.journaled import JournaledStore
from trackside.stores.sqlite import SqliteStore

from .world import Flaky, new_run, point

pytestmark = pytest.mark.usefixtures("workspace")


@pytest.fixture(autouse=True)
def journals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which nothing else waits."""
    monkeypatch.setenv("TRACKSIDE_JOURNAL_DIR", str(tmp_path / "journals"))
    return tmp_path / "journals"


def left_waiting(path: Path) -> SqliteStore:
    """A store for which a process has left two records of a run, a new run and a file."""
    path.parent.mkdir(exist_ok=True)
    run_id = new_run(SqliteStore(path)).info.run_id
    store = JournaledStore(Flaky(path))
    store.log_batch(run_id, metrics=[point(0)])
    store.flush()
    store.behind.is_gone = True  # type: ignore[attr-defined]
    store.log_batch(run_id, metrics=[point(1)])
    new_run(store)
    store.artifacts(run_id).write_bytes("a.txt", b"kept")
    store.close()
    return SqliteStore(path)


def test_all_stores_that_something_waits_for_are_delivered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], journals: Path
) -> None:
    """R3.5"""
    stores = [left_waiting(tmp_path / name / "mlflow.db") for name in ("one", "two")]
    assert main(["sync"]) == 0
    out = capsys.readouterr().out
    for store in stores:
        assert f"{store.uri}: 3 delivered, nothing waiting" in out
        assert store.count_runs(RunQuery(("0",))) == 2
    assert not list(journals.glob("*/*"))
    assert main(["sync"]) == 0
    assert "nothing waits" in capsys.readouterr().err


def test_one_store_is_delivered_and_the_others_wait(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """R3.5"""
    stores = [left_waiting(tmp_path / name / "mlflow.db") for name in ("one", "two")]
    assert main(["sync", "--tracking-uri", stores[0].uri, "--json"]) == 0
    (report,) = json.loads(capsys.readouterr().out)
    assert (report["uri"], report["delivered"], report["waiting_records"]) == (stores[0].uri, 3, 0)
    assert [store.count_runs(RunQuery(("0",))) for store in stores] == [2, 1]
    (later,) = trackside.sync()
    assert (later.uri, later.delivered, later.waiting.count) == (stores[1].uri, 3, 0)


def test_what_cannot_be_delivered_is_said_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """R3.5: a share that is not mounted, and a run that was deleted meanwhile."""
    gone = left_waiting(tmp_path / "gone" / "mlflow.db")
    (tmp_path / "gone").rename(tmp_path / "elsewhere")
    refusing = left_waiting(tmp_path / "refusing" / "mlflow.db")
    (run,) = refusing.search_runs(RunQuery(("0",)))
    refusing.delete_run(run.info.run_id)
    assert main(["sync"]) == 1
    captured = capsys.readouterr()
    assert f"{gone.uri}: 0 delivered, 2 records and 1 file (4 bytes) waiting" in captured.out
    assert "is not there, in which the database is to be" in captured.out
    assert f"{refusing.uri}: 2 delivered, nothing waiting\n  1 refused for good, 1 of them now" in captured.out
    assert gone.uri in captured.err
    (tmp_path / "elsewhere").rename(tmp_path / "gone")
    assert main(["sync"]) == 0
    assert f"{gone.uri}: 3 delivered" in capsys.readouterr().out
    assert gone.count_runs(RunQuery(("0",))) == 2


def test_what_was_refused_is_sent_again_when_the_reason_is_gone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], journals: Path
) -> None:
    """R3.5: records and files; what is refused again is kept again."""
    store = left_waiting(tmp_path / "mlflow.db")
    (run,) = store.search_runs(RunQuery(("0",)))
    run_id = run.info.run_id
    store.artifacts(run_id).write_bytes("a.txt/in the way", b"")
    store.delete_run(run_id)
    assert main(["sync"]) == 0
    assert main(["sync", "--refused"]) == 0
    assert "0 delivered, nothing waiting\n  2 refused for good, 2 of them now" in capsys.readouterr().out
    store.restore_run(run_id)
    folder = store.artifacts(run_id).local_path("a.txt")
    assert folder is not None
    shutil.rmtree(folder)
    (report,) = trackside.sync(refused=True)
    assert (report.delivered, report.refused, report.waiting.refused) == (2, 0, 0)
    assert len(store.metric_history(run_id, "loss")) == 2
    assert store.artifacts(run_id).read_bytes("a.txt") == b"kept"
    assert not list(journals.glob("*/*"))


def test_what_a_living_process_keeps_is_left_to_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """R3.5"""
    uri = SqliteStore(tmp_path / "mlflow.db").uri
    journal = Journal.create(journal_folder(uri), uri)
    journal.append(b"mine")
    assert main(["sync"]) == 1
    assert f"{uri}: 0 delivered, 1 record waiting" in capsys.readouterr().out
    assert journal.read().payloads == [b"mine"]
    journal.abandon()
    journal.path.unlink()
