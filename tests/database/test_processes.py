"""The database file where it meets other processes, locks, forks and interrupts."""

from __future__ import annotations

import _thread
import signal
import sqlite3
import threading
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from trackside.entities import Metric, Param, Run
from trackside.errors import (
    LifecycleError,
    StoreBusyError,
)
from trackside.stores import sqlite_opening
from trackside.stores.sqlite import SqliteStore

from .world import ask, locked, needs_fork, output_of, python


def test_a_file_that_stays_locked_raises_after_a_bounded_time(path: Path, store: SqliteStore, run: Run) -> None:
    impatient = SqliteStore(path, wait_s=0.5)
    with locked(path):
        started = time.monotonic()
        with pytest.raises(StoreBusyError, match=r"mlflow\.db"):
            impatient.log_batch(run.info.run_id, params=[Param("a", "b")])
        assert time.monotonic() - started > 0.4
    impatient.log_batch(run.info.run_id, params=[Param("a", "b")])
    impatient.close()


def test_a_short_lock_is_waited_for(path: Path, store: SqliteStore, run: Run) -> None:
    with locked(path) as connection:
        timer = threading.Timer(0.6, lambda: connection.execute("COMMIT"))
        timer.start()
        store.log_batch(run.info.run_id, params=[Param("a", "b")])
        timer.join()
    assert store.get_run(run.info.run_id).data.params == {"a": "b"}


@pytest.mark.parametrize(("journal_mode", "is_pausing"), [("DELETE", True), ("WAL", False)])
def test_writes_leave_gaps_for_others_where_they_keep_readers_out(
    path: Path, store: SqliteStore, run: Run, monkeypatch: pytest.MonkeyPatch, journal_mode: str, is_pausing: bool
) -> None:
    store.close()
    ask(path, f"PRAGMA journal_mode = {journal_mode}")
    pauses: list[float] = []
    monkeypatch.setattr(sqlite_opening.time, "sleep", pauses.append)
    for step in range(10):
        store.log_batch(run.info.run_id, metrics=[Metric("loss", float(step), step, step)])
    assert bool(pauses) is is_pausing
    assert all(0 < pause < 0.5 for pause in pauses)


def test_reading_goes_on_while_another_process_writes(path: Path, store: SqliteStore, run: Run) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM runs")
        assert store.get_run(run.info.run_id) == run
        connection.execute("ROLLBACK")


def test_waiting_can_be_interrupted(path: Path, store: SqliteStore, run: Run) -> None:
    patient, timer = SqliteStore(path, wait_s=3600), threading.Timer(0.3, _thread.interrupt_main)

    def wait_for_the_lock() -> None:
        timer.start()
        patient.log_batch(run.info.run_id, params=[Param("a", "b")])

    with locked(path), pytest.raises(KeyboardInterrupt):
        wait_for_the_lock()
    timer.join()
    patient.close()
    store.log_batch(run.info.run_id, params=[Param("a", "c")])
    assert store.get_run(run.info.run_id).data.params == {"a": "c"}


def test_processes_log_to_one_run_at_the_same_time(path: Path, store: SqliteStore, run: Run) -> None:
    script = """
        from trackside.entities import Metric
        store = SqliteStore(Path(argv[0]))
        for step in range(300):
            store.log_batch(argv[1], metrics=[Metric(argv[2], float(step), step, step)])
    """
    processes = [python(script, path, run.info.run_id, f"m{number}") for number in range(3)]
    for process in processes:
        output_of(process)
    assert [len(store.metric_history(run.info.run_id, f"m{number}")) for number in range(3)] == [300] * 3
    assert store.get_run(run.info.run_id).data.metrics == {f"m{number}": 299.0 for number in range(3)}


def test_what_was_acknowledged_survives_the_death_of_the_process(path: Path, store: SqliteStore, run: Run) -> None:
    script = """
        from trackside.entities import Metric
        store = SqliteStore(Path(argv[0]))
        step = 0
        while True:
            store.log_batch(argv[1], metrics=[Metric("loss", float(step), step, step)])
            print(step, flush=True)
            step += 1
    """
    process = python(script, path, run.info.run_id)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(50)]
    process.kill()
    rest = process.communicate()[0].splitlines()
    acknowledged = int((rest or lines)[-1])
    assert len(store.metric_history(run.info.run_id, "loss")) >= acknowledged + 1


