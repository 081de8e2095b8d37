"""What waits for one store: this process's journal, the thread that delivers it, the journals of dead processes."""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from weakref import WeakSet

from trackside.errors import StoreBusyError, StoreError, is_away
from trackside.stores.delivery import Delivery
from trackside.stores.journal import (
    FILES_SUFFIX,
    SUFFIX,
    Journal,
    UnknownJournalError,
    find_journals,
    journal_folder,
    read_waiting,
)
from trackside.stores.news import is_news, say_away
from trackside.stores.outbox_limit import OutboxLimit
from trackside.stores.postponed import RunWaitsError
from trackside.stores.records import Step, steps_of
from trackside.stores.waiting import Waiting, together
from trackside.stores.waiting_count import WaitingCount

if TYPE_CHECKING:
    from trackside.stores.base import Store
    from trackside.stores.postponed import PostponedRuns

logger = logging.getLogger("trackside")

LINGER_S = 0.03
"""How long the thread waits for more before it delivers."""
WAIT_S = 20.0
"""The longest that anyone waits for the delivery."""
LOOK_S = 30.0
"""How often the thread looks for journals of processes that died meanwhile."""
LONGEST_PAUSE_S = 30.0
_FIRST_PAUSE_S = 0.5
_MOST_FAILURES = 10
_OPEN_AGAIN_S = 60.0
_STOP_WAIT_S = 5.0


