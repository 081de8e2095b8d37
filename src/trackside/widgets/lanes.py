"""Requests about a store that takes its time are answered beside each other, so that one does not hold up the rest."""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import TYPE_CHECKING

from trackside.errors import TracksideError

if TYPE_CHECKING:
    from collections.abc import Callable

    Work = Callable[[], object]

logger = logging.getLogger("trackside")


class Lanes:
    """Threads that each do the work of one lane, in order, and end when there is no more of it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, deque[Work]] = {}

    def put(self, lane: str, work: Work) -> None:
        """Have something done after what was put into the lane before."""
        with self._lock:
            if lane in self._waiting:
                self._waiting[lane].append(work)
                return
            self._waiting[lane] = deque()
        threading.Thread(target=self._do, args=(lane, work), name=f"trackside-{lane}", daemon=True).start()

    def wait_for(self, lane: str, work: Work, timeout_s: float) -> None:
        """Have something done, and wait until it is, or until the time is over."""
        is_done = threading.Event()

        def work_and_tell() -> None:
            try:
                work()
            finally:
                is_done.set()

        self.put(lane, work_and_tell)
        is_done.wait(timeout_s)

    def _do(self, lane: str, work: Work | None) -> None:
        while work is not None:
            try:
                work()
            except Exception:
                logger.exception("Trackside met a fault of its own.")
            work = self._next(lane)

    def _next(self, lane: str) -> Work | None:
        with self._lock:
            if self._waiting[lane]:
                return self._waiting[lane].popleft()
            del self._waiting[lane]
            return None


def takes_its_time() -> bool:
    """Whether the store in use is a server. Files answer at once, and best on the thread that has them open."""
    from trackside.tracking import session

    try:
        return session.current_store().is_server
    except TracksideError:
        return False
