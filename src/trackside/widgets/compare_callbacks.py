"""Functions of the user's that are called because of what people do in a view: on the main thread, between cells."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Any

from trackside.tracking.notices import say

Call = Callable[[], object]


class Callbacks:
    """Functions that wait for something. One that fails is told of once, and called again the next time.

    What a function prints appears below the cell that added it.

    Attributes:
        on_complaint: Called when ``complaint`` changed.
    """

    def __init__(self, on_complaint: Call) -> None:
        self.on_complaint = on_complaint
        self._functions: list[tuple[Callable[[Any], object], Context]] = []
        self._complaints: dict[int, str] = {}

    def __bool__(self) -> bool:
        return bool(self._functions)

    def add(self, function: Callable[[Any], object]) -> None:
        """Have one more called."""
        self._functions.append((function, copy_context()))

    @property
    def complaint(self) -> str:
        """Why the functions that failed last failed; an empty text where none did."""
        return "\n".join(self._complaints.values())

    def call_all(self, read: Callable[[], Any]) -> None:
        """Call each, as soon as no cell runs, with what ``read`` gives then."""
        for place in range(len(self._functions)):
            call_when_idle(lambda place=place: self._call(place, read))  # type: ignore[misc]

    def _call(self, place: int, read: Callable[[], Any]) -> None:
        (function, context), before = self._functions[place], self._complaints.pop(place, "")
        try:
            context.copy().run(function, read())
            sys.stdout.flush()
        except Exception as error:  # noqa: BLE001 - it is the user's function, and nobody is there to catch it
            name = getattr(function, "__name__", type(function).__name__)
            self._complaints[place] = f"{name}: {type(error).__name__}: {error}"
        after = self._complaints.get(place, "")
        if after and after != before:
            say(f"a function that on_select was given failed: {after}")
        if after != before:
            self.on_complaint()


def call_when_idle(call: Call) -> None:
    """Call a function as soon as no cell runs; at once where there is no kernel."""
    from IPython.core.getipython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    loop = getattr(kernel, "io_loop", None)
    if loop is None:
        call()
    else:
        loop.add_callback(call)


def is_cell_running() -> bool:
    """Whether such functions have to wait now."""
    from trackside.notebook import session

    current = session.current()
    return current is not None and current.current_cell is not None