class Outbox:
    """The way to one store. Any thread may use it.

    Args:
        store: The store.
        runs: Its runs that were started while it was away.
        on_refused: Told the id of a run that takes no more.
        suffix: Which kind of journals it keeps and delivers.
    """

    _journal: Journal | None
    _delivery: Delivery | None
    _limit: OutboxLimit | None
    _thread: threading.Thread | None
    _is_stopping: bool
    _has_looked: bool

    def __init__(
        self, store: Store, runs: PostponedRuns, on_refused: Callable[[str], None], *, suffix: str = SUFFIX
    ) -> None:
        self._store = store
        self._runs = runs
        self._on_refused = on_refused
        self._suffix = suffix
        self._said: set[str] = set()
        self._start_anew()
        _all.add(self)

    def append(self, payload: bytes) -> None:
        """Keep a record until the store has it. Raises OSError where it cannot be kept."""
        journal = self._journal or self._open()
        if self._limit is not None:
            self._limit.require()
        if not journal.waiting:
            self._since = time.time()
        journal.append(payload)
        if not self._wake.is_set():
            self._wake.set()
        if self._thread is None:
            self._start_thread()

    def keep(self, content: BinaryIO, record: Callable[[str, int], bytes]) -> Path:
        """Keep what is left to read of a stream, and a record that names it by its file's name and size.

        Returns:
            Where it is kept until the store has it.

        Raises:
            OSError: It cannot be kept.
        """
        journal = self._journal or self._open()
        name, size = journal.keep(content)
        self.append(record(name, size))
        if self._limit is not None:
            self._limit.note_file(size)
        return journal.kept(name)

    def steps(self) -> list[Step]:
        """What waits of this process, run by run."""
        journal = self._journal
        return steps_of(read_waiting(journal.path)) if journal is not None else []

    @property
    def is_away(self) -> bool:
        """Whether the store could not be used the last time, for a reason that passes."""
        return self._is_away

    @property
    def has_waiting(self) -> bool:
        """Whether something of this process waits."""
        return self._journal is not None and self._journal.waiting > 0

    def drain_all(self, *, wait_s: float = WAIT_S) -> bool:
        """Like ``drain``, for whatever this process logs to the same store."""
        self.look_for_others()
        alike = [other for other in list(_open) if (other._store.uri, other._suffix) == (self._store.uri, self._suffix)]
        results = [other.drain(wait_s=wait_s) for other in alike]
        return all(results)

    def deliver_all(self) -> None:
        """Deliver now what this process has and what dead ones left; ``waiting`` says what could not be."""
        self._has_looked = True
        self.drain(is_retried=True)
        for _ in range(2):  # what one journal holds may be for a run that another one makes
            self._look_again_at = 0.0
            self._deliver_left()

    def look_for_others(self) -> None:
        """Have delivered, in the background, what dead processes left; asked again, it does nothing."""
        if not self._has_looked:
            self._has_looked = True
            if find_journals(self._folder(), self._suffix):
                self._start_thread()

    def drain(self, *, wait_s: float = WAIT_S, is_retried: bool = False) -> bool:
        """Wait until the store has everything that was appended before; whether it has.

        While the store cannot be used, this returns at once, or with ``is_retried`` after one more attempt.
        """
        journal = self._journal
        if journal is None or journal.delivered >= (mark := journal.end):
            return True
        if self._failures and not is_retried:
            return False
        attempts = self._attempts
        if self._ask_for_delivery():
            with self._turn:
                self._turn.wait_for(
                    lambda: journal.delivered >= mark or (self._failures > 0 and self._attempts > attempts), wait_s
                )
        else:
            self._attempt()
        return journal.delivered >= mark

    def flush(self) -> None:
        """Wait until the store has everything, for a bounded time; say so where it has not."""
        if not self.drain(is_retried=True) and is_news(f"{self._store.uri} waits"):
            everything = together(self._look(suffix) for suffix in (SUFFIX, FILES_SUFFIX))
            logger.warning(
                "Trackside: what was logged waits for %s: %s (%s). It is kept on this machine and delivered as soon as "
                "the store can be used, by this process, by the next one, or by `trackside sync`.",
                self._store.uri,
                everything.text,
                self._trouble or "it did not answer in time",
            )

    def waiting(self) -> Waiting:
        """What waits on this machine, this process's and others'. It waits for nobody."""
        return self._look(self._suffix)

    def _look(self, suffix: str) -> Waiting:
        own = self._journal if suffix == self._suffix else None
        trouble = self._trouble or self._left_trouble
        return self._count.look(self._folder(), suffix, own, int(self._since * 1000), trouble)

    def close(self) -> None:
        """Deliver what can be delivered and stop. The outbox opens again by itself."""
        self.flush()
        thread, self._is_stopping = self._thread, True
        self._ask_for_delivery()
        if thread is not None and thread is not threading.current_thread():
            thread.join(_STOP_WAIT_S)
        if self._delivering.acquire(timeout=_STOP_WAIT_S):
            journal = self._journal
            self._delivering.release()
            self._start_anew()
            _open.discard(self)
            if journal is not None:
                journal.close()
                self._runs.forget()

    def abandon(self) -> None:
        """Begin anew in a child process; the journal stays the parent's."""
        journal = self._journal
        self._start_anew()
        if journal is not None:
            with suppress(OSError):
                journal.abandon()

    def _start_anew(self) -> None:
        self._journal = self._delivery = self._thread = self._limit = None
        self._opening = threading.Lock()
        self._delivering, self._delivering_left = threading.Lock(), threading.Lock()
        self._wake, self._hurry, self._turn = threading.Event(), threading.Event(), threading.Condition()
        self._is_stopping = self._has_looked = False
        self._failures = self._attempts = self._left_failures = 0
        self._since, self._is_away = 0.0, False
        self._count = WaitingCount()
        self._trouble = self._left_trouble = self._why_not_open = ""
        self._open_again_at = self._look_again_at = 0.0

    def _folder(self) -> Path:
        return journal_folder(self._store.uri)

    def _open(self) -> Journal:
        with self._opening:
            if self._journal is not None:
                return self._journal
            if time.monotonic() < self._open_again_at:
                raise OSError(self._why_not_open)
            try:
                journal = Journal.create(self._folder(), self._store.uri, suffix=self._suffix)
            except OSError as problem:
                self._open_again_at, self._why_not_open = time.monotonic() + _OPEN_AGAIN_S, str(problem)
                raise
            self._limit = OutboxLimit(journal)
            self._delivery = Delivery(journal, self._store, self._runs, self._on_refused)
            self._journal = journal
            _open.add(self)
            _deliver_before_exit(self)
            return journal

    def _start_thread(self) -> None:
        with self._opening:
            if self._thread is None:
                thread = threading.Thread(target=self._work, name="trackside-journal", daemon=True)
                with suppress(RuntimeError):  # the interpreter ends and starts no more threads
                    thread.start()
                    self._thread = thread

    def _ask_for_delivery(self) -> bool:
        """Wake the thread up; false where there is none."""
        self._hurry.set()
        self._wake.set()
        return self._thread is not None and self._thread.is_alive()

    def _work(self) -> None:
        wake, hurry = self._wake, self._hurry
        self._deliver_left()
        while not self._is_stopping:
            if self._failures:
                hurry.wait(_pause(self._failures))
            elif wake.wait(max(0.0, self._look_again_at - time.monotonic())):
                hurry.wait(LINGER_S)
            wake.clear()
            hurry.clear()
            self._attempt()
            self._deliver_left()

    def _attempt(self) -> None:
        """Deliver this process's journal, or note why that cannot be done now."""
        try:
            with self._delivering:
                self._deliver()
        finally:
            with self._turn:
                self._attempts += 1
                self._turn.notify_all()

    def _deliver(self) -> None:
        try:
            if self._delivery is not None:
                self._delivery.deliver()
        except Exception as error:  # noqa: BLE001 - whatever it is, the records stay and are tried again
            self._note(error)
        else:
            if self._failures and self._journal is not None:
                with suppress(OSError):
                    self._journal.note_away(0)
            self._failures, self._trouble, self._is_away = 0, "", False

    def _note(self, error: Exception) -> None:
        self._failures = min(self._failures + 1, _MOST_FAILURES)
        self._is_away = is_away(error) and not isinstance(error, RunWaitsError)
        self._trouble = _described(error)
        if self._failures == 1 and self._journal is not None:
            with suppress(OSError):
                self._journal.note_away(int(self._since * 1000))
            if not isinstance(error, StoreBusyError):
                say_away(self._store.uri, self._trouble)

    def _deliver_left(self) -> None:
        """Deliver what dead processes left, as far as that can be done now."""
        with self._delivering_left:
            if self._is_away or time.monotonic() < self._look_again_at:
                return
            self._left_trouble = ""
            for journal in self._journals_left():
                if not self._deliver_other(journal):
                    break
            if not self._left_trouble:
                self._runs.forget()
            self._left_failures = min(self._left_failures + 1, _MOST_FAILURES) if self._left_trouble else 0
            self._look_again_at = time.monotonic() + (_pause(self._left_failures) if self._left_failures else LOOK_S)

    def _deliver_other(self, journal: Journal) -> bool:
        """Deliver one of them; false where the store is away, so that there is no use in trying the next."""
        try:
            Delivery(journal, self._store, self._runs).deliver()
        except Exception as error:  # noqa: BLE001 - it stays, and is tried again
            logger.debug("What %s holds could not be delivered: %r", journal.path, error)
            self._left_trouble = _described(error)
            return isinstance(error, RunWaitsError) or not is_away(error)
        else:
            return True
        finally:
            journal.close()

    def _journals_left(self) -> Iterator[Journal]:
        """The journals of dead processes, one after the other, which this one holds then; each is to be closed."""
        for path in find_journals(self._folder(), self._suffix):
            mine = self._journal
            journal = self._take(path) if mine is None or path != mine.path else None
            if journal is not None:
                yield journal

    def _take(self, path: Path) -> Journal | None:
        try:
            journal = Journal.take_over(path)
        except UnknownJournalError as problem:
            if str(problem) not in self._said:
                self._said.add(str(problem))
                logger.warning("Trackside: %s. It is left as it is.", problem)
            return None
        except OSError:
            return None
        if journal is not None and journal.uri != self._store.uri:
            journal.close()
            return None
        return journal


def _described(error: Exception) -> str:
    return error.message if isinstance(error, StoreError) else f"{type(error).__name__}: {error}"


def _pause(failures: int) -> float:
    """How long to wait before the next attempt, in seconds."""
    return min(LONGEST_PAUSE_S, _FIRST_PAUSE_S * (1 << failures))


def _deliver_before_exit(outbox: Outbox) -> None:
    """In a child of ``multiprocessing``, which ends without Python's own exit handlers, use that module's."""
    module = sys.modules.get("multiprocessing.util")
    process = sys.modules.get("multiprocessing.process")
    if module is not None and process is not None and process.parent_process() is not None:
        module.Finalize(None, outbox.close, exitpriority=100)


_all: WeakSet[Outbox] = WeakSet()
_open: set[Outbox] = set()
"""Those that have a journal."""


def _close_all() -> None:
    for outbox in list(_open):
        outbox.close()


def _after_fork_in_child() -> None:
    _open.clear()
    for outbox in list(_all):
        outbox.abandon()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
