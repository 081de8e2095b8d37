"""Connections to one SQLite file: one to read and one to write for each thread, transactions, waiting, clear errors.

Reading opens the file with ``mode=ro``. A file that is replaced or deleted while it is open is noticed at the next
call, because each call compares the file's identity with that of its connection. Connections never cross a fork:
they are closed just before it.
"""

from __future__ import annotations

import atexit
import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote
from weakref import WeakSet

from trackside.errors import InvalidValueError, StoreBusyError, StoreError, StoreReadOnlyError, StoreUnreadableError
from trackside.stores.creation import make_database
from trackside.stores.layout import Layout, read_layout

Result = TypeVar("Result")
Work = Callable[[sqlite3.Connection, Layout], Result]
Identity = tuple[int, ...]

WAIT_S = 20.0
"""How long a call waits for other processes in all, as long as MLflow waits."""
_SLICE_S = 0.25
"""How long SQLite waits at a time, so that an interrupt of the kernel is noticed in between."""
_CHANGE_UNDER_WAY_S = 3.0
_OTHER_URI_HINT = "Name another place: trackside.set_tracking_uri('sqlite:////a/folder/you/can/write/mlflow.db')."


class Database:
    """One file. Threads use it at the same time, each with its own connections."""

    def __init__(self, path: Path, *, wait_s: float = WAIT_S) -> None:
        self.path = path
        self._wait_s = wait_s
        self._known_layout: tuple[tuple[Identity, int], Layout] | None = None
        self._watch = _Slot()
        self._watch_openings = 0
        self._forget_connections()
        _ALL.add(self)

    def exists(self) -> bool:
        """Whether the file is there, even if empty."""
        return _identity(self.path) is not None

    def read(self, work: Work[Result], missing: Result) -> Result:
        """Run ``work`` in one read transaction; ``missing`` where there is no database to read yet."""
        return self._with_patience(lambda: self._read_once(work, missing))

    def write(self, work: Work[Result], *, create: bool = False) -> Result:
        """Run ``work`` in one write transaction: all of it is written, or it raises and nothing is.

        ``work`` may be run more than once. With ``create`` the file is made where it is missing or empty.
        """
        return self._with_patience(lambda: self._write_once(work, create))

    def change_token(self) -> object:
        """A value that changes when anyone commits to the file, makes it, replaces it or removes it."""
        with self._watch.lock:
            identity = _identity(self.path)
            if identity is None:
                self._watch.close()
                return None
            try:
                return (*identity, *self._data_version(identity))
            except (sqlite3.Error, StoreError):
                return (*identity, *_file_state(self.path))

    def close(self) -> None:
        """Close the connections of all threads. The writers go last, so that they can tidy up the write-ahead log."""
        with ExitStack() as held:
            self._hold_all(held)

    def _data_version(self, identity: Identity) -> tuple[int, int]:
        if self._watch.identity != identity:
            self._watch.open_reader(self.path, identity)
            self._watch_openings += 1
        connection = self._watch.open_reader(self.path, identity)
        (version,) = connection.execute("PRAGMA data_version").fetchone()
        return self._watch_openings, version

    def _read_once(self, work: Work[Result], missing: Result) -> Result:
        with self._slot() as slot:
            identity = _identity(self.path)
            if identity is None:
                slot.close()
                return missing
            connection = slot.open_reader(self.path, identity)
            with _transaction(connection, "BEGIN"):
                layout = self._layout(connection, identity)
                return work(connection, layout) if self._is_readable(layout) else missing

    def _write_once(self, work: Work[Result], create: bool) -> Result:
        with self._slot() as slot:
            identity = self._made_identity(create)
            connection = slot.open_writer(self.path, identity)
            with _transaction(connection, "BEGIN IMMEDIATE"):
                layout = self._layout(connection, identity)
                if layout.is_empty and create:
                    raise _EmptyFileError
                self._require_writable(layout)
                for statement in layout.missing_indexes:
                    connection.execute(statement)
                return work(connection, layout)

    def _made_identity(self, create: bool) -> Identity:
        identity = _identity(self.path)
        if identity is None and create:
            make_database(self.path)
            identity = _identity(self.path)
        if identity is None:
            raise StoreUnreadableError(f"there is no database at {self.path}")
        return identity

    def _layout(self, connection: sqlite3.Connection, identity: Identity) -> Layout:
        (version,) = connection.execute("PRAGMA schema_version").fetchone()
        known = self._known_layout
        if known and known[0] == (identity, version):
            return known[1]
        layout = read_layout(connection)
        self._known_layout = ((identity, version), layout)
        return layout

    def _is_readable(self, layout: Layout) -> bool:
        if layout.is_readable:
            return True
        if layout.is_unfinished:
            return False
        raise StoreUnreadableError(
            f"{self.path} is a SQLite database, but no tracking database: it has no experiments and runs",
            hint="Trackside left it as it is. Name another file with trackside.set_tracking_uri('sqlite:///…').",
        )

    def _require_writable(self, layout: Layout) -> None:
        if not layout.not_writable:
            return
        if layout.is_unfinished or _changed_lately(self.path):
            raise StoreBusyError(f"another process has not finished making {self.path}")
        self._is_readable(layout)
        raise StoreReadOnlyError(
            f"{self.path} can be read but not written: {layout.not_writable}",
            hint="`mlflow db upgrade sqlite:///FILE` brings a database up to date; make a copy of the file before.",
        )

    def _with_patience(self, attempt: Callable[[], Result]) -> Result:
        deadline = time.monotonic() + self._wait_s
        while True:
            try:
                return attempt()
            except _EmptyFileError:
                self._fill_empty_file()
            except (sqlite3.Error, StoreBusyError, OSError, UnicodeEncodeError) as cause:
                problem = self._explained(cause)
                if not isinstance(problem, StoreBusyError) or time.monotonic() >= deadline:
                    raise problem from (cause if problem is not cause else cause.__cause__)
            time.sleep(random.uniform(0.002, 0.02))  # noqa: S311 - no secret

    def _fill_empty_file(self) -> None:
        try:
            make_database(self.path)
        except (sqlite3.Error, OSError) as cause:
            problem = self._explained(cause)
            if not isinstance(problem, StoreBusyError):
                raise problem from cause

    def _explained(self, cause: Exception) -> Exception:
        if isinstance(cause, UnicodeEncodeError):
            return InvalidValueError(f"text that cannot be stored: {cause}")
        if isinstance(cause, OSError):
            return _explain_os_error(cause, self.path)
        return _explain_sqlite_error(cause, self.path) if isinstance(cause, sqlite3.Error) else cause

    @contextmanager
    def _slot(self) -> Iterator[_Slot]:
        slot: _Slot | None = getattr(self._of_thread, "slot", None)
        if slot is None:
            slot = self._of_thread.slot = _Slot()
            with self._slots_lock:
                self._slots.add(slot)
        with slot.lock:
            yield slot

    def _forget_connections(self) -> None:
        self._of_thread = threading.local()
        self._slots: WeakSet[_Slot] = WeakSet()
        self._slots_lock = threading.Lock()
        self._watch = _Slot()

    def _hold_all(self, held: ExitStack) -> None:
        """Close all connections that no thread is using for longer than a moment, and keep them from being opened."""
        held.enter_context(self._slots_lock)
        slots = [slot for slot in (self._watch, *self._slots) if slot.lock.acquire(timeout=_SLICE_S * 4)]
        for slot in slots:
            held.callback(slot.lock.release)
        for slot in slots:
            slot.close_reader()
        for slot in slots:
            slot.close()


