"""Views that are kept for tabs, so that what is opened again is the tab that is open."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from trackside.widgets.widget import Widget

MAX_VIEWS = 16
"""How many views are kept for tabs; the one that was asked for longest ago is closed when there are more."""

V = TypeVar("V", bound=Widget)


class KeptViews(Generic[V]):
    """The views of one kind that are open."""

    def __init__(self) -> None:
        self._views: list[V] = []
        self._lock = threading.Lock()

    def find(self, is_wanted: Callable[[V], bool], make: Callable[[], V]) -> V:
        """The view that is kept, of several the one that was asked for last, or else a new one."""
        with self._lock:
            view = next((view for view in reversed(self._views) if view.is_open and is_wanted(view)), None) or make()
            self._views[:] = [*(other for other in self._views if other is not view and other.is_open), view]
            while len(self._views) > MAX_VIEWS:
                self._views.pop(0).close()
        return view
