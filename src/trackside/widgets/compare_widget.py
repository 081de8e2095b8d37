"""A comparison as a widget, and the line that JupyterLab's part of Trackside opens to one that it drew by itself.

Import this module only when a widget is wanted: it brings in ipywidgets and anywidget.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from trackside.widgets import actions, run_requests
from trackside.widgets.bridge import answer
from trackside.widgets.comms import repair
from trackside.widgets.compare_requests import CompareRequests
from trackside.widgets.widget import Widget

if TYPE_CHECKING:
    from trackside.widgets.bridge import Handler, Message
    from trackside.widgets.compare import Comparison

MAX_VIEWS = 16
"""How many comparisons are kept alive; the one that was shown longest ago is closed when there are more."""


def handlers_of(comparison: Comparison) -> Mapping[str, Handler]:
    """What answers the requests of a view of the comparison."""
    own = CompareRequests(comparison)
    others = {**run_requests.HANDLERS, **actions.HANDLERS}
    return {**{kind: own.guard(handler) for kind, handler in others.items()}, **own.handlers}


class CompareView(Widget):
    """The widget that compares runs. It tells every front end that shows the comparison what changed."""

    push_kind = "compare.changed"
    changes = frozenset({"compare.select"})

    def __init__(self, comparison: Comparison, **kwargs: Any) -> None:
        self.comparison = comparison
        self.lines: list[Line] = []
        self._told: Message | None = None
        super().__init__(handlers_of(comparison), view="compare", **kwargs)
        comparison.listeners.append(self.refresh)

    def take(self) -> Message:
        """A ``CompareState``."""
        return self.comparison.take()

    def refresh(self) -> bool:
        """Push what changed, to the widget's own views and over the lines to others."""
        is_read = super().refresh()
        with self._guard:
            if self._pushed is not None and self._pushed != self._told:
                self._told = self._pushed
                for line in tuple(self.lines):
                    line.send({"kind": self.push_kind, "data": self._told.content})
        return is_read


class Line:
    """A comm to a view that was drawn from what the notebook keeps."""

    def __init__(self, comm: Any, view: CompareView, forget: Callable[[Line], object]) -> None:
        self._comm = comm
        self._handlers = handlers_of(view.comparison)
        repair(comm)
        comm.on_msg(self._receive)
        comm.on_close(lambda _message: forget(self))

    def send(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        """Send a message."""
        self._comm.send(content, buffers=buffers or None)

    def _receive(self, message: Mapping[str, Any]) -> None:
        reply = answer(message.get("content", {}).get("data"), self._handlers)
        self.send(reply.content, reply.buffers)


_views: dict[str, CompareView] = {}
_lock = threading.Lock()


def find_widget(comparison: Comparison) -> CompareView:
    """The widget of a comparison, made when it is first asked for."""
    with _lock:
        view = _views.pop(comparison.id, None)
        _views[comparison.id] = view = view if view is not None and view.is_open else CompareView(comparison)
        while len(_views) > MAX_VIEWS:
            _views.pop(next(iter(_views))).close()
    return view


def view_of(comparison: Comparison) -> dict[str, Any]:
    """The widget's part of what is shown below a cell."""
    model_id = find_widget(comparison).model_id
    return {"application/vnd.jupyter.widget-view+json": {"version_major": 2, "version_minor": 0, "model_id": model_id}}


def connect(comm: Any, open_message: Mapping[str, Any]) -> None:
    """The comm target's function: a view asks for the line to its comparison; unknown ones are refused."""
    data = open_message.get("content", {}).get("data", {})
    with _lock:
        view = _views.get(str(data.get("comparison")))
    if view is None or not view.is_open:
        comm.close()
        return
    view.lines.append(Line(comm, view, view.lines.remove))
    comm.send({"kind": "compare.changed", "data": {**view.take().content, "complaint": ""}})
