"""What a search copies into memory: it is used, it is never out of date, and the file does not change."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from trackside.search import _copies, _sources, parse_filter, parse_order
from trackside.search.in_sqlite import Search, find_and_count
from trackside.stores.base import RunQuery
from trackside.stores.creation import make_database
from trackside.stores.sqlite import SqliteStore

RUNS = 40
MINE = Search((0,), ("active",), parse_filter("params.seed = '3'"), parse_order(["run_id"]))
QUERY = RunQuery(("0",), filter=MINE.filter, order_by=MINE.order)
PLAIN = "SELECT run_uuid FROM params WHERE key = 'seed' AND value = '3' ORDER BY run_uuid"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody copies so few rows."""
    monkeypatch.setattr(_sources, "_SMALL", 0)
    monkeypatch.setattr(_sources, "_SAMPLE", 5)
    monkeypatch.setattr(_sources, "_COUNTED", 7)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file without Trackside's mark and indexes, which is not its to change."""
    path = tmp_path / "mlflow.db"
    make_database(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA application_id = 0")
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute("DROP INDEX trackside_runs_by_start")
        db.execute("DROP INDEX trackside_latest_metrics_by_value")
        columns = "run_uuid, name, user_id, status, start_time, lifecycle_stage, artifact_uri, experiment_id"
        for number in range(RUNS):
            row = (f"{number:032x}", f"run {number}", number)
            db.execute(f"INSERT INTO runs ({columns}) VALUES (?, ?, 'me', 'FINISHED', ?, 'active', '', 0)", row)
            for place in range(12):
                key = "seed" if place == 0 else f"p{place}"
                db.execute("INSERT INTO params VALUES (?, ?, ?)", (key, str(number % 5), row[0]))
        db.commit()
    return path


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(path)
    yield store
    store.close()


def within(store: SqliteStore, work: Callable[[sqlite3.Connection], Any]) -> Any:
    return store._database.read(lambda db, _: work(db), None)


def copies(store: SqliteStore) -> set[str]:
    return within(store, lambda db: {name for (name,) in db.execute("SELECT name FROM sqlite_temp_master")})


def change(path: Path, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(path, timeout=30)) as db, db:
        db.execute(sql, values)


def test_a_filter_is_answered_from_a_copy_and_the_file_stays_as_it_is(path: Path, store: SqliteStore) -> None:
    """R7.4: a file of others is only read."""
    before = hashlib.sha256(path.read_bytes()).digest()
    first = store.outline_runs(QUERY, 10)
    (copy,) = copies(store)
    statements: list[str] = []
    within(store, lambda db: db.set_trace_callback(statements.append))
    assert store.outline_runs(QUERY, 10) == first
    assert (len(first.ids), first.total) == (RUNS // 5, RUNS // 5)
    assert any(f"FROM temp.{copy}" in statement for statement in statements)
    assert not any(statement.startswith("CREATE") for statement in statements)
    assert hashlib.sha256(path.read_bytes()).digest() == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_what_others_write_is_found_at_once(path: Path, store: SqliteStore) -> None:
    assert store.outline_runs(QUERY, 10).total == RUNS // 5
    change(path, "UPDATE params SET value = '3' WHERE key = 'seed'")
    assert store.outline_runs(QUERY, 10).total == RUNS
    change(path, "DELETE FROM params WHERE key = 'seed'")
    assert store.outline_runs(QUERY, 10).total == 0


def test_a_search_is_right_whatever_others_write_meanwhile(path: Path, store: SqliteStore) -> None:
    is_over = threading.Event()

    def write() -> None:
        number = 0
        while not is_over.is_set():
            number += 1
            with suppress(sqlite3.OperationalError):  # it is busy
                where = (str(number % 7), f"{number % RUNS:032x}")
                change(path, "UPDATE params SET value = ? WHERE key = 'seed' AND run_uuid = ?", *where)

    def look(db: sqlite3.Connection) -> tuple[list[str], list[str]]:
        found, _ = find_and_count(db, layout, MINE, limit=100)
        return found, [run_id for (run_id,) in db.execute(PLAIN)]

    layout = store._database.read(lambda _, layout: layout, None)
    assert layout is not None
    writer = threading.Thread(target=write)
    writer.start()
    looks, seen = 0, set()
    try:
        while looks < 150 or len(seen) == 1:
            found, expected = within(store, look)
            assert found == expected
            seen.add(tuple(found))
            looks += 1
    finally:
        is_over.set()
        writer.join()


def test_a_copy_goes_with_the_transaction_that_made_it(store: SqliteStore) -> None:
    def fail(db: sqlite3.Connection) -> None:
        find_and_count(db, layout, MINE, limit=10)
        raise KeyboardInterrupt

    layout = store._database.read(lambda _, layout: layout, None)
    with pytest.raises(KeyboardInterrupt):
        within(store, fail)
    assert copies(store) == set()
    assert store.outline_runs(QUERY, 10).total == RUNS // 5


def test_few_copies_are_kept(store: SqliteStore) -> None:
    """Memory."""
    for place in range(1, 12):
        query = RunQuery(("0",), filter=parse_filter(f"params.p{place} = '3'"))
        assert store.outline_runs(query, 10).total == RUNS // 5
        assert 1 <= len(copies(store)) <= 6


def test_long_texts_are_not_copied(path: Path, store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory: notes and source texts are tags, too."""
    change(path, "UPDATE params SET value = value || ? WHERE key = 'p1'", "x" * 8000)
    monkeypatch.setattr(_copies, "MOST_BYTES", RUNS * 1000)
    for key, kept in (("p1", 0), ("p2", 1)):
        query = RunQuery(("0",), filter=parse_filter(f"params.{key} LIKE '3%'"))
        assert store.outline_runs(query, 10).total == RUNS // 5
        assert len(copies(store)) == kept


def test_what_an_index_answers_is_not_copied(store: SqliteStore) -> None:
    assert store.outline_runs(RunQuery(("0",), filter=parse_filter("params.seed IS NOT NULL")), 10).total == RUNS
    assert copies(store) == set()


def either(*keys: str) -> RunQuery:
    return RunQuery(("0",), filter=parse_filter(" OR ".join(f"params.{key} = '3'" for key in keys)))


def test_conditions_of_an_or_are_looked_up_in_copies(path: Path, store: SqliteStore) -> None:
    """R8.1: not run by run, which takes a second of the processor for 100,000 runs."""
    change(path, "UPDATE params SET value = 'x' WHERE key = 'p1' AND value != '4'")
    change(path, "UPDATE params SET value = '3' WHERE key = 'p1' AND value = '4'")
    query = either("seed", "p1")
    assert store.outline_runs(query, 10).total == 2 * RUNS // 5
    assert len(copies(store)) == 2
    statements: list[str] = []
    within(store, lambda db: db.set_trace_callback(statements.append))
    assert store.outline_runs(query, 10).total == 2 * RUNS // 5
    within(store, lambda db: db.set_trace_callback(None))
    assert not any(word in statement for statement in statements for word in ("CREATE", "EXISTS"))
    change(path, "DELETE FROM params WHERE key = 'p1'")
    assert store.outline_runs(query, 10).total == RUNS // 5


def test_conditions_that_many_runs_are_looked_at_for_are_looked_up_in_copies(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R8.1: of a large file that nobody has read yet, single rows all over it take seconds."""
    query = RunQuery(("0",), filter=parse_filter("params.seed = '3' AND params.p1 = '3' AND params.p2 != '4'"))
    assert store.outline_runs(query, 10).total == RUNS // 5
    assert len(copies(store)) == 3
    statements: list[str] = []
    within(store, lambda db: db.set_trace_callback(statements.append))
    assert store.outline_runs(query, 10).total == RUNS // 5
    within(store, lambda db: db.set_trace_callback(None))
    assert not any(word in statement for statement in statements for word in ("CREATE", "EXISTS"))
    monkeypatch.setattr(_sources, "_COUNTED", RUNS)
    few = RunQuery(("0",), filter=parse_filter("params.p3 = '3' AND params.p4 = '3'"))
    assert store.outline_runs(few, 10).total == RUNS // 5
    assert len(copies(store)) == 4


def test_an_and_of_more_keys_than_are_copied_is_right(store: SqliteStore) -> None:
    keys = [f"p{place}" for place in range(1, 10)]
    for several in (keys[:4], keys, keys[3:8], keys[::-1]):
        query = RunQuery(("0",), filter=parse_filter(" AND ".join(f"params.{key} = '3'" for key in several)))
        assert store.outline_runs(query, 10).total == RUNS // 5
        assert 1 <= len(copies(store)) <= 6


def test_an_or_of_more_keys_than_are_copied_is_right(store: SqliteStore) -> None:
    keys = [f"p{place}" for place in range(1, 10)]
    for several in (keys[:4], keys, keys[3:8]):
        assert store.outline_runs(either(*several), 10).total == RUNS // 5
        assert 1 <= len(copies(store)) <= 6
    negative = RunQuery(("0",), filter=parse_filter("NOT (params.p1 = '3' OR params.p2 IS NULL)"))
    assert store.outline_runs(negative, 10).total == RUNS - RUNS // 5


def test_for_few_runs_nothing_is_copied(path: Path, store: SqliteStore) -> None:
    """The others of the file cost nothing."""
    change(path, "INSERT INTO experiments (experiment_id, name, lifecycle_stage) VALUES (1, 'small', 'active')")
    change(path, "UPDATE runs SET experiment_id = 1 WHERE start_time < 5")
    query = RunQuery(("1",), filter=either("seed", "p1").filter)
    assert store.outline_runs(query, 10).total == 1
    assert copies(store) == set()
