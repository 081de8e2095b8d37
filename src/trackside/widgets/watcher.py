"""One thread that looks for changes and tells the panels."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from trackside.widgets.context import Context, read_context
from trackside.widgets.turns import quick_turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

logger = logging.getLogger("trackside")

POLL_S = 0.1
LOOK_S = 0.3
"""How often the experiment and the notebook are looked up, which costs more than asking the store for a change."""
PUSH_S = 0.2
"""Least time between two pushes that nobody asked for."""
REST = 10.0
"""How many times longer than a push took of the processor the user's code is left alone after it."""
LONGEST_QUIET_S = 1.0
"""How long news wait at most for people to have done what they do."""
RETRY_S = 1.0
"""After which time a push is tried again that could not be made, because the store could not be read for example."""


class Watched(Protocol):
    """A panel, as the watcher knows it."""

    @property
    def is_open(self) -> bool:
        """Whether the panel may still be seen somewhere."""
        ...

    def refresh(self) -> bool:
        """Push what changed; false if that must be tried again."""
        ...

    def send(self, content: Any, buffers: Any = None) -> None:
        """Send a message."""
        ...


class Watcher:
    """Refreshes panels when the store, the experiment or the notebook changed; its thread lives while a panel does."""

    def __init__(self, read: Callable[[], Context] = read_context) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._panels: tuple[Watched, ...] = ()
        self._thread: threading.Thread | None = None
        self._woken = threading.Event()
        self._context: Context | None = None
        self._late = 0
        self._look_at = 0.0
        self._quiet_until = self._news_since = 0.0

    def add(self, panel: Watched) -> None:
        """Keep a panel up to date from now on."""
        with self._lock:
            self._panels = (*self._panels, panel)
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="trackside-watcher", daemon=True)
                self._thread.start()
        self._woken.set()

    def remove(self, panel: Watched) -> None:
        """Leave a panel alone; the thread ends with the last one."""
        with self._lock:
            self._panels = tuple(other for other in self._panels if other is not panel)
        self._woken.set()

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Leave the store and the interpreter to whoever changes something for a person, and for a moment after that.

        The change would be looked up twice, and where there is no write-ahead log it would wait for whoever looks.
        """
        self._quiet_until = time.monotonic() + LONGEST_QUIET_S
        try:
            yield
        finally:
            self._quiet_until = time.monotonic() + PUSH_S

    def tell(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        """Send a message to every panel, on the calling thread."""
        for panel in self._panels:
            self._tell_one(panel, content, buffers)

    @property
    def is_running(self) -> bool:
        """Whether the thread lives."""
        return self._thread is not None

    def _watch(self) -> None:
        seen: object = None
        while self._keeps_going():
            pause = POLL_S
            token = self._token()
            if token != seen and self._may_refresh():
                began, used = time.monotonic(), time.thread_time()
                is_read = self._refresh()
                seen = token if is_read else None
                rest = max(REST * (time.thread_time() - used), time.monotonic() - began)
                pause = max(PUSH_S if is_read else RETRY_S, rest)
            self._woken.wait(pause)
            self._woken.clear()

    def _may_refresh(self) -> bool:
        """Whether nobody is to be left alone; people who do one thing after the other are not waited for forever."""
        now = time.monotonic()
        self._news_since = self._news_since or now
        if now < self._quiet_until and now - self._news_since < LONGEST_QUIET_S:
            return False
        self._news_since = 0.0
        return True

    def _keeps_going(self) -> bool:
        with self._lock:
            self._panels = tuple(panel for panel in self._panels if panel.is_open)
            if not self._panels:
                self._thread = None
            return self._thread is not None

    def _token(self) -> object:
        """Differs when there may be something new to show."""
        try:
            context = self._look()
            return context.key, self._late, context.seen.change_token()
        except Exception as error:  # noqa: BLE001 the snapshot shows what is wrong
            self._context = None
            return repr(error)

    def _look(self) -> Context:
        now = time.monotonic()
        if self._context is None or now >= self._look_at:
            self._context = self._read()
            self._late = self._context.count_late()
            self._look_at = now + LOOK_S
        return self._context

    def _refresh(self) -> bool:
        with quick_turns():
            results = [self._refresh_one(panel) for panel in self._panels]
        return all(results)

    def _tell_one(self, panel: Watched, content: dict[str, Any], buffers: list[bytes]) -> None:
        try:
            panel.send(content, buffers)
        except Exception as error:
            logger.debug("A panel could not be told: %r", error, exc_info=True)

    def _refresh_one(self, panel: Watched) -> bool:
        try:
            return panel.refresh()
        except Exception as error:
            logger.debug("A panel could not be refreshed: %r", error, exc_info=True)
            return False
