"""Logging waits for nothing and loses nothing: killed processes, locks, full disks, forks, servers that are away."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from trackside.entities import Metric, Param, Run, RunStatus, Tag
from trackside.errors import (
    InvalidValueError,
    LifecycleError,
    NotFoundError,
    ParamChangedError,
    RunNotFoundError,
    StoreUnreachableError,
)
from trackside.stores import journaled as journaled_module
from trackside.stores.base import RunQuery
from trackside.stores.journal import Journal, journal_folder
from trackside.stores.journaled import JournaledStore
from trackside.stores.rest import RestStore
from trackside.stores.sqlite import SqliteStore

from .processes import Program
from .servers import MlflowServer

PATIENCE_S = 60
LOGGER = """
    import sys
    from pathlib import Path
    from trackside.stores.uri import open_store
    from trackside.entities import Metric, Param, Tag
    store = open_store(sys.argv[1])
    run_id = store.create_run("0", run_name="r", user_id="ada", start_time=1).info.run_id
    print(run_id, flush=True)
"""
ENDLESS = (
    LOGGER
    + """
    step = 0
    while True:
        store.log_batch(run_id, metrics=[Metric("loss", step * 0.5, step, step)])
        step += 1
        sys.stdout.write(f"{step}\\n")
"""
)


class Flaky(SqliteStore):
    """A store that can be away, as a server can."""

    is_away = False

    def log_batch(self, run_id: str, **logged: object) -> None:
        self._answer()
        super().log_batch(run_id, **logged)  # type: ignore[arg-type]

    def update_run(self, run_id: str, **changes: object) -> None:
        self._answer()
        super().update_run(run_id, **changes)  # type: ignore[arg-type]

    def _answer(self) -> None:
        if self.is_away:
            raise StoreUnreachableError(f"{self.uri} does not answer")


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
    inner.is_away = False
    store.close()


@pytest.fixture
def run_id(store: JournaledStore) -> str:
    return new_run(store).info.run_id


def new_run(store: JournaledStore | SqliteStore) -> Run:
    return store.create_run("0", run_name="swift-otter", user_id="ada", start_time=1)


def point(step: int, key: str = "loss") -> Metric:
    return Metric(key, step * 0.5, step, step)


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def points_in(path: Path, run_id: str) -> int:
    """How many points the file has, whoever asks."""
    with closing(sqlite3.connect(path, timeout=20)) as db:
        return int(db.execute("SELECT count(*) FROM metrics WHERE run_uuid = ?", (run_id,)).fetchone()[0])


@contextmanager
def lock_held(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as db:
        db.execute("BEGIN EXCLUSIVE")
        yield
        db.execute("ROLLBACK")


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
    delays = []
    for step in range(1, 6):
        began = time.monotonic()
        store.log_batch(run_id, metrics=[point(step)])
        wait_until(lambda count=step + 1: points_in(path, run_id) == count)  # type: ignore[misc]
        delays.append(time.monotonic() - began)
    assert min(delays) < 0.1


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
    monkeypatch.setattr(journaled_module, "RENEW_S", 0.0)
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


def test_a_conflict_costs_only_the_call_that_has_it(
    store: JournaledStore, inner: Flaky, run_id: str, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    inner.is_away = True
    for step in range(5):
        store.log_batch(run_id, metrics=[point(step)])
    store.log_batch(run_id, params=[Param("lr", "2")])
    SqliteStore(path).log_batch(run_id, params=[Param("lr", "1")])
    inner.is_away = False
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


# Killed


@pytest.mark.parametrize("is_group", [False, True])
@pytest.mark.parametrize("least", [1, 5000])
def test_a_killed_process_loses_no_point_that_was_acknowledged(path: Path, least: int, is_group: bool) -> None:
    program = Program(ENDLESS, f"sqlite:///{path}")
    run_id = program.line()
    assert all(program.line() for _ in range(least))
    acknowledged = max(map(int, program.kill(group=is_group)), default=least)
    heir = JournaledStore(SqliteStore(path))
    heir.count_runs(RunQuery(("0",)))
    wait_until(lambda: points_in(path, run_id) >= acknowledged)
    wait_until(lambda: not list(journal_folder(heir.uri).glob("*.journal")))
    history = heir.metric_history(run_id, "loss")
    assert [metric.step for metric in history] == list(range(len(history)))
    heir.close()


def test_points_that_waited_for_a_lock_outlive_their_process(path: Path) -> None:
    """The whole of it is still in the journal when the process is killed."""
    new_run(SqliteStore(path))
    program = Program(
        LOGGER
        + """
    sys.stdin.readline()
    for step in range(3000):
        store.log_batch(run_id, metrics=[Metric("loss", step, step, step)])
    store.log_batch(run_id, params=[Param("lr", "0.1")], tags=[Tag("color", "blue")])
    print("logged", flush=True)
    sys.stdin.readline()
