"""Logging loses nothing: killed processes, locked files, full disks, folders that cannot be written, forks."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from trackside.entities import Param
from trackside.stores.base import RunQuery
from trackside.stores.journal import journal_folder
from trackside.stores.journaled import JournaledStore
from trackside.stores.sqlite import SqliteStore

from ..processes import Program
from .world import ENDLESS, LOGGER, lock_held, new_run, point, points_in, wait_until

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
    assert heir.waiting().count == 3001
    heir.count_runs(RunQuery(("0",)))
    wait_until(lambda: points_in(path, run_id) == 3000)
    wait_until(lambda: heir.waiting().count == 0)
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
    """For ten seconds, as the requirements ask. The lock is this thread's: waiting for it never ends well."""
    count, until = 0, time.monotonic() + 10
    with lock_held(path):
        while count < 100 or time.monotonic() < until:
            store.log_batch(run_id, metrics=[point(count)], params=[Param(f"p{count}", "v")])
            count += 1
            time.sleep(0.02)
        assert points_in_journal(store) >= count
    assert len(store.metric_history(run_id, "loss")) == count


def points_in_journal(store: JournaledStore) -> int:
    journal = store._outbox._journal
    return journal.waiting if journal else 0


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
