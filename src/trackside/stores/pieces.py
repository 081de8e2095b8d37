"""Copying files in pieces, so that none is in memory whole, and telling how far that is."""

from __future__ import annotations

import io
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from trackside.errors import InvalidValueError

PIECE_BYTES = 1 << 20

Progress = Callable[[int, "int | None"], None]
"""Is told how many bytes are done, and how many there are where that is known: after each megabyte, and at the end."""


class CountedFile(io.FileIO):
    """A file opened to read that tells how much of it was read. Reading it again from its beginning counts anew."""

    def __init__(self, path: Path, progress: Progress | None) -> None:
        super().__init__(path)
        self._progress = progress
        self._size = os.fstat(self.fileno()).st_size
        self._next = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes."""
        piece = super().read(-1 if size is None else size) or b""
        done = self.tell()
        if self._progress and piece and (done >= self._next or done == self._size):
            self._progress(done, self._size)
            self._next = done + PIECE_BYTES
        return piece


def copy(source: Path, target: Path, progress: Progress | None) -> None:
    """Copy a local file; where nobody wants to be told, the system does it in one go."""
    if progress is None:
        shutil.copyfile(source, target)
        return
    with source.open("rb") as file, target.open("wb") as copied:
        write_pieces(_pieces(file), copied, source.stat().st_size, progress)


def write_pieces(pieces: Iterable[bytes], target: BinaryIO, total: int | None, progress: Progress | None) -> None:
    """Write pieces of a file as they come."""
    done = 0
    for piece in pieces:
        target.write(piece)
        done += len(piece)
        if progress and done != total:
            progress(done, total)
    if progress:
        progress(done, done)


@contextmanager
def draft_of(target: Path) -> Iterator[Path]:
    """A file beside a local one that takes its place when the block ends well, and is gone when not.

    Raises:
        InvalidValueError: The local file cannot be written.
    """
    draft = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        yield draft
        draft.replace(target)
    except OSError as cause:
        reason = cause.strerror or str(cause)
        raise InvalidValueError(f"the artifact cannot be copied to {str(target)!r}: {reason}") from cause
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE_BYTES):
        yield piece