""",
        f"sqlite:///{path}",
    )
    run_id = program.line()
    assert program.process.stdin is not None
    with lock_held(path):
        program.process.stdin.write("go\n")
        program.process.stdin.flush()
        assert program.line() == "logged"
        program.kill(group=True)
    assert points_in(path, run_id) == 0
    heir = JournaledStore(SqliteStore(path))
    assert heir.count_waiting() == 3001
    heir.count_runs(RunQuery(("0",)))
    wait_until(lambda: points_in(path, run_id) == 3000)
    wait_until(lambda: heir.count_waiting() == 0)
    run = heir.get_run(run_id)
    assert (run.data.params["lr"], run.data.tags["color"]) == ("0.1", "blue")
    heir.close()


def test_a_part_that_was_delivered_but_not_noted_is_not_doubled(store: JournaledStore, run_id: str, path: Path) -> None:
    store.log_batch(run_id, metrics=[point(step) for step in range(10)], params=[Param("lr", "1")])
    journal = store._outbox._journal
    assert journal is not None
    store.flush()
    content = bytearray(journal.path.read_bytes())
    copy = journal.path.with_name("1-copy.journal")
    first = 24 + 8 + int.from_bytes(content[24:28], "little")
    content[16:24] = first.to_bytes(8, "little")
    copy.write_bytes(content)
    heir = JournaledStore(SqliteStore(path))
    heir.get_run(run_id)
    wait_until(lambda: not copy.exists())
    assert points_in(path, run_id) == 10
    heir.close()


def test_the_end_of_a_program_delivers_everything(path: Path) -> None:
    source = LOGGER + '    store.log_batch(run_id, metrics=[Metric("m", 1, i, i) for i in range(1000)])'
    program = Program(source, f"sqlite:///{path}")
    run_id = program.line()
    _, errors = program.finish()
    assert errors == ""
    assert points_in(path, run_id) == 1000
    assert not list(journal_folder(SqliteStore(path).uri).glob("*"))


# Locked, full, read-only


def test_logging_goes_on_while_another_process_holds_the_lock(store: JournaledStore, run_id: str, path: Path) -> None:
    """For ten seconds, as the requirements ask."""
    longest, count, until = 0.0, 0, time.monotonic() + 10
    with lock_held(path):
        while time.monotonic() < until:
            began = time.monotonic()
            store.log_batch(run_id, metrics=[point(count)], params=[Param(f"p{count}", "v")])
            longest, count = max(longest, time.monotonic() - began), count + 1
            time.sleep(0.02)
        assert points_in_journal(store) >= count
    assert longest < 1
    assert len(store.metric_history(run_id, "loss")) == count > 100


def points_in_journal(store: JournaledStore) -> int:
    journal = store._outbox._journal
    return journal.count_waiting() if journal else 0


def test_a_folder_that_cannot_be_written_makes_logging_direct(
    store: JournaledStore,
    run_id: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("TRACKSIDE_JOURNAL_DIR", str(tmp_path / "file" / "below"))
    for step in range(3):
        store.log_batch(run_id, metrics=[point(step)])
        assert points_in(tmp_path / "mlflow.db", run_id) == step + 1
    assert len([record for record in caplog.records if "journal" in record.message]) == 1


def test_a_full_disk_makes_logging_direct_and_loses_nothing(path: Path) -> None:
    """The journal's disk takes half of a record, and later has space again."""
    program = Program(
        LOGGER
        + """
    import os
    really_write = os.write
    def write(descriptor, record):
        is_full = os.fstat(descriptor).st_size > 40_000 and len(record) > 20
        return really_write(descriptor, record[:len(record) // 2] if is_full else record)
    os.write = write
    for step in range(2000):
        store.log_batch(run_id, metrics=[Metric("loss", step, step, step)])
    """,
        f"sqlite:///{path}",
    )
    run_id = program.line()
    _, errors = program.finish()
    assert points_in(path, run_id) == 2000
    assert errors.count("nothing can be kept in the journal") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="has no limits of this kind")
def test_a_disk_that_is_full_for_the_store_too_raises_and_keeps_what_was_acknowledged(path: Path) -> None:
    program = Program(
        LOGGER
        + """
    import resource, signal
    from trackside.errors import TracksideError
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))
    step = 0
    try:
        while step < 100_000:
            store.log_batch(run_id, metrics=[Metric("loss", step, step, step)])
            step += 1
    except TracksideError as error:
        print(step, flush=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    store.flush()
    """,
        f"sqlite:///{path}",
    )
    run_id = program.line()
    acknowledged = int(program.line())
    program.finish()
    assert points_in(path, run_id) == acknowledged > 1000


