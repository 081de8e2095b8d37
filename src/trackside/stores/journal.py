"""The file to which one process appends what it logs to one store, until the store has it.

The file begins with ``TSJRNL``, a line end, the version of this format (16 bits), the time in milliseconds since which
the store takes nothing (48 bits, 0 while it does) and the offset up to which its records were delivered (64 bits).
Records follow: length and CRC-32 of the payload (32 bits
each), payload. The first payload is a JSON object with the store's ``uri``. All numbers are little-endian.

A record is appended with one system call, so it is there when the process dies right afterwards. Nothing is forced to
the disk itself: a power failure may take the last seconds, and leaves a torn record, at which reading stops.
The process holds a lock on the file while it lives; a file without a lock is one that it left behind.

Files that are to become artifacts lie beside it, as ``<name of the journal>.<number>.kept``, and records name them.
"""

from __future__ import annotations

import json
import os
import shutil
import struct
import threading
import uuid
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

from trackside.settings import JOURNAL_DIR
from trackside.stores._file_lock import try_lock

MAGIC = b"TSJRNL\r\n"
VERSION = 2
"""What is written. Version 1 had no records of files and of new runs, and is read as well."""
SUFFIX = ".journal"
FILES_SUFFIX = ".files-journal"
"""Journals of files, which are large and may have to go elsewhere, so that nothing else waits for them."""
KEPT_SUFFIX = ".kept"
REFUSED_SUFFIX = ".refused"
REFUSED_FILE_SUFFIX = ".refused-file"
DAMAGED_SUFFIX = ".damaged"

_READABLE = (1, 2)
_START = struct.Struct("<8sH6sQ")
_SINCE_AT, _SINCE_SIZE = 10, 6
_NEVER = bytes(_SINCE_SIZE)
_POSITION_AT = _START.size - 8
_POSITION = struct.Struct("<Q")
_RECORD = struct.Struct("<II")
_CHUNK = 256 * 1024
_COPIED_AT_ONCE = 1024 * 1024
_CUT_AT = 1024 * 1024
"""From this size on a file of which everything was delivered is emptied."""
_BINARY = getattr(os, "O_BINARY", 0)
_CLOSED = -1
"""No descriptor; the number that a file had is soon another's."""
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | _BINARY


class UnknownJournalError(Exception):
    """The file is no journal, or one of another version of the format; it is left as it is."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some payloads in the order in which they were appended, and where in the file the next one begins."""

    payloads: Sequence[bytes]
    end: int


