"""The *Experiment runs* panel: the widget that lists runs, and its kernel side.

Import this module only when the panel is wanted: it brings in ipywidgets and anywidget.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from trackside.errors import NotFoundError
from trackside.widgets import run_requests
from trackside.widgets.bridge import Buffers, Handler, Message, Request, answer
from trackside.widgets.comms import repair
from trackside.widgets.context import read_context
from trackside.widgets.dead_runs import read_context_without_dead_runs
from trackside.widgets.details import DetailReader
from trackside.widgets.snapshot import Watch, fault_snapshot, take_snapshot
from trackside.widgets.watcher import Watcher

MAX_CLIENTS = 4
"""How many pages may show one panel, each with its own unfolded runs; the one that was silent longest is forgotten."""


def _static(name: str) -> Path:
    path = Path(__file__).with_name("static") / name
    if not path.is_file():
        raise NotFoundError(
            f"the panel's front end is missing: there is no {path}",
            hint="Install Trackside with pip, or build the front end with `npm --prefix js run build`.",
        )
    return path


class Panel(anywidget.AnyWidget):
    """The widget. It answers requests on whatever thread they come, and is pushed to by the watcher's thread."""

    _esm = _static("widget.js")
    _css = _static("widget.css")
    view = traitlets.Unicode("sidebar").tag(sync=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._guard = threading.RLock()
        self._watches: dict[str, Watch] = {}
        self._details = DetailReader()
        self._pushed: Message | None = None
        self._answers_while_busy = False
        self._handlers: dict[str, Handler] = {"runs.watch": self._watch_runs, **run_requests.HANDLERS}
        repair(self.comm)
        repair(self.layout.comm)
        self.on_msg(self._receive)
        watcher.add(self)

    @property
    def is_open(self) -> bool:
        """Whether the widget can still be reached by a front end."""
        return self.comm is not None

    def close(self) -> None:
        """Remove the panel wherever it is shown."""
        super().close()
        watcher.remove(self)

    def push(self) -> None:
        """Push all that is shown, changed or not."""
        with self._guard:
            self._pushed = None
            self.refresh()

    def refresh(self) -> bool:
        """Push what changed since the last push; false if the store could not be read."""
        with self._guard:
            snapshot = self._take()
            if snapshot != self._pushed:
                self._pushed = snapshot
                self.send({"kind": "runs.changed", "data": snapshot.content}, snapshot.buffers)
        return snapshot.content["store"]["fault"] is None

    def _receive(self, _widget: object, content: object, _buffers: object) -> None:
        self._answers_while_busy = threading.current_thread() is not threading.main_thread()
        message = answer(content, self._handlers)
        if "reply" in message.content and isinstance(content, dict) and content["kind"] in run_requests.CHANGES:
            self.refresh()
        self.send(message.content, message.buffers)

    def _watch_runs(self, request: Request, buffers: Buffers) -> dict[str, Any]:
        with self._guard:
            self._watches.pop(request.client, None)
            open_ids = tuple(run_id for run_id in request.data["open"] if isinstance(run_id, str))
            self._watches[request.client] = Watch(request.data["limit"], open_ids)
            while len(self._watches) > MAX_CLIENTS:
                del self._watches[next(iter(self._watches))]
            snapshot = self._take()
            if snapshot != self._pushed:
                self._pushed = None
        buffers.parts.extend(snapshot.buffers)
        return snapshot.content

    def _watch(self) -> Watch:
        watches = self._watches.values()
        open_ids = dict.fromkeys(run_id for watch in watches for run_id in watch.open)
        return Watch(max((watch.limit for watch in watches), default=Watch().limit), tuple(open_ids))

    def _take(self) -> Message:
        try:
            context = read_context()
        except Exception as error:  # noqa: BLE001 the panel shows it
            return fault_snapshot(error, answers_while_busy=self._answers_while_busy)
        return take_snapshot(context, self._watch(), self._details, answers_while_busy=self._answers_while_busy)


watcher = Watcher(read_context_without_dead_runs)
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
