"""The files of runs in a store that may be away: what it cannot take now waits, and is delivered in its order.

While a file waits its content lies beside the journal, and reading the file gives what was written last. While any
file waits, those that are written later wait behind it, so that the last one written is the one that stays.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from trackside.errors import (
    ArtifactNotFoundError,
    InvalidValueError,
    StoreError,
    StoreUnreachableError,
    UnsafePathError,
    is_away,
)
from trackside.stores.artifacts import normal_path
from trackside.stores.news import say_away
from trackside.stores.records import FileKept, payload_of
from trackside.stores.validation import short

if TYPE_CHECKING:
    from trackside.entities import FileInfo
    from trackside.stores.base import Artifacts, Store
    from trackside.stores.outbox import Outbox
    from trackside.stores.pieces import Progress
    from trackside.stores.postponed import PostponedRuns


class WaitingFiles:
    """The files that this process writes to one store.

    Args:
        store: The store itself.
        runs: Its runs that were started while it was away.
        outbox: Where files wait.
        is_away: Whether the store is known to be away, so that nobody has to wait to find out.
    """

    def __init__(self, store: Store, runs: PostponedRuns, outbox: Outbox, is_away: Callable[[], bool]) -> None:
        self.outbox = outbox
        self._store = store
        self._runs = runs
        self._is_away = is_away
        self._kept: dict[tuple[str, str], Path] = {}

    def of_run(self, run_id: str) -> Artifacts:
        """The files of a run. Raises RunNotFoundError, where the store can be asked."""
        return _RunFiles(self, run_id, None if self.must_wait() else self._open_if_there(run_id))

    def open(self, run_id: str) -> Artifacts:
        """The files of a run in the store itself."""
        return self._store.artifacts(self._runs.real_id(run_id))

    def is_to_be_made(self, run_id: str) -> bool:
        """Whether the run waits itself, so that it has no files yet."""
        return self._runs.waits(run_id)

    def must_wait(self) -> bool:
        """Whether what is written now has to wait."""
        return self.outbox.has_waiting or self._is_away()

    def keep(self, run_id: str, path: str, content: BinaryIO, trouble: StoreError | None) -> None:
        """Let a file wait. ``trouble`` is why, where that was just found out."""
        place = normal_path(path)
        if not place:
            raise UnsafePathError(f"an artifact needs a name, got {short(path)}")
        try:
            kept = self.outbox.keep(content, lambda name, size: payload_of(run_id, FileKept(place, name, size)))
        except OSError as problem:
            raise StoreUnreachableError(
                f"the artifact {short(path)} can neither be written to {self._store.uri} nor wait on this machine: "
                f"{trouble.message if trouble else 'the store is away'}; {problem}",
            ) from trouble
        self._kept[run_id, place] = kept
        if trouble:
            say_away(self._store.uri, trouble.message)

    def find_kept(self, run_id: str, path: str) -> Path | None:
        """Where a file lies that waits, or None where the store has what was written last."""
        if not self.outbox.has_waiting or self.outbox.drain():
            self._kept.clear()
        return self._kept.get((run_id, normal_path(path)))

    def _open_if_there(self, run_id: str) -> Artifacts | None:
        try:
            return self.open(run_id)
        except StoreError as error:
            if is_away(error):
                return None
            raise


class _RunFiles:
    """The files of one run; see ``base.Artifacts``."""

    def __init__(self, files: WaitingFiles, run_id: str, opened: Artifacts | None) -> None:
        self._files = files
        self._run_id = run_id
        self._opened = opened

    def list(self, path: str = "") -> tuple[FileInfo, ...]:
        self._files.find_kept(self._run_id, path)
        return self._behind().list(path)

    def read_bytes(self, path: str, *, max_bytes: int | None = None) -> bytes:
        kept = self._files.find_kept(self._run_id, path)
        if kept is not None:
            try:
                return _read(kept, path, max_bytes)
            except FileNotFoundError:  # it was just delivered
                pass
        if self._files.is_to_be_made(self._run_id):
            raise ArtifactNotFoundError(f"run {self._run_id}, which is to be made, has no artifact {short(path)}")
        return self._behind().read_bytes(path, max_bytes=max_bytes)

    def write_bytes(self, path: str, content: bytes) -> None:
        self._write(path, lambda behind: behind.write_bytes(path, content), lambda: BytesIO(content))

    def read_file(self, path: str, target: Path, *, progress: Progress | None = None) -> None:
        kept = self._files.find_kept(self._run_id, path)
        if kept is not None:
            with suppress(FileNotFoundError):  # it was just delivered
                size = kept.stat().st_size
                shutil.copyfile(kept, target)
                if progress:
                    progress(size, size)
                return
        self._behind().read_file(path, target, progress=progress)

    def write_file(self, source: Path, path: str, *, progress: Progress | None = None) -> None:
        if not source.is_file():
            raise InvalidValueError(f"there is no file {str(source)!r} to keep as an artifact")
        self._write(path, lambda behind: behind.write_file(source, path, progress=progress), lambda: source.open("rb"))

    def local_path(self, path: str = "") -> Path | None:
        return self._behind().local_path(path)

    def _behind(self) -> Artifacts:
        if self._opened is None:
            self._opened = self._files.open(self._run_id)
        return self._opened

    def _write(self, path: str, write: Callable[[Artifacts], None], content: Callable[[], BinaryIO]) -> None:
        trouble = None
        if not self._files.must_wait():
            try:
                write(self._behind())
            except StoreError as error:
                if not is_away(error):
                    raise
                trouble = error
            else:
                return
        with content() as stream:
            self._files.keep(self._run_id, path, stream, trouble)


def _read(kept: Path, path: str, max_bytes: int | None) -> bytes:
    size = kept.stat().st_size
    if max_bytes is not None and size > max_bytes:
        raise InvalidValueError(f"artifact {short(path)} has {size} bytes; at most {max_bytes} were asked for")
    return kept.read_bytes()