class Journal:
    """One journal that this process holds the lock of. Any thread may append; one at a time reads and marks."""

    waiting: int
    """How many records wait; any thread may look."""

    def __init__(self, path: Path, appender: int) -> None:
        self.path = path
        self._appender = appender
        self._file = os.open(path, os.O_RDWR | _BINARY)  # the appender cannot write anywhere but at the end
        self._lock = threading.RLock()
        self._cut_away = 0
        self._size = os.fstat(appender).st_size
        try:
            self.position, _ = _read_start(self._file, path)
            self.waiting = sum(1 for _ in _payloads(self._file, self.position))
        except UnknownJournalError:
            os.close(self._file)
            raise

    @classmethod
    def create(cls, folder: Path, uri: str, *, suffix: str = SUFFIX) -> Journal:
        """Make a new journal for the store with this URI. Raises OSError where that cannot be."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        while True:
            path = folder / f"{os.getpid()}-{uuid.uuid4().hex[:8]}{suffix}"
            appender = os.open(path, _NEW, 0o600)
            try:
                if try_lock(appender) and _is_at(path, appender):  # else another process took it for a dead one's
                    _write_all(appender, _beginning(uri))
                    return cls(path, appender)
            except OSError:
                _close_and_remove(path, appender)
                raise
            os.close(appender)

    @classmethod
    def take_over(cls, path: Path) -> Journal | None:
        """The journal that a process left behind; None where its process lives, or there is nothing in it.

        Raises:
            UnknownJournalError: The file cannot be understood.
            OSError: The file cannot be opened.
        """
        appender = os.open(path, os.O_RDWR | os.O_APPEND | _BINARY)
        if not (try_lock(appender) and _is_at(path, appender)):
            os.close(appender)
            return None
        if os.fstat(appender).st_size < _START.size:
            _close_and_remove(path, appender)
            return None
        try:
            return cls(path, appender)
        except UnknownJournalError:
            os.close(appender)
            raise

    @property
    def uri(self) -> str:
        """The store that the records are for."""
        return _read_uri(self._file)

    @property
    def end(self) -> int:
        """Where the next record goes, counted from the beginning of time: it never shrinks."""
        return self._cut_away + self._size

    @property
    def delivered(self) -> int:
        """Up to where the store has everything, counted like ``end``."""
        return self._cut_away + self.position

    def append(self, payload: bytes) -> None:
        """Add a record. It is there as a whole, or OSError is raised and it is not."""
        record = _framed(payload)
        with self._lock:
            _write_all(self._appender, record)
            self._size += len(record)
            self.waiting += 1

    def read(self) -> Chunk:
        """The next records that were not marked as delivered; none at the end."""
        payloads, end, size = [], self.position, 0
        for payload, after in _payloads(self._file, self.position):
            payloads.append(payload)
            end, size = after, size + len(payload)
            if size >= _CHUNK:
                break
        return Chunk(payloads, end)

    def mark(self, chunk: Chunk) -> None:
        """Note that these records, the next ones, were delivered."""
        self._write_at(_POSITION_AT, _POSITION.pack(chunk.end))
        self.position = chunk.end
        with self._lock:
            self.waiting -= len(chunk.payloads)
        if chunk.end >= _CUT_AT:
            self._cut(chunk.end)

    def keep(self, content: BinaryIO) -> tuple[str, int]:
        """Copy what is left to read of a stream to a file beside this one; the file's name and size in bytes.

        It goes with the journal, unless a record names it. Raises OSError where it cannot be kept.
        """
        path = self.path.with_name(f"{self.path.stem}.{uuid.uuid4().hex}{KEPT_SUFFIX}")
        try:
            with path.open("xb") as file:
                shutil.copyfileobj(content, file, _COPIED_AT_ONCE)
                return path.name, file.tell()
        except OSError:
            with suppress(OSError):
                path.unlink()
            raise

    def kept(self, name: str) -> Path:
        """Where a file that a record names lies."""
        return self.path.with_name(Path(name).name)

    def note_away(self, since_ms: int) -> None:
        """Note since when the store takes nothing; 0 where it does again."""
        self._write_at(_SINCE_AT, since_ms.to_bytes(_SINCE_SIZE, "little"))

    def set_aside(self, payloads: Sequence[bytes]) -> Path:
        """Keep records that the store refuses in a file beside this one, and return its path."""
        path = self.path.with_suffix(REFUSED_SUFFIX)
        with path.open("ab") as file:
            if not file.tell():
                file.write(_beginning(self.uri))
            file.write(b"".join(_framed(payload) for payload in payloads))
        return path

    def close(self) -> None:
        """Let go of the file, and remove it where everything in it was delivered.

        A file in the middle of which something else was written is kept, under another suffix.
        """
        with self._lock:
            is_done, is_damaged = not self.read().payloads, self._is_damaged()
            self.abandon()
            with suppress(OSError):
                if is_done and is_damaged:
                    self.path.rename(self.path.with_suffix(DAMAGED_SUFFIX))
                elif is_done:
                    self._remove()

    def abandon(self) -> None:
        """Let go of the file in a child process: it stays the parent's, and so does its lock."""
        appender, self._appender = self._appender, _CLOSED
        os.close(self._file)
        os.close(appender)

    def _remove(self) -> None:
        for path in self.path.parent.glob(f"{self.path.stem}.*{KEPT_SUFFIX}"):
            path.unlink()
        self.path.unlink()

    def _is_damaged(self) -> bool:
        """Whether the next record is there in its full length, and is not what was written."""
        os.lseek(self._file, self.position, os.SEEK_SET)
        head = os.read(self._file, _RECORD.size)
        length = _RECORD.unpack(head)[0] if len(head) == _RECORD.size else 0
        return 0 < length <= os.fstat(self._appender).st_size - self.position - _RECORD.size

    def _cut(self, position: int) -> None:
        with self._lock:
            if os.fstat(self._appender).st_size > position:
                return
            first = next(iter(_payloads(self._file, _START.size)))[1]
            os.ftruncate(self._appender, first)  # first this: should it be the last thing that happens, nothing waits
            self._write_at(_POSITION_AT, _POSITION.pack(first))
            self._cut_away += position - first
            self.position = self._size = first

    def _write_at(self, offset: int, content: bytes) -> None:
        os.lseek(self._file, offset, os.SEEK_SET)
        os.write(self._file, content)


def journal_root() -> Path:
    """Where the folders with journals lie, one for each store."""
    root = JOURNAL_DIR.read()
    if root:
        return Path(root)
    import platformdirs

    return platformdirs.user_state_path("trackside", appauthor=False) / "journal"


