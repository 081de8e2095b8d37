"""What a process sees of a store that it logs to through a journal, also while the store is away."""

from __future__ import annotations

import asyncio
import math
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from trackside.entities import Metric, Param, RunStatus, Tag
from trackside.errors import (
    InvalidValueError,
    LifecycleError,
    NotFoundError,
    ParamChangedError,
    RunNotFoundError,
    StoreBusyError,
    StoreUnreachableError,
)
from trackside.stores import known_runs
from trackside.stores.base import RunQuery
from trackside.stores.journal import Journal, journal_folder
from trackside.stores.journaled import JournaledStore
from trackside.stores.sqlite import SqliteStore
from trackside.stores.uri import open_store

from ..servers import Answer, SmallServer
from .world import Flaky, lock_held, new_run, point, points_in, wait_until

# What the process itself sees


def test_reads_see_what_was_just_written(store: JournaledStore, run_id: str) -> None:
    for step in range(50):
        store.log_batch(run_id, metrics=[point(step)], params=[Param(f"p{step}", "v")], tags=[Tag("t", str(step))])
        run = store.get_run(run_id)
        assert (run.data.metrics["loss"], run.data.params[f"p{step}"], run.data.tags["t"]) == (step / 2, "v", str(step))
    assert len(store.metric_history(run_id, "loss")) == 50
    store.update_run(run_id, status=RunStatus.FINISHED, end_time=9)
    (found,) = store.search_runs(RunQuery(("0",)))
    assert (found.info.status, found.info.end_time) == (RunStatus.FINISHED, 9)


def test_others_see_it_within_a_tenth_of_a_second(store: JournaledStore, run_id: str, path: Path) -> None:
    store.log_batch(run_id, metrics=[point(0)])
    store.flush()
    delays = [math.inf]
    for step in range(1, 500):
        began = time.monotonic()
        store.log_batch(run_id, metrics=[point(step)])
        wait_until(lambda count=step + 1: points_in(path, run_id) == count)  # type: ignore[misc]
        delays.append(time.monotonic() - began)
        if delays[-1] < 0.1:
            break
    assert min(delays) < 0.1  # in a moment in which the machine has time for it


def test_what_can_be_known_is_raised_at_the_call(store: JournaledStore, run_id: str) -> None:
    store.log_batch(run_id, params=[Param("lr", "1")])
    store.log_batch(run_id, params=[Param("lr", "1")])
    with pytest.raises(ParamChangedError):
        store.log_batch(run_id, params=[Param("fine", "1"), Param("lr", "2")])
    with pytest.raises(ParamChangedError):
        store.log_batch(run_id, params=[Param("twice", "1"), Param("twice", "2")])
    for bad in (Metric("", 1.0, 1), Metric("a//b", 1.0, 1), Metric("m", "one", 1)):  # type: ignore[arg-type]
        with pytest.raises(InvalidValueError):
            store.log_batch(run_id, metrics=[bad])
    for tag in (Tag("t", "x" * 8001), Tag("t", "\ud800"), Tag("mlflow.runName", "")):
        with pytest.raises(InvalidValueError):
            store.log_batch(run_id, tags=[tag])
    with pytest.raises(RunNotFoundError):
        store.log_batch("0" * 32, metrics=[point(1)])
    with pytest.raises(NotFoundError):
        store.delete_tag(run_id, "no such tag")
    assert store.get_run(run_id).data.params == {"lr": "1"}


def test_a_param_that_another_process_logged_keeps_its_value(store: JournaledStore, path: Path) -> None:
    run_id = new_run(SqliteStore(path)).info.run_id
    SqliteStore(path).log_batch(run_id, params=[Param("lr", "1")])
    store.log_batch(run_id, metrics=[point(1)])
    with pytest.raises(ParamChangedError):
        store.log_batch(run_id, params=[Param("lr", "2")])


def test_a_run_that_is_deleted_takes_no_more(
    store: JournaledStore, run_id: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_runs, "RENEW_S", 0.0)
    store.log_batch(run_id, metrics=[point(1)])
    store.delete_run(run_id)
    with pytest.raises(LifecycleError):
        store.log_batch(run_id, metrics=[point(2)])
    store.restore_run(run_id)
    store.log_batch(run_id, metrics=[point(3)])
    SqliteStore(path).delete_run(run_id)
    with pytest.raises(LifecycleError):
        store.log_batch(run_id, metrics=[point(4)])