def test_many_processes_write_to_one_file(path: Path) -> None:
    source = (
        LOGGER
        + """
    for step in range(2000):
        store.log_batch(run_id, metrics=[Metric("loss", step, step, step)])
    """
    )
    new_run(SqliteStore(path))
    programs = [Program(source, f"sqlite:///{path}") for _ in range(4)]
    runs = [program.line() for program in programs]
    assert [program.finish()[1] for program in programs] == [""] * 4
    assert [points_in(path, run_id) for run_id in runs] == [2000] * 4


# Forks


@pytest.mark.skipif(not hasattr(os, "fork"), reason="has no fork")
def test_children_of_a_fork_write_journals_of_their_own(path: Path) -> None:
    program = Program(
        LOGGER
        + """
    import multiprocessing
    def log(child):
        for step in range(200):
            store.log_batch(run_id, metrics=[Metric(f"m{child}", step, step, step)])
    store.log_batch(run_id, metrics=[Metric("before", step, step, step) for step in range(500)])
    children = [multiprocessing.get_context("fork").Process(target=log, args=(child,)) for child in range(4)]
    for child in children: child.start()
    log("parent")
    for child in children: child.join()
    print([child.exitcode for child in children], flush=True)
    """,
        f"sqlite:///{path}",
        PYTHONWARNINGS="ignore",
    )
    run_id = program.line()
    assert program.line() == "[0, 0, 0, 0]"
    program.finish()
    assert points_in(path, run_id) == 500 + 5 * 200


def test_workers_of_joblib_log(path: Path) -> None:
    pytest.importorskip("joblib")
    program = Program(
        LOGGER
        + """
    from joblib import Parallel, delayed
    def log(uri, run_id, worker):
        from trackside.stores.uri import open_store
        from trackside.entities import Metric
        for step in range(100):
            open_store(uri).log_batch(run_id, metrics=[Metric(f"m{worker}", step, step, step)])
    Parallel(2)(delayed(log)(sys.argv[1], run_id, worker) for worker in range(4))
    """,
        f"sqlite:///{path}",
    )
    run_id = program.line()
    program.finish()
    heir = JournaledStore(SqliteStore(path))
    heir.count_runs(RunQuery(("0",)))
    wait_until(lambda: points_in(path, run_id) == 400)
    heir.close()


# Away


def test_what_is_logged_while_the_store_is_away_waits_and_is_delivered(
    store: JournaledStore, inner: Flaky, run_id: str, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    inner.is_away = True
    for step in range(100):
        store.log_batch(run_id, metrics=[point(step)], tags=[Tag("t", str(step))])
    store.update_run(run_id, status=RunStatus.FINISHED, end_time=7)
    assert store.count_waiting() == 101
    began = time.monotonic()
    store.flush()
    assert time.monotonic() - began < 5
    assert "101 records wait" in caplog.text
    assert store.get_run(run_id).info.status is RunStatus.RUNNING  # what can be read does not wait either
    inner.is_away = False
    wait_until(lambda: points_in(path, run_id) == 100)
    wait_until(lambda: store.count_waiting() == 0)
    run = store.get_run(run_id)
    assert (run.info.status, run.info.end_time, run.data.tags["t"]) == (RunStatus.FINISHED, 7, "99")


def test_the_next_session_delivers_what_waited(
    store: JournaledStore, inner: Flaky, run_id: str, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    inner.is_away = True
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


@pytest.mark.server
def test_a_server_that_goes_and_comes_back_has_everything_once(
    tmp_path: Path, no_settings: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It dies in the middle of a batch, and the notebook goes on."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0.05")
    server = MlflowServer(tmp_path)
    store = JournaledStore(RestStore(server.url))
    run_id = new_run(store).info.run_id
    steps = iter(range(1_000_000))
    try:
        for _ in range(3000):
            store.log_batch(run_id, metrics=[point(next(steps))])
        server.stop()
        for _ in range(3000):
            store.log_batch(run_id, metrics=[point(next(steps))], params=[Param("lr", "1")])
        store.update_run(run_id, status=RunStatus.FINISHED, end_time=9)
        store.flush()
        assert store.count_waiting() > 3000
        assert "records wait" in caplog.text
        server = MlflowServer(tmp_path, port=server.port)
        wait_until(lambda: store.count_waiting() == 0)
        run = store.get_run(run_id)
        assert (run.info.status, run.data.params) == (RunStatus.FINISHED, {"lr": "1"})
        assert [metric.step for metric in store.metric_history(run_id, "loss")] == list(range(6000))
    finally:
        store.close()
        server.stop()
