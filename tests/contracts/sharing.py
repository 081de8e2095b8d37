"""What every store promises of artifacts, and to several who use it at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trackside.entities import Metric, Run
from trackside.errors import (
    ArtifactNotFoundError,
    InvalidValueError,
    UnsafePathError,
)

from .places import Contract, new_run

if TYPE_CHECKING:
    from trackside.stores.base import Store


class SharingContract(Contract):
    """What every store promises of artifacts, and to several who use it at once."""

    def test_what_one_writes_the_other_reads(self, store: Store, open_store: Callable[[], Store]) -> None:
        other = open_store()
        run_id = new_run(store).info.run_id
        other.log_batch(run_id, metrics=[Metric("loss", 1.0, 1)])
        assert store.get_run(run_id).data.metrics == {"loss": 1.0}

    def test_the_change_token_changes_with_every_write_and_only_then(
        self, store: Store, open_store: Callable[[], Store]
    ) -> None:
        watcher = open_store()
        tokens = [watcher.change_token()]
        run_id = new_run(store).info.run_id
        tokens.append(watcher.change_token())
        for writer in (store, open_store(), watcher):
            writer.log_batch(run_id, metrics=[Metric("loss", float(len(tokens)), len(tokens))])
            writer.flush()
            tokens.append(watcher.change_token())
        assert len(set(tokens)) == len(tokens)
        watcher.get_run(run_id)
        assert watcher.change_token() == tokens[-1]

    def test_threads_log_at_the_same_time_and_nothing_is_lost(self, store: Store, run: Run) -> None:
        def log(thread: int) -> None:
            for step in range(20):
                store.log_batch(run.info.run_id, metrics=[Metric(f"m{thread}", float(step), step, step)])

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(log, range(4)))
        assert [len(store.metric_history(run.info.run_id, f"m{thread}")) for thread in range(4)] == [20] * 4

    def test_a_closed_store_opens_again_by_itself(self, store: Store, run: Run) -> None:
        store.close()
        store.close()
        assert store.get_run(run.info.run_id) == run

    def test_artifacts_are_written_listed_and_read(self, store: Store, run: Run, tmp_path: Path) -> None:
        """R1.7: files of any format and directories."""
        source = tmp_path / "model.bin"
        source.write_bytes(bytes(range(256)))
        artifacts = store.artifacts(run.info.run_id)
        assert artifacts.list() == ()
        artifacts.write_bytes("notes.txt", b"first")
        artifacts.write_bytes("notes.txt", b"second")
        artifacts.write_file(source, "models/one/model.bin")
        top = {file.path: (file.is_dir, file.file_size) for file in artifacts.list()}
        assert top == {"models": (True, None), "notes.txt": (False, 6)}
        assert [file.path for file in artifacts.list("models/one")] == ["models/one/model.bin"]
        again = store.artifacts(run.info.run_id)
        assert again.read_bytes("notes.txt") == b"second"
        assert again.read_bytes("models/one/model.bin") == bytes(range(256))

    def test_a_large_artifact_goes_there_and_back_and_tells_how_far_it_is(
        self, store: Store, run: Run, tmp_path: Path
    ) -> None:
        """R1.7: in pieces, with the bytes that are done and how many there are."""
        source, target = tmp_path / "model.bin", tmp_path / "again.bin"
        source.write_bytes(bytes(range(256)) * 10_000)
        artifacts = store.artifacts(run.info.run_id)
        for move, arguments in ((artifacts.write_file, (source, "m.bin")), (artifacts.read_file, ("m.bin", target))):
            told: list[tuple[int, int | None]] = []
            move(*arguments, progress=lambda done, total, told=told: told.append((done, total)))  # type: ignore[operator]
            assert told[-1] == (2_560_000, 2_560_000)
            assert 1 < len(told) < 10
            assert [done for done, _ in told] == sorted({done for done, _ in told})
        assert target.read_bytes() == source.read_bytes()
        artifacts.write_bytes("empty", b"")
        artifacts.read_file("empty", target)
        assert target.read_bytes() == b""

    def test_what_cannot_be_copied_leaves_what_was_there(self, store: Store, run: Run, tmp_path: Path) -> None:
        (tmp_path / "kept").write_bytes(b"kept")
        artifacts = store.artifacts(run.info.run_id)
        artifacts.write_bytes("folder/a.txt", b"a")
        for path in ("nowhere", "folder"):
            with pytest.raises(ArtifactNotFoundError, match=path):
                artifacts.read_file(path, tmp_path / "kept")
        with pytest.raises(InvalidValueError, match="no-such-folder"):
            artifacts.read_file("folder/a.txt", tmp_path / "no-such-folder" / "a.txt")
        with pytest.raises(UnsafePathError):
            artifacts.read_file("../a.txt", tmp_path / "kept")
        assert [path.name for path in tmp_path.iterdir() if path.is_file() and "mlflow.db" not in path.name] == ["kept"]
        assert (tmp_path / "kept").read_bytes() == b"kept"

    def test_a_missing_artifact_is_an_error_and_a_missing_folder_is_empty(self, store: Store, run: Run) -> None:
        artifacts = store.artifacts(run.info.run_id)
        assert artifacts.list("nowhere") == ()
        assert artifacts.local_path("nowhere") is None
        with pytest.raises(ArtifactNotFoundError, match="nowhere"):
            artifacts.read_bytes("nowhere")

    def test_a_file_larger_than_asked_for_is_not_read(self, store: Store, run: Run) -> None:
        artifacts = store.artifacts(run.info.run_id)
        artifacts.write_bytes("big.txt", b"x" * 100)
        assert artifacts.read_bytes("big.txt", max_bytes=100) == b"x" * 100
        with pytest.raises(InvalidValueError, match="100 bytes"):
            artifacts.read_bytes("big.txt", max_bytes=99)

    @pytest.mark.parametrize(
        "path",
        ["../up", "a/../../up", "/etc/passwd", "C:/windows", "a\\..\\b", "..\\up", "\\\\host\\share", "nul\0l", ".."],
    )
    def test_an_artifact_path_that_leaves_the_run_is_refused(self, store: Store, run: Run, path: str) -> None:
        """Bad input: artifact names with `..`."""
        artifacts = store.artifacts(run.info.run_id)
        for call in (
            lambda: artifacts.write_bytes(path, b"x"),
            lambda: artifacts.read_bytes(path),
            lambda: artifacts.list(path),
            lambda: artifacts.local_path(path),
        ):
            with pytest.raises(UnsafePathError):
                call()
