"""The *Experiment runs* panel: the widget that lists runs, and its kernel side.

Import this module only when the panel is wanted: it brings in ipywidgets and anywidget.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from trackside.widgets import actions, run_requests
from trackside.widgets.context import read_context
from trackside.widgets.details import DetailReader
from trackside.widgets.snapshot import Watch, fault_snapshot, take_snapshot
from trackside.widgets.widget import Widget

if TYPE_CHECKING:
    from trackside.widgets.bridge import Buffers, Message, Request

MAX_CLIENTS = 4
"""How many pages may show one panel, each with its own unfolded runs; the one that was silent longest is forgotten."""


class Panel(Widget):
    """The widget that lists runs."""

    push_kind = "runs.changed"
    changes = run_requests.CHANGES | actions.CHANGES

    def __init__(self, **kwargs: Any) -> None:
        self._watches: dict[str, Watch] = {}
        self._details = DetailReader()
        super().__init__(
            {"runs.watch": self._watch_runs, **run_requests.HANDLERS, **actions.HANDLERS}, view="sidebar", **kwargs
        )

    def _watch_runs(self, request: Request, buffers: Buffers) -> dict[str, Any]:
        with self._guard:
            self._watches.pop(request.client, None)
            open_ids = tuple(run_id for run_id in request.data["open"] if isinstance(run_id, str))
            self._watches[request.client] = Watch(request.data["limit"], open_ids)
            while len(self._watches) > MAX_CLIENTS:
                del self._watches[next(iter(self._watches))]
            snapshot = self.take()
            if snapshot != self._pushed:
                self._pushed = None
        buffers.parts.extend(snapshot.buffers)
        return snapshot.content

    def _watch(self) -> Watch:
        watches = self._watches.values()
        open_ids = dict.fromkeys(run_id for watch in watches for run_id in watch.open)
        return Watch(max((watch.limit for watch in watches), default=Watch().limit), tuple(open_ids))

    def take(self) -> Message:
        """A ``RunsSnapshot``."""
        try:
            context = read_context()
        except Exception as error:  # noqa: BLE001 the panel shows it
            return fault_snapshot(error, answers_while_busy=self._answers_while_busy)
        return take_snapshot(context, self._watch(), self._details, answers_while_busy=self._answers_while_busy)


_panel: Panel | None = None
_lock = threading.Lock()


def sidebar(*, fresh: bool = False) -> Panel:
    """The panel of this process, made when it is first asked for.

    Args:
        fresh: Make another one, for a page that cannot learn of the first while the kernel is busy. From then on
            that one is the panel of this process; the earlier ones stay alive where they are shown.
    """
    global _panel
    with _lock:
        if fresh or _panel is None or not _panel.is_open:
            _panel = Panel()
        return _panel
