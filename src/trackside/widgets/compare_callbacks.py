"""Functions of the user's that are called because of what people do in a view: on the main thread, between cells."""

from __future__ import annotations

from collections.abc import Callable

from trackside.tracking.notices import say

Call = Callable[[], object]


def call_when_idle(call: Call) -> None:
    """Call a function as soon as no cell runs; at once where there is no kernel."""
    from IPython.core.getipython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    loop = getattr(kernel, "io_loop", None)
    if loop is None:
        _call(call)
    else:
        loop.add_callback(_call, call)


def is_cell_running() -> bool:
    """Whether such functions have to wait now."""
    from trackside.notebook import session

    current = session.current()
    return current is not None and current.current_cell is not None


def _call(call: Call) -> None:
    try:
        call()
    except Exception as error:  # noqa: BLE001 - it is the user's function, and nobody is there to catch it
        say(f"a function that on_select was given failed: {type(error).__name__}: {error}")