def test_a_run_deleted_by_another_process_is_not_written(path: Path, store: SqliteStore, run: Run) -> None:
    store.log_batch(run.info.run_id, metrics=[Metric("loss", 1.0, 1)])
    output_of(python("SqliteStore(Path(argv[0])).delete_run(argv[1])", path, run.info.run_id))
    with pytest.raises(LifecycleError, match="deleted"):
        store.log_batch(run.info.run_id, metrics=[Metric("loss", 2.0, 2)])
    assert len(store.metric_history(run.info.run_id, "loss")) == 1


def test_the_change_token_sees_other_processes(path: Path, store: SqliteStore) -> None:
    tokens = [store.change_token()]
    make = 'SqliteStore(Path(argv[0])).create_run("0", run_name="a", user_id="a", start_time=1)'
    for _ in range(3):
        output_of(python(make, path))
        tokens.append(store.change_token())
    assert len(set(tokens)) == 4
    assert store.change_token() == tokens[-1]


@needs_fork
def test_a_forked_child_and_its_parent_both_go_on(path: Path, tmp_path: Path) -> None:
    script = """
        import os
        from trackside.entities import Metric
        store = SqliteStore(Path(argv[0]))
        run_id = store.create_run("0", run_name="a", user_id="a", start_time=1).info.run_id
        store.change_token()
        child = os.fork()
        for step in range(200):
            store.log_batch(run_id, metrics=[Metric("child" if child == 0 else "parent", float(step), step, step)])
        store.change_token()
        if child == 0:
            sys.exit(0)
        assert os.waitpid(child, 0)[1] == 0
        store.log_batch(run_id, metrics=[Metric("after", 1.0, 1)])
        print(run_id)
    """
    run_id = output_of(python(script, path))
    store = SqliteStore(path)
    assert store.get_run(run_id).data.metrics == {"child": 199.0, "parent": 199.0, "after": 1.0}
    assert ask(path, "PRAGMA integrity_check") == [("ok",)]
    assert ask(path, "SELECT count(*) FROM metrics") == [(401,)]
    store.close()


@needs_fork
def test_a_fork_while_another_thread_logs_loses_nothing(path: Path) -> None:
    script = """
        import os, threading
        from trackside.entities import Metric
        store = SqliteStore(Path(argv[0]))
        run_id = store.create_run("0", run_name="a", user_id="a", start_time=1).info.run_id
        def log():
            for step in range(300):
                store.log_batch(run_id, metrics=[Metric("thread", float(step), step, step)])
        thread = threading.Thread(target=log)
        thread.start()
        children = []
        while thread.is_alive():
            child = os.fork()
            if child == 0:
                store.log_batch(run_id, metrics=[Metric(f"child{len(children)}", 1.0, 1)])
                os._exit(0)
            children.append(child)
            assert os.waitpid(child, 0)[1] == 0
        print(len(children), run_id)
    """
    count, run_id = output_of(python(script, path)).split()
    store = SqliteStore(path)
    assert len(store.metric_history(run_id, "thread")) == 300
    assert len(store.get_run(run_id).data.metrics) == int(count) + 1
    assert ask(path, "PRAGMA integrity_check") == [("ok",)]
    store.close()


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs interval timers")
def test_interrupts_at_any_moment_leave_the_store_usable(store: SqliteStore, run: Run) -> None:
    is_armed = False

    def interrupt(*_: object) -> None:
        nonlocal is_armed
        if is_armed:
            is_armed = False
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    interrupts = 0
    try:
        for step in range(400):
            with suppress(KeyboardInterrupt):
                interrupts += 1
                is_armed = True
                signal.setitimer(signal.ITIMER_REAL, 0.00002 + step * 1e-6)
                store.log_batch(run.info.run_id, metrics=[Metric("loss", float(step), step, step)])
                is_armed = False
                interrupts -= 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert interrupts > 0
    store.log_batch(run.info.run_id, metrics=[Metric("loss", 1.0, 1, 1000)])
    history = store.metric_history(run.info.run_id, "loss")
    assert 401 - interrupts <= len(history) <= 401
    assert store.get_run(run.info.run_id).data.latest["loss"].step == 1000
