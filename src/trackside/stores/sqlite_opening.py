"""Opening a SQLite file to read or to write, and transactions on it."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from trackside.stores.layout import Layout, read_layout
from trackside.stores.schema import APPLICATION_ID
from trackside.stores.sqlite_errors import is_denied

Identity = tuple[int, int]

WAIT_SLICE_S = 0.25
"""How long SQLite waits for a lock at a time: short, so that an interrupt of the kernel is noticed in between."""

READER_CACHE_KIB = 65_536
"""How much of the file a reader keeps at most. SQLite's own 2 MB make a search of 100,000 runs twice as long."""

_LONGEST_PAUSE_S = 0.2


def identity_of(path: Path) -> Identity | None:
    """What tells this file from another one of the same name, or None where there is none."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino


class Connections:
    """Connections to one file for one thread at a time: one to read, one to write, both opened when first needed.

    ``lock`` is held while they are used, so that another thread can close them in between.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.user: int | None = None
        """The thread that uses them."""
        self.identity: Identity | None = None
        self.is_still = False
        """Whether the reader sees the file as it was when it was opened, and nothing that comes later."""
        self._known_layout: tuple[int, Layout] | None = None
        self._reader: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None
        self._blocks_readers = False
        self._pause_until = 0.0

    def reader(self, path: Path, identity: Identity) -> sqlite3.Connection:
        """The connection to read the file that has this identity."""
        self._follow(identity)
        if self.is_still:
            self.close_reader()
        if self._reader is None:
            self._reader, self.is_still = _open_reader(path)
            self._reader.execute(f"PRAGMA cache_size = -{READER_CACHE_KIB}")
            self._reader.execute("PRAGMA temp_store = MEMORY")
        return self._reader

    def writer(self, path: Path, identity: Identity) -> sqlite3.Connection:
        """The connection to write the file that has this identity."""
        self._follow(identity)
        if self._writer is None:
            self._writer = _open(path, "mode=rw")
            self._blocks_readers = not _is_wal(self._writer)
            if not self._blocks_readers:  # a crash of the process loses nothing, one of the machine damages nothing
                self._writer.execute("PRAGMA synchronous = NORMAL")
        return self._writer

    def layout(self, db: sqlite3.Connection) -> Layout:
        """The tables of the file as one of these connections sees them, read anew when somebody changed them."""
        (version,) = db.execute("PRAGMA schema_version").fetchone()
        if self._known_layout is None or self._known_layout[0] != version:
            self._known_layout = version, read_layout(db)
        return self._known_layout[1]

    @contextmanager
    def write_transaction(self, writer: sqlite3.Connection) -> Iterator[None]:
        """A transaction that holds the file's only lock to write from the beginning.

        Without a write-ahead log it keeps readers out too, and one that follows the other leaves programs that ask
        every tenth of a second no gap to come in; so there, each is followed by a pause as long as itself.
        """
        if (pause_s := self._pause_until - time.monotonic()) > 0:
            time.sleep(pause_s)
        with transaction(writer, "BEGIN IMMEDIATE"):
            begun = time.monotonic()
            yield
        if self._blocks_readers:
            ended = time.monotonic()
            self._pause_until = ended + min(ended - begun, _LONGEST_PAUSE_S)

    def close_reader(self) -> None:
        """Close the connection to read."""
        if self._reader is not None:
            self._reader.close()
        self._reader, self.is_still = None, False

    def close(self) -> None:
        """Close both connections."""
        self.close_reader()
        if self._writer is not None:
            self._writer.close()
        self._writer = self.identity = self._known_layout = None

    def _follow(self, identity: Identity) -> None:
        if self.identity != identity:
            self.close()
            self.identity = identity

    def __del__(self) -> None:
        self.close()


@contextmanager
def transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    """Commit what the block does, or nothing of it where the block raises."""
    if connection.in_transaction:  # an interrupt came while the last one was rolled back
        connection.rollback()
    try:
        connection.execute(begin)
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.rollback()
        raise


def _open(path: Path, options: str) -> sqlite3.Connection:
    text = path.as_posix()
    uri = f"file://{'' if text.startswith('/') else '/'}{quote(text)}?{options}"
    return sqlite3.connect(
        uri, uri=True, timeout=WAIT_SLICE_S, isolation_level=None, check_same_thread=False, cached_statements=200
    )


def _open_reader(path: Path) -> tuple[sqlite3.Connection, bool]:
    """A connection to read, and whether it is still."""
    reader = _open(path, "mode=ro")
    try:
        is_own_log = _is_ours(reader) and _is_wal(reader)
    except sqlite3.Error as cause:
        reader.close()
        if is_denied(cause) and path.is_file() and not path.with_name(f"{path.name}-wal").exists():
            return _open(path, "mode=ro&immutable=1"), True
        raise
    if not is_own_log:
        return reader, False
    reader.close()  # only a connection that may write can tidy up the log of a file that we made
    reader = _open(path, "mode=rw")
    reader.execute("PRAGMA query_only = ON")
    return reader, False


def _is_ours(connection: sqlite3.Connection) -> bool:
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    return bool(application_id == APPLICATION_ID)


def _is_wal(connection: sqlite3.Connection) -> bool:
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    return bool(mode == "wal")
