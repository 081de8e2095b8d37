"""One SQLite file that threads and processes share: transactions, waiting for others, noticing changes.

A file that is replaced or deleted while it is open is noticed at the next call, because each call compares the file's
identity with that of its connection. Connections never cross a fork: they are closed just before it.
"""

from __future__ import annotations

import atexit
import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar
from weakref import WeakSet

from trackside.errors import StoreBusyError, StoreError, StoreReadOnlyError, StoreUnreadableError
from trackside.stores.creation import make_database
from trackside.stores.layout import Layout
from trackside.stores.sqlite_errors import explained
from trackside.stores.sqlite_opening import WAIT_SLICE_S, Connections, Identity, identity_of, transaction

Result = TypeVar("Result")
Work = Callable[[sqlite3.Connection, Layout], Result]

WAIT_S = 20.0
"""How long a call waits for other processes in all; as long as MLflow does."""
_CHANGE_UNDER_WAY_S = 10.0
"""How long after the last change a file may still be in the making: MLflow makes its tables one by one."""
_FORK_WAIT_S = 4 * WAIT_SLICE_S
_MOST_KEPT = 8
"""How many are kept when nobody uses them; what is read is remembered by each for itself."""


class EmptyDatabaseError(StoreError):
    """What is to be changed cannot be there, because nothing is."""


