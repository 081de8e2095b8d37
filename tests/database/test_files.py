"""The database file: made, damaged, foreign, without permissions, moved away while it is open."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from trackside.entities import Param, Run
from trackside.errors import (
    ExperimentNotFoundError,
    RunNotFoundError,
    StoreBusyError,
    StoreError,
    StoreReadOnlyError,
    StoreUnreadableError,
)
from trackside.stores import schema
from trackside.stores.sqlite import SqliteStore

from .world import DEFAULT, NOBODY, ask, needs_root, new_run, output_of, python

# A store that is not there yet


def test_looking_at_a_store_that_is_not_there_makes_nothing(store: SqliteStore, tmp_path: Path) -> None:
    assert store.list_experiments() == ()
    assert store.find_experiment("Default") is None
    assert store.find_experiments_by_tag("a", "b") == ()
    assert store.search_runs(DEFAULT).items == ()
    assert store.count_runs(DEFAULT) == 0
    assert store.metric_history("a", "b") == ()
    assert store.change_token() is None
    with pytest.raises(RunNotFoundError):
        store.get_run("a")
    with pytest.raises(ExperimentNotFoundError):
        store.get_experiment("0")
    assert list(tmp_path.iterdir()) == []


def test_writing_to_a_run_that_cannot_be_there_makes_nothing(store: SqliteStore, tmp_path: Path) -> None:
    with pytest.raises(RunNotFoundError):
        store.log_batch("a", params=[Param("a", "b")])
    with pytest.raises(ExperimentNotFoundError):
        store.set_experiment_tag("0", "a", "b")
    with pytest.raises(ExperimentNotFoundError):
        store.create_run("5", run_name="a", user_id="b", start_time=1)
    assert list(tmp_path.iterdir()) == []


def test_missing_folders_are_made_with_the_file(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "a" / "b" / "mlflow.db")
    new_run(store)
    store.close()
    assert [entry.name for entry in (tmp_path / "a" / "b").iterdir()] == ["mlflow.db"]


def test_a_folder_name_may_hold_any_character(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "wéird %41 ?mode=memory#x&y=1" / "mlflow.db")
    run = new_run(store)
    store.close()
    assert SqliteStore(store.path).get_run(run.info.run_id) == run
    assert store.path.is_file()


# A new file


def test_only_the_database_is_left_when_everything_is_closed(store: SqliteStore, run: Run, tmp_path: Path) -> None:
    store.get_run(run.info.run_id)
    store.change_token()
    store.close()
    assert [entry.name for entry in tmp_path.iterdir()] == ["mlflow.db"]
    store.get_run(run.info.run_id)
    store.close()
    assert [entry.name for entry in tmp_path.iterdir()] == ["mlflow.db"]


def test_processes_that_make_the_file_at_once_share_it(path: Path) -> None:
    script = """
        store = SqliteStore(Path(argv[0]))
        print("ready", flush=True)
        sys.stdin.readline()
        run = store.create_run("0", run_name=argv[1], user_id="a", start_time=1)
        print(store.create_experiment("experiment " + argv[1]))
    """
    processes = [python(script, path, number) for number in range(6)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert sorted(output_of(process) for process in processes) == ["1", "2", "3", "4", "5", "6"]
    store = SqliteStore(path)
    assert sorted(run.info.run_name for run in store.search_runs(DEFAULT)) == ["0", "1", "2", "3", "4", "5"]
    store.close()
    assert [entry.name for entry in path.parent.iterdir()] == ["mlflow.db"]


def test_making_a_file_that_fails_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "NEW_INDEXES", ("CREATE INDEX broken ON nowhere (id)",))
    with pytest.raises(StoreError, match="nowhere"):
        new_run(SqliteStore(path))
    assert list(path.parent.iterdir()) == []


def test_where_links_are_not_possible_the_file_is_made_in_place(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_link(*_: object) -> None:
        raise OSError(1, "links are not possible here")

    monkeypatch.setattr(os, "link", no_link)
    store = SqliteStore(path)
    run = new_run(store)
    assert store.get_run(run.info.run_id) == run
    store.close()
    assert [entry.name for entry in path.parent.iterdir()] == ["mlflow.db"]


@pytest.mark.parametrize("make", [Path.touch, lambda path: ask(path, "VACUUM")], ids=["no bytes", "no tables"])
def test_an_empty_file_reads_as_an_empty_store_and_is_filled(path: Path, make: Callable[[Path], object]) -> None:
    make(path)
    store = SqliteStore(path)
    assert store.search_runs(DEFAULT).items == ()
    with pytest.raises(RunNotFoundError):
        store.log_batch("a", params=[Param("a", "b")])
    run = new_run(store)
    assert store.get_run(run.info.run_id) == run
    assert store.get_experiment("0").name == "Default"
    store.close()


def test_wal_mode_is_not_used_on_network_file_systems(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import psutil

    part = type("Part", (), {"mountpoint": str(path.parent), "fstype": "nfs4"})
    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: [part])
    store = SqliteStore(path)
    new_run(store)
    store.close()
    assert ask(path, "PRAGMA journal_mode") == [("delete",)]


# Files that cannot be used


@pytest.mark.parametrize(
    "content", [b"This is no database. " * 500, b"SQLite format 3\0" + b"\7" * 9000], ids=["text", "torn"]
)
def test_a_damaged_file_is_reported_and_left_as_it_is(path: Path, content: bytes) -> None:
    """Bad input: a corrupt file at the tracking URI."""
    path.write_bytes(content)
    store = SqliteStore(path)
    for call in (lambda: store.search_runs(DEFAULT), lambda: new_run(store), lambda: store.get_run("a")):
        with pytest.raises(StoreUnreadableError, match=r"mlflow\.db") as caught:
            call()
        assert "left it as it is" in caught.value.hint
    store.change_token()
    store.close()
    assert path.read_bytes() == content
    assert [entry.name for entry in path.parent.iterdir()] == ["mlflow.db"]


def test_a_database_of_something_else_is_reported_and_left_as_it_is(path: Path) -> None:
    """Bad input: a foreign SQLite file at the tracking URI."""
    ask(path, "CREATE TABLE history (command TEXT)")
    content = path.read_bytes()
    store = SqliteStore(path)
    for call in (lambda: store.search_runs(DEFAULT), lambda: new_run(store)):
        with pytest.raises(StoreUnreadableError, match="no tracking database"):
            call()
    store.close()
    assert path.read_bytes() == content


def test_tables_of_the_same_names_in_another_program_are_no_tracking_database(path: Path) -> None:
    ask(path, "CREATE TABLE runs (id INTEGER, distance REAL)")
    ask(path, "CREATE TABLE shoes (id INTEGER)")
    with pytest.raises(StoreUnreadableError, match="no tracking database"):
        SqliteStore(path).search_runs(DEFAULT)


def test_a_file_that_nobody_is_making_any_more_is_no_tracking_database(path: Path) -> None:
    ask(path, schema.NEW_TABLES[0])
    os.utime(path, (1, 1))
    for call in (lambda: SqliteStore(path).search_runs(DEFAULT), lambda: new_run(SqliteStore(path))):
        with pytest.raises(StoreUnreadableError, match="no tracking database"):
            call()


def test_a_file_that_somebody_is_just_making_is_waited_for(path: Path) -> None:
    ask(path, schema.NEW_TABLES[0])
    store = SqliteStore(path, wait_s=0.3)
    assert store.search_runs(DEFAULT).items == ()
    with pytest.raises(StoreBusyError, match="not finished"):
        new_run(store)
    with closing(sqlite3.connect(path)) as connection:
        for statement in schema.NEW_TABLES[1:]:
            connection.execute(statement)
    store.create_experiment("first")
    assert {e.experiment_id: e.name for e in store.list_experiments()} == {"0": "Default", "1": "first"}
    store.close()


def test_a_folder_in_the_place_of_the_file_is_reported(tmp_path: Path) -> None:
    for call in (lambda: SqliteStore(tmp_path).search_runs(DEFAULT), lambda: new_run(SqliteStore(tmp_path))):
        with pytest.raises(StoreUnreadableError, match="is a folder"):
            call()


def test_a_place_below_a_file_is_empty_and_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    store = SqliteStore(tmp_path / "file" / "mlflow.db")
    assert store.search_runs(DEFAULT).items == ()
    with pytest.raises(StoreReadOnlyError, match=r"mlflow\.db") as caught:
        new_run(store)
    assert "set_tracking_uri" in caught.value.hint


AS_NOBODY = f"""
    import os
    from trackside.stores.base import RunQuery
    from trackside.errors import StoreReadOnlyError
    from trackside.entities import Param
    os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})
    store = SqliteStore(Path(argv[0]))
    runs = store.search_runs(RunQuery(("0",))).items
    first, second = store.change_token(), store.change_token()
    assert first == second, (first, second)
    print(len(runs))
    try:
        if runs:
            store.log_batch(runs[0].info.run_id, params=[Param("a", "b")])
        else:
            store.create_run("0", run_name="a", user_id="a", start_time=1)
    except StoreReadOnlyError as error:
        print(error.hint)