def journal_folder(uri: str) -> Path:
    """Where the journals for the store with this URI lie."""
    return journal_root() / blake2b(uri.encode(), digest_size=8).hexdigest()


def read_waiting(path: Path) -> list[bytes]:
    """What waits in a journal, whoever holds it; nothing where it is gone."""
    try:
        file = os.open(path, os.O_RDONLY | _BINARY)
    except OSError:
        return []
    try:
        position, _ = _read_start(file, path)
        return [payload for payload, _ in _payloads(file, position)]
    finally:
        os.close(file)


def peek(path: Path) -> tuple[int, int]:
    """How many records wait in a journal, whoever holds it, and since when, in milliseconds, or a little later.

    Raises:
        UnknownJournalError: The file cannot be understood.
        OSError: The file cannot be opened.
    """
    file = os.open(path, os.O_RDONLY | _BINARY)
    try:
        position, since = _read_start(file, path)
        return sum(1 for _ in _payloads(file, position)), since or int(os.fstat(file).st_mtime * 1000)
    finally:
        os.close(file)


def read_uri(path: Path) -> str:
    """The store that the records of a journal, or those that were set aside, are for. Raises like ``peek``."""
    file = os.open(path, os.O_RDONLY | _BINARY)
    try:
        _read_start(file, path)
        return _read_uri(file)
    finally:
        os.close(file)


def find_journals(folder: Path, suffix: str = SUFFIX) -> list[Path]:
    """The journals in a folder, of living and of dead processes, oldest first."""
    found = []
    with suppress(OSError):
        for entry in os.scandir(folder):
            if entry.name.endswith(suffix):
                with suppress(OSError):  # it was just removed
                    found.append((entry.stat().st_mtime_ns, Path(entry.path)))
    return [path for _, path in sorted(found)]


def _beginning(uri: str) -> bytes:
    """How a file with records for this store begins."""
    first = json.dumps({"uri": uri}).encode()
    return _START.pack(MAGIC, VERSION, _NEVER, _START.size + _RECORD.size + len(first)) + _framed(first)


def _read_uri(file: int) -> str:
    first = next(iter(_payloads(file, _START.size)), (b"{}", 0))[0]
    return str(json.loads(first).get("uri", ""))


def _read_start(file: int, path: Path) -> tuple[int, int]:
    """How far a journal was delivered, and since when the store takes nothing."""
    start = os.read(file, _START.size)
    magic, version, since, position = _START.unpack(start) if len(start) == _START.size else (b"", 0, b"", 0)
    if magic != MAGIC:
        raise UnknownJournalError(f"{path} is no journal")
    if version not in _READABLE:
        raise UnknownJournalError(
            f"{path} has version {version} of the journal's format, and this Trackside writes {VERSION}"
        )
    return int(position), int.from_bytes(since, "little")


def _payloads(file: int, start: int) -> Iterator[tuple[bytes, int]]:
    """Whole records from an offset on, each with the offset behind it."""
    buffer, at = b"", start
    while True:
        os.lseek(file, at, os.SEEK_SET)
        buffer = os.read(file, max(_CHUNK, 2 * len(buffer)))
        used = 0
        for payload, after in _records_in(buffer):
            used = after
            yield payload, at + after
        if not used and _is_at_end(buffer, os.fstat(file).st_size - at):
            return
        at += used


def _is_at_end(buffer: bytes, rest: int) -> bool:
    """Whether no whole record begins here, however much is read. ``rest`` is how much there is."""
    if len(buffer) < _RECORD.size:
        return True
    whole = _RECORD.unpack_from(buffer)[0] + _RECORD.size
    return bool(whole > rest or whole <= len(buffer))


def _framed(payload: bytes) -> bytes:
    return _RECORD.pack(len(payload), zlib.crc32(payload)) + payload


def _records_in(buffer: bytes) -> Iterator[tuple[bytes, int]]:
    at, end = 0, len(buffer)
    while at + _RECORD.size <= end:
        length, checksum = _RECORD.unpack_from(buffer, at)
        at += _RECORD.size
        payload = buffer[at : at + length]
        at += length
        if at > end or zlib.crc32(payload) != checksum or not length:
            return
        yield payload, at


def _write_all(appender: int, record: bytes) -> None:
    """Append a record, or take back the part of it for which there was space."""
    written = os.write(appender, record)
    if written != len(record):
        os.ftruncate(appender, os.fstat(appender).st_size - written)
        raise OSError(28, os.strerror(28))


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except OSError:
        return False


def _close_and_remove(path: Path, descriptor: int) -> None:
    os.close(descriptor)
    with suppress(OSError):
        path.unlink()