def test_what_a_run_refuses_later_is_kept_and_said_and_the_rest_goes_on(
    store: JournaledStore, run_id: str, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = new_run(store).info.run_id
    with lock_held(path):
        store.log_batch(run_id, metrics=[point(1)])
        store.log_batch(other, metrics=[point(1)])
    SqliteStore(path).delete_run(run_id)
    store.log_batch(run_id, metrics=[point(2)])
    store.flush()
    assert points_in(path, other) == 1
    with pytest.raises(LifecycleError):
        store.log_batch(run_id, metrics=[point(3)])
    assert f"run {run_id} did not take" in caplog.text
    assert list(journal_folder(store.uri).glob("*.refused"))


def test_an_experiment_that_is_deleted_elsewhere_takes_no_more(
    store: JournaledStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_runs, "RENEW_S", 0.0)
    run_id = new_run(store).info.run_id
    SqliteStore(path).delete_experiment("0")
    with pytest.raises(LifecycleError):
        store.log_batch(run_id, metrics=[point(2)])
    with pytest.raises(LifecycleError):
        new_run(store)
    SqliteStore(path).restore_experiment("0")
    store.log_batch(run_id, metrics=[point(3)])
    assert len(store.metric_history(run_id, "loss")) == 1


@pytest.mark.usefixtures("endless_waits")
def test_a_conflict_costs_only_the_call_that_has_it(
    store: JournaledStore,
    inner: Flaky,
    run_id: str,
    path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    inner.is_gone = True
    for step in range(5):
        store.log_batch(run_id, metrics=[point(step)])
    store.log_batch(run_id, params=[Param("lr", "2")])
    SqliteStore(path).log_batch(run_id, params=[Param("lr", "1")])
    inner.is_gone = False
    store.flush()
    assert len(store.metric_history(run_id, "loss")) == 5
    assert store.get_run(run_id).data.params == {"lr": "1"}
    assert "cannot become '2'" in caplog.text


def test_threads_and_tasks_log_at_the_same_time(store: JournaledStore, run_id: str) -> None:
    def log(thread: int) -> None:
        for step in range(500):
            store.log_batch(run_id, metrics=[point(step, f"m{thread}")])

    async def log_soon(task: int) -> None:
        for step in range(100):
            store.log_batch(run_id, metrics=[point(step, f"m{task}")])
            await asyncio.sleep(0)

    async def log_all() -> None:
        await asyncio.gather(*map(log_soon, range(4, 8)))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(log, range(4)))
    asyncio.run(log_all())
    counts = [len(store.metric_history(run_id, f"m{number}")) for number in range(8)]
    assert counts == [500] * 4 + [100] * 4


def test_nothing_is_left_when_the_store_is_closed(store: JournaledStore, run_id: str, path: Path) -> None:
    store.log_batch(run_id, metrics=[point(1)])
    store.close()
    assert points_in(path, run_id) == 1
    assert not list(journal_folder(store.uri).glob("*"))
    store.log_batch(run_id, metrics=[point(2)])
    assert len(store.metric_history(run_id, "loss")) == 2


# Looking


def test_who_looks_again_and_again_waits_for_no_delivery(store: JournaledStore, run_id: str, path: Path) -> None:
    with lock_held(path):
        store.log_batch(run_id, metrics=[point(1)])
        (seen,) = store.as_it_is().search_runs(RunQuery(("0",)))
        assert seen.data.metrics == {}
        assert store.waiting().records == 1
    assert store.get_run(run_id).data.metrics == {"loss": 0.5}


def test_who_looks_again_and_again_asks_a_server_once(small_server: SmallServer, no_settings: None) -> None:
    small_server.answers["/api/2.0/mlflow/runs/get"] = [Answer(503, b"try later")]
    store = open_store(small_server.url)
    with pytest.raises(StoreBusyError):
        store.as_it_is().get_run("a" * 32)
    assert len(small_server.requests) == 1
    store.close()


# Away


@pytest.mark.usefixtures("endless_waits")
def test_what_is_logged_while_the_store_is_away_waits_and_is_delivered(
    store: JournaledStore,
    inner: Flaky,
    run_id: str,
    path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    inner.is_gone = True
    for step in range(100):
        store.log_batch(run_id, metrics=[point(step)], tags=[Tag("t", str(step))])
    store.update_run(run_id, status=RunStatus.FINISHED, end_time=7)
    assert store.waiting().count == 101
    store.flush()
    assert "101 records" in caplog.text
    with pytest.raises(StoreUnreachableError):  # who reads does not wait either
        store.get_run(run_id)
    inner.is_gone = False
    wait_until(lambda: points_in(path, run_id) == 100)
    wait_until(lambda: store.waiting().count == 0)
    run = store.get_run(run_id)
    assert (run.info.status, run.info.end_time, run.data.tags["t"]) == (RunStatus.FINISHED, 7, "99")


@pytest.mark.usefixtures("endless_waits")
def test_the_next_session_delivers_what_waited(
    store: JournaledStore,
    inner: Flaky,
    run_id: str,
    path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    inner.is_gone = True
    store.log_batch(run_id, metrics=[point(1)])
    store.close()
    assert points_in(path, run_id) == 0
    heir = JournaledStore(SqliteStore(path))
    heir.get_run(run_id)
    wait_until(lambda: points_in(path, run_id) == 1)
    heir.close()


def test_a_journal_of_another_version_is_said_and_left(
    run_id: str, store: JournaledStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal.create(journal_folder(store.uri), store.uri)
    journal.append(b"from another time")
    journal.abandon()
    content = bytearray(journal.path.read_bytes())
    content[8] = 9
    journal.path.write_bytes(content)
    heir = JournaledStore(SqliteStore(path))
    new_run(heir)
    wait_until(lambda: "version 9" in caplog.text)
    assert journal.path.read_bytes() == content
    heir.close()
    journal.path.unlink()