"""


@pytest.fixture
def foreign_folder() -> Iterator[Path]:
    """A folder that everybody can look into and only its owner can write."""
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@needs_root
def test_a_folder_without_write_permission_is_reported_with_a_hint(foreign_folder: Path) -> None:
    """Bad input: no write permission in the directory."""
    count, hint = output_of(python(AS_NOBODY, foreign_folder / "mlflow.db")).splitlines()
    assert (count, "set_tracking_uri" in hint) == ("0", True)
    assert list(foreign_folder.iterdir()) == []


@needs_root
@pytest.mark.parametrize("is_open", [False, True])
def test_a_file_in_a_folder_without_write_permission_can_be_read(foreign_folder: Path, is_open: bool) -> None:
    store = SqliteStore(foreign_folder / "mlflow.db")
    new_run(store)
    if not is_open:
        store.close()
    count, hint = output_of(python(AS_NOBODY, store.path)).splitlines()
    assert (count, "set_tracking_uri" in hint) == ("1", True)
    store.close()
    assert [entry.name for entry in foreign_folder.iterdir()] == ["mlflow.db"]


@needs_root
def test_what_is_written_later_is_seen_without_write_permission(foreign_folder: Path) -> None:
    store = SqliteStore(foreign_folder / "mlflow.db")
    new_run(store)
    store.close()
    script = f"""
        import os
        from trackside.stores.base import RunQuery
        os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})
        store = SqliteStore(Path(argv[0]))
        token = store.change_token()
        for _ in range(2):
            print(len(store.search_runs(RunQuery(("0",)))), token != store.change_token(), flush=True)
            sys.stdin.readline()
    """
    process = python(script, store.path)
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == "1 False\n"
    new_run(store)
    store.close()
    process.stdin.write("\n")
    process.stdin.flush()
    assert process.stdout.readline() == "2 True\n"
    output_of(process)


# A file that is moved away while it is open


def test_a_file_that_was_deleted_is_noticed(path: Path, store: SqliteStore, run: Run) -> None:
    store.log_batch(run.info.run_id, params=[Param("a", "b")])
    token = store.change_token()
    for entry in path.parent.glob("mlflow.db*"):
        entry.unlink()
    assert store.change_token() != token
    assert store.search_runs(DEFAULT).items == ()
    with pytest.raises(RunNotFoundError):
        store.log_batch(run.info.run_id, params=[Param("c", "d")])
    assert not path.exists()
    again = new_run(store)
    assert [found.info.run_id for found in store.search_runs(DEFAULT)] == [again.info.run_id]


def test_a_file_that_was_replaced_is_read_anew(path: Path, store: SqliteStore, run: Run, tmp_path: Path) -> None:
    other = SqliteStore(tmp_path / "other.db")
    replacement = new_run(other, run_name="replacement")
    other.close()
    token = store.change_token()
    store.close()
    other.path.replace(path)
    assert store.change_token() != token
    assert [found.info.run_name for found in store.search_runs(DEFAULT)] == ["replacement"]
    store.log_batch(replacement.info.run_id, params=[Param("a", "b")])
