"""Artifacts wait as well: kept on this machine while the store is away, delivered once, in their order."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from trackside.errors import ArtifactNotFoundError, InvalidValueError, StoreUnreachableError, UnsafePathError
from trackside.stores.journal import journal_folder
from trackside.stores.journaled import JournaledStore
from trackside.stores.sqlite import SqliteStore

from ..processes import Program
from .world import LOGGER, Flaky, point, wait_until


def left_in(store: JournaledStore) -> list[str]:
    return sorted(entry.name for entry in journal_folder(store.uri).glob("*"))


def test_a_store_that_is_there_gets_files_at_once(store: JournaledStore, run_id: str, path: Path) -> None:
    store.artifacts(run_id).write_bytes("a/b.txt", b"one")
    assert SqliteStore(path).artifacts(run_id).read_bytes("a/b.txt") == b"one"
    assert not any("files" in name for name in left_in(store))
    assert store.waiting().count == 0


def test_files_wait_while_the_store_is_away_and_come_in_their_order(
    store: JournaledStore, inner: Flaky, run_id: str, path: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    opened = store.artifacts(run_id)
    opened.write_bytes("report.txt", b"zero")
    inner.is_gone = True
    (tmp_path / "model.bin").write_bytes(b"x" * 2_500_000)
    for content in (b"one", b"two"):
        store.artifacts(run_id).write_bytes("report.txt", content)
    store.artifacts(run_id).write_file(tmp_path / "model.bin", "models/model.bin")
    (tmp_path / "model.bin").unlink()
    store.log_batch(run_id, metrics=[point(1)])
    waiting = store.waiting()
    assert (waiting.records, waiting.files, waiting.file_bytes) == (1, 3, 2_500_006)
    assert waiting.text == "1 record and 3 files (2.5 MB)"
    assert waiting.since is not None
    assert store.artifacts(run_id).read_bytes("report.txt") == b"two"  # this process sees what it wrote
    assert "does not answer" in caplog.text
    inner.is_gone = False
    wait_until(lambda: store.waiting().count == 0)
    kept = SqliteStore(path).artifacts(run_id)
    assert kept.read_bytes("report.txt") == b"two"
    assert kept.read_bytes("models/model.bin") == b"x" * 2_500_000
    store.close()
    assert left_in(store) == []


def test_what_is_written_while_earlier_files_wait_waits_behind_them(
    store: JournaledStore, inner: Flaky, run_id: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner.is_gone = True
    store.artifacts(run_id).write_bytes("a.txt", b"first")
    store.flush()
    inner.is_gone = False
    store.artifacts(run_id).write_bytes("a.txt", b"second")
    store.flush()
    assert SqliteStore(path).artifacts(run_id).read_bytes("a.txt") == b"second"


def test_what_can_be_known_of_a_file_is_raised_at_once(store: JournaledStore, inner: Flaky, run_id: str) -> None:
    inner.is_gone = True
    for bad in ("../up.txt", "/absolute", ""):
        with pytest.raises(UnsafePathError):
            store.artifacts(run_id).write_bytes(bad, b"")
    with pytest.raises(InvalidValueError, match="no file"):
        store.artifacts(run_id).write_file(Path("missing.txt"), "a.txt")
    with pytest.raises(StoreUnreachableError):
        store.artifacts(run_id).list()
    assert store.waiting().files == 0


def test_a_file_that_is_refused_is_kept_and_said_and_the_rest_goes_on(
    store: JournaledStore, inner: Flaky, run_id: str, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (SqliteStore(path).artifacts(run_id)).write_bytes("taken/name", b"")
    inner.is_gone = True
    for name in ("taken", "fine.txt"):  # a folder cannot be replaced by a file
        store.artifacts(run_id).write_bytes(name, b"content")
    inner.is_gone = False
    wait_until(lambda: store.waiting().files == 0)
    assert SqliteStore(path).artifacts(run_id).read_bytes("fine.txt") == b"content"
    assert "is kept in" in caplog.text
    assert store.waiting().refused == 1
    store.close()
    (refused,) = journal_folder(store.uri).glob("*.refused-file")
    assert refused.read_bytes() == b"content"


def test_the_next_process_delivers_the_files_of_one_that_was_killed(path: Path) -> None:
    program = Program(
        LOGGER
        + """
    from trackside.errors import StoreUnreachableError
    def gone(run_id): raise StoreUnreachableError("gone")
    store.behind.artifacts = gone
    for number in range(20):
        store.artifacts(run_id).write_bytes(f"{number}.txt", b"x" * number)
        print(number, flush=True)
    sys.stdin.read()
    """,
        f"sqlite:///{path}",
    )
    run_id = program.line()
    assert [program.line() for _ in range(20)] == [str(number) for number in range(20)]
    program.kill(group=True)
    heir = JournaledStore(SqliteStore(path))
    assert heir.waiting().files == 20
    heir.get_run(run_id)
    wait_until(lambda: heir.waiting().count == 0)
    sizes = {file.path: file.file_size for file in heir.artifacts(run_id).list()}
    assert sizes == {f"{number}.txt": number for number in range(20)}
    heir.close()
    assert left_in(heir) == []


def test_a_file_that_was_delivered_but_not_noted_is_only_written_again(
    store: JournaledStore, inner: Flaky, run_id: str, path: Path
) -> None:
    inner.is_gone = True
    store.artifacts(run_id).write_bytes("a.txt", b"once")
    (journal,) = journal_folder(store.uri).glob("*.files-journal")
    (kept,) = journal_folder(store.uri).glob("*.kept")
    noted = journal.read_bytes()
    inner.is_gone = False
    store.flush()
    journal.with_name("1-copy.files-journal").write_bytes(noted)
    kept.write_bytes(b"once")
    heir = JournaledStore(SqliteStore(path))
    heir.get_run(run_id)
    wait_until(lambda: not kept.exists() and heir.waiting().count == 0)
    assert [file.path for file in heir.artifacts(run_id).list()] == ["a.txt"]
    heir.close()


@pytest.mark.skipif(sys.platform == "win32", reason="has no limits of this kind")
def test_a_file_for_which_there_is_no_space_raises_and_leaves_nothing(path: Path) -> None:
    """The server is away and the disk full: the one case in which the cell must fail, with both reasons."""
    program = Program(
        LOGGER
        + """
    import resource, signal
    from trackside.errors import StoreUnreachableError
    def gone(run_id): raise StoreUnreachableError("the server is gone")
    store.behind.artifacts = gone
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))
    try:
        store.artifacts(run_id).write_bytes("large.bin", bytes(2_000_000))
    except StoreUnreachableError as error:
        print(error.message, flush=True)
    store.artifacts(run_id).write_bytes("small.bin", bytes(2_000))
    del store.behind.artifacts
    """,
        f"sqlite:///{path}",
    )
    run_id = program.line()
    message = program.line()
    assert "the server is gone" in message
    assert "File too large" in message
    program.finish()
    store = SqliteStore(path)
    assert [file.path for file in store.artifacts(run_id).list()] == ["small.bin"]
    assert not list(journal_folder(store.uri).glob("*"))


@pytest.mark.skipif(sys.platform == "win32", reason="links need a permission there")
def test_a_shared_folder_that_is_gone_is_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The experiment's artifacts are behind a link into a share that is not mounted."""
    mounted, link = tmp_path / "mounted", tmp_path / "home" / "share"
    mounted.mkdir()
    link.parent.mkdir()
    link.symlink_to(mounted)
    store = JournaledStore(SqliteStore(tmp_path / "home" / "mlflow.db"))
    experiment_id = store.create_experiment("shared", artifact_location=str(link / "artifacts"))
    run = store.create_run(experiment_id, run_name="r", user_id="ada", start_time=1)
    store.artifacts(run.info.run_id).write_bytes("before.txt", b"1")
    mounted.rename(tmp_path / "away")
    store.artifacts(run.info.run_id).write_bytes("meanwhile.txt", b"2")
    assert store.waiting().files == 1
    (tmp_path / "away").rename(mounted)
    wait_until(lambda: store.waiting().files == 0)
    artifacts = store.artifacts(run.info.run_id)
    assert [file.path for file in artifacts.list()] == ["before.txt", "meanwhile.txt"]
    with pytest.raises(ArtifactNotFoundError):
        artifacts.read_bytes("other.txt")
    store.close()