class Database:
    """One file. Threads use it at the same time, each with connections that no other one uses meanwhile."""

    def __init__(self, path: Path, *, wait_s: float = WAIT_S) -> None:
        self.path = path
        self._wait_s = wait_s
        self._openings = 0
        self.forget_connections()
        _all.add(self)

    def exists(self) -> bool:
        """Whether the file is there, even if empty."""
        return identity_of(self.path) is not None

    def read(self, work: Work[Result], missing: Result) -> Result:
        """Run ``work`` in one read transaction; ``missing`` where there is no database to read yet."""
        return self._with_patience(lambda: self._read_once(work, missing))

    def write(self, work: Work[Result], *, create: bool = False) -> Result:
        """Run ``work`` in one write transaction: all of it is written, or it raises and nothing is.

        ``work`` may be run more than once. With ``create`` the file is made where it is missing or empty, without it
        that raises EmptyDatabaseError.
        """
        return self._with_patience(lambda: self._write_once(work, create))

    def change_token(self) -> object:
        """A value that changes when anyone commits to the file, makes it, replaces it or removes it."""
        with self._watch.lock:
            identity = identity_of(self.path)
            if identity is None:
                self._watch.close()
                return None
            try:
                return (*identity, *self._data_version(identity))
            except (sqlite3.Error, StoreError):
                return (*identity, *_file_state(self.path))

    def close(self) -> None:
        """Close the connections of all threads."""
        with ExitStack() as held:
            self.hold_connections(held)

    def hold_connections(self, held: ExitStack) -> None:
        """Close all connections that no thread uses for longer than a moment, and keep them closed while ``held``.

        The writers are closed last, so that they can tidy up the write-ahead log.
        """
        held.enter_context(self._lock)
        candidates = (self._watch, *self._connections)
        mine = [connections for connections in candidates if connections.lock.acquire(timeout=_FORK_WAIT_S)]
        for connections in mine:
            held.callback(connections.lock.release)
            connections.close_reader()
        for connections in mine:
            connections.close()

    def forget_connections(self) -> None:
        """Start without connections, as in a new process; those that are open are left alone."""
        self._lock = threading.Lock()
        self._connections: list[Connections] = []
        self._watch = Connections()

    def open_connections(self) -> tuple[Connections, ...]:
        """What ``forget_connections`` would forget."""
        return (self._watch, *self._connections)

    def _data_version(self, identity: Identity) -> tuple[int, ...]:
        if self._watch.identity != identity:
            self._openings += 1
        reader = self._watch.reader(self.path, identity)
        (version,) = reader.execute("PRAGMA data_version").fetchone()
        return (self._openings, version, *(_file_state(self.path) if self._watch.is_still else ()))

    def _read_once(self, work: Work[Result], missing: Result) -> Result:
        with self._held_connections() as connections:
            identity = identity_of(self.path)
            if identity is None:
                connections.close()
                return missing
            db = connections.reader(self.path, identity)
            with transaction(db, "BEGIN"):
                layout = connections.layout(db)
                return work(db, layout) if self._is_readable(layout) else missing

    def _write_once(self, work: Work[Result], create: bool) -> Result:
        with self._held_connections() as connections:
            identity = self._identity_made(create)
            db = connections.writer(self.path, identity)
            if create and not db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
                make_database(self.path)
            with connections.write_transaction(db):
                layout = connections.layout(db)
                self._require_writable(layout)
                for statement in layout.missing_indexes:
                    db.execute(statement)
                return work(db, layout)

    def _identity_made(self, create: bool) -> Identity:
        identity = identity_of(self.path)
        if identity is None and create:
            make_database(self.path)
            identity = identity_of(self.path)
        if identity is None:
            raise EmptyDatabaseError(f"there is no database at {self.path}")
        return identity

    def _is_readable(self, layout: Layout) -> bool:
        if layout.is_readable:
            return True
        if layout.is_empty or (layout.is_unfinished and _changed_lately(self.path)):
            return False
        raise StoreUnreadableError(
            f"{self.path} is a SQLite database, but no tracking database: it has no experiments and runs",
            hint="Trackside left it as it is. Name another file with trackside.set_tracking_uri('sqlite:///…').",
        )

    def _require_writable(self, layout: Layout) -> None:
        if not layout.not_writable:
            return
        if layout.is_empty:
            raise EmptyDatabaseError(f"there is nothing in {self.path} yet")
        if self._is_readable(layout) and not _changed_lately(self.path):
            raise StoreReadOnlyError(
                f"{self.path} can be read but not written: {layout.not_writable}",
                hint="`mlflow db upgrade sqlite:///FILE` brings a database up to date; copy the file before.",
            )
        raise StoreBusyError(f"another process has not finished making or upgrading {self.path}")

    def _with_patience(self, attempt: Callable[[], Result]) -> Result:
        deadline = time.monotonic() + self._wait_s
        while True:
            try:
                return attempt()
            except (sqlite3.Error, StoreBusyError, OSError, UnicodeEncodeError) as cause:  # noqa: PERF203 - it waits
                problem = explained(cause, self.path)
                if not isinstance(problem, StoreBusyError) or time.monotonic() >= deadline:
                    raise problem from (cause if problem is not cause else None)
                time.sleep(random.uniform(0.002, 0.02))  # noqa: S311 - no secret

    @contextmanager
    def _held_connections(self) -> Iterator[Connections]:
        connections = self._choose_connections()
        try:
            with connections.lock:
                yield connections
        finally:
            self._give_back(connections)

    def _choose_connections(self) -> Connections:
        """The first that no other thread uses: those at the front are used most, and remember most of the file.

        An interrupt may come at any moment. What it leaves marked as used, this thread uses the next time.
        """
        me = threading.get_ident()
        with self._lock:
            free = next((one for one in self._connections if one.user in (None, me)), None)
            if free is None:
                free = Connections()
                self._connections.append(free)
            free.user = me
            return free

    def _give_back(self, connections: Connections) -> None:
        with self._lock:
            is_surplus = connections in self._connections[_MOST_KEPT:]
            if is_surplus:
                self._connections.remove(connections)
            connections.user = None
        if is_surplus:
            connections.close()


def _file_state(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size


def _changed_lately(path: Path) -> bool:
    return any(abs(time.time_ns() - mtime) < _CHANGE_UNDER_WAY_S * 1e9 for mtime in _file_state(path)[:1])


_all: WeakSet[Database] = WeakSet()
_held_for_fork = ExitStack()
_inherited: list[Connections] = []
"""Connections that were in use during a fork; the child must neither use nor close them."""


def _before_fork() -> None:
    for database in list(_all):
        database.hold_connections(_held_for_fork)


def _after_fork_in_parent() -> None:
    _held_for_fork.close()


def _after_fork_in_child() -> None:
    _held_for_fork.pop_all()
    for database in list(_all):
        _inherited.extend(database.open_connections())
        database.forget_connections()


def _close_all() -> None:
    for database in list(_all):
        database.close()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
