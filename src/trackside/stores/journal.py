"""The file to which one process appends what it logs to one store, until the store has it.

The file begins with ``TSJRNL``, a line end, the version of this format (16 bits), six bytes that mean nothing and the
offset up to which its records were delivered (64 bits). Records follow: length and CRC-32 of the payload (32 bits
each), payload. The first payload is a JSON object with the store's ``uri``. All numbers are little-endian.

A record is appended with one system call, so it is there when the process dies right afterwards. Nothing is forced to
the disk itself: a power failure may take the last seconds, and leaves a torn record, at which reading stops.
The process holds a lock on the file while it lives; a file without a lock is one that it left behind.
"""

from __future__ import annotations

import json
import os
import struct
import threading
import uuid
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from trackside.settings import JOURNAL_DIR
from trackside.stores._file_lock import try_lock

MAGIC = b"TSJRNL\r\n"
VERSION = 1
SUFFIX = ".journal"
REFUSED_SUFFIX = ".refused"
DAMAGED_SUFFIX = ".damaged"

_START = struct.Struct("<8sH6xQ")
_POSITION_AT = _START.size - 8
_POSITION = struct.Struct("<Q")
_RECORD = struct.Struct("<II")
_CHUNK = 256 * 1024
_CUT_AT = 1024 * 1024
"""From this size on a file of which everything was delivered is emptied."""
_BINARY = getattr(os, "O_BINARY", 0)
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

    def __init__(self, path: Path, appender: int) -> None:
        self.path = path
        self._appender = appender
        self._file = os.open(path, os.O_RDWR | _BINARY)  # the appender cannot write anywhere but at the end
        self._lock = threading.RLock()
        self._cut_away = 0
        try:
            self.position = self._read_start()
        except UnknownJournalError:
            os.close(self._file)
            raise

    @classmethod
    def create(cls, folder: Path, uri: str) -> Journal:
        """Make a new journal for the store with this URI. Raises OSError where that cannot be."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        while True:
            path = folder / f"{os.getpid()}-{uuid.uuid4().hex[:8]}{SUFFIX}"
            appender = os.open(path, _NEW, 0o600)
            try:
                if try_lock(appender) and _is_at(path, appender):  # else another process took it for a dead one's
                    first = json.dumps({"uri": uri}).encode()
                    start = _START.pack(MAGIC, VERSION, _START.size + _RECORD.size + len(first))
                    _write_all(appender, start + _framed(first))
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
        first = next(iter(self._payloads(_START.size)), (b"{}", 0))[0]
        return str(json.loads(first).get("uri", ""))

    @property
    def end(self) -> int:
        """Where the next record goes, counted from the beginning of time: it never shrinks."""
        return self._cut_away + os.fstat(self._appender).st_size

    @property
    def delivered(self) -> int:
        """Up to where the store has everything, counted like ``end``."""
        return self._cut_away + self.position

    def append(self, payload: bytes) -> None:
        """Add a record. It is there as a whole, or OSError is raised and it is not."""
        record = _framed(payload)
        with self._lock:
            _write_all(self._appender, record)

    def read(self) -> Chunk:
        """The next records that were not marked as delivered; none at the end."""
        payloads, end, size = [], self.position, 0
        for payload, after in self._payloads(self.position):
            payloads.append(payload)
            end, size = after, size + len(payload)
            if size >= _CHUNK:
                break
        return Chunk(payloads, end)

    def count_waiting(self) -> int:
        """How many records wait."""
        return sum(1 for _ in self._payloads(self.position))

    def mark(self, position: int) -> None:
        """Note that everything before this place was delivered."""
        self._write_at(_POSITION_AT, _POSITION.pack(position))
        self.position = position
        if position >= _CUT_AT:
            self._cut(position)

    def set_aside(self, payloads: Sequence[bytes]) -> Path:
        """Keep records that the store refuses in a file beside this one, and return its path."""
        path = self.path.with_suffix(REFUSED_SUFFIX)
        with path.open("ab") as file:
            if not file.tell():
                file.write(_START.pack(MAGIC, VERSION, _START.size))
            file.write(b"".join(_framed(payload) for payload in payloads))
        return path

    def close(self) -> None:
        """Let go of the file, and remove it where everything in it was delivered.

        A file in the middle of which something else was written is kept, under another suffix.
        """
        with self._lock:
            is_done, is_damaged = not self.read().payloads, self._is_damaged()
            os.close(self._file)
            os.close(self._appender)
            with suppress(OSError):
                if is_done and is_damaged:
                    self.path.rename(self.path.with_suffix(DAMAGED_SUFFIX))
                elif is_done:
                    self.path.unlink()

    def abandon(self) -> None:
        """Let go of the file in a child process: it stays the parent's, and so does its lock."""
        os.close(self._file)
        os.close(self._appender)

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
            first = next(iter(self._payloads(_START.size)))[1]
            os.ftruncate(self._appender, first)  # first this: should it be the last thing that happens, nothing waits
            self._write_at(_POSITION_AT, _POSITION.pack(first))
            self._cut_away += position - first
            self.position = first

    def _read_start(self) -> int:
        start = os.read(self._file, _START.size)
        magic, version, position = _START.unpack(start) if len(start) == _START.size else (b"", 0, 0)
        if magic != MAGIC:
            raise UnknownJournalError(f"{self.path} is no journal")
        if version != VERSION:
            raise UnknownJournalError(
                f"{self.path} has version {version} of the journal's format, and this Trackside writes {VERSION}"
            )
        return int(position)

    def _payloads(self, start: int) -> Iterator[tuple[bytes, int]]:
        """Whole records from an offset on, each with the offset behind it."""
        buffer, at = b"", start
        while True:
            os.lseek(self._file, at, os.SEEK_SET)
            buffer = os.read(self._file, max(_CHUNK, 2 * len(buffer)))
            used = 0
            for payload, after in _records_in(buffer):
                used = after
                yield payload, at + after
            if not used and self._is_at_end(at, buffer):
                return
            at += used

    def _is_at_end(self, at: int, buffer: bytes) -> bool:
        """Whether no whole record begins here, however much is read."""
        if len(buffer) < _RECORD.size:
            return True
        length, _ = _RECORD.unpack_from(buffer)
        rest = os.fstat(self._appender).st_size - at
        return bool(length + _RECORD.size > rest or length + _RECORD.size <= len(buffer))

    def _write_at(self, offset: int, content: bytes) -> None:
        os.lseek(self._file, offset, os.SEEK_SET)
        os.write(self._file, content)


def journal_folder(uri: str) -> Path:
    """Where the journals for the store with this URI lie."""
    root = JOURNAL_DIR.read()
    if not root:
        import platformdirs

        root = os.fspath(platformdirs.user_state_path("trackside", appauthor=False) / "journal")
    return Path(root) / blake2b(uri.encode(), digest_size=8).hexdigest()


def find_journals(folder: Path) -> list[Path]:
    """The journals in a folder, of living and of dead processes, oldest first."""
    try:
        found = [(entry.stat().st_mtime_ns, Path(entry.path)) for entry in os.scandir(folder) if _is_journal(entry)]
    except OSError:
        return []
    return [path for _, path in sorted(found)]


def _is_journal(entry: os.DirEntry[str]) -> bool:
    return entry.name.endswith(SUFFIX)


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