class _EmptyFileError(Exception):
    """The file is there but has no tables yet."""


class _Slot:
    """The connections of one thread to one file."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.identity: Identity | None = None
        self._reader: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None

    def open_reader(self, path: Path, identity: Identity) -> sqlite3.Connection:
        self._follow(identity)
        if self._reader is None:
            self._reader = _open(path, "ro")
        return self._reader

    def open_writer(self, path: Path, identity: Identity) -> sqlite3.Connection:
        self._follow(identity)
        if self._writer is None:
            self._writer = _open(path, "rw")
            (mode,) = self._writer.execute("PRAGMA journal_mode").fetchone()
            if mode == "wal":  # a crash of the process loses nothing, and a crash of the machine damages nothing
                self._writer.execute("PRAGMA synchronous = NORMAL")
        return self._writer

    def _follow(self, identity: Identity) -> None:
        if self.identity != identity:
            self.close()
            self.identity = identity

    def close_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def close(self) -> None:
        self.close_reader()
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self.identity = None

    def __del__(self) -> None:
        self.close()


def _open(path: Path, mode: str) -> sqlite3.Connection:
    text = path.as_posix()
    uri = f"file://{'' if text.startswith('/') else '/'}{quote(text)}?mode={mode}"
    return sqlite3.connect(
        uri, uri=True, timeout=_SLICE_S, isolation_level=None, check_same_thread=False, cached_statements=200
    )


@contextmanager
def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
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


def _identity(path: Path) -> Identity | None:
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return (found.st_dev, found.st_ino)


def _file_state(path: Path) -> tuple[int, int]:
    with suppress(OSError):
        found = path.stat()
        return found.st_mtime_ns, found.st_size
    return 0, 0


def _changed_lately(path: Path) -> bool:
    with suppress(OSError):
        return abs(time.time() - path.stat().st_mtime) < _CHANGE_UNDER_WAY_S
    return False


def _explain_os_error(cause: OSError, path: Path) -> StoreError:
    reason = cause.strerror or str(cause)
    return StoreReadOnlyError(f"the database {path} cannot be made or opened: {reason}", hint=_OTHER_URI_HINT)


def _explain_sqlite_error(cause: sqlite3.Error, path: Path) -> Exception:
    """What an error of SQLite means for a user; ``cause`` itself where only a programmer can make use of it."""
    text = str(cause)
    if "locked" in text or "locking protocol" in text:
        return StoreBusyError(
            f"another process kept {path} locked for too long ({text})",
            hint="See which program has the file open, wait until it has finished, and try again.",
        )
    if "readonly" in text:
        return StoreReadOnlyError(f"no permission to write {path}", hint=_OTHER_URI_HINT)
    if "unable to open" in text:
        return StoreReadOnlyError(f"no permission to open {path}, or to write in its folder", hint=_OTHER_URI_HINT)
    if "not a database" in text or "malformed" in text:
        return StoreUnreadableError(
            f"{path} is damaged, or is no SQLite database ({text})",
            hint="Trackside left it as it is. Restore a copy, or name another file with trackside.set_tracking_uri(…).",
        )
    if isinstance(cause, sqlite3.OperationalError | sqlite3.IntegrityError):
        return StoreError(f"{path} cannot be used: {text}")
    return cause


_ALL: WeakSet[Database] = WeakSet()
_forking = ExitStack()
_inherited: list[_Slot] = []
"""Connections that were in use during a fork. The child must neither use nor close them."""


def _before_fork() -> None:
    for database in list(_ALL):
        database._hold_all(_forking)


def _after_fork_in_parent() -> None:
    _forking.close()


def _after_fork_in_child() -> None:
    _forking.pop_all()
    for database in list(_ALL):
        _inherited.extend(database._slots)
        database._forget_connections()


def _close_all() -> None:
    for database in list(_ALL):
        database.close()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
