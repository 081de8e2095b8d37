"""The *Experiment runs* panel: the widget that lists runs, and its kernel side.

Import this module only when the panel is wanted: it brings in ipywidgets and anywidget.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import traitlets

from trackside.notebook import session as notebook_session
from trackside.widgets import actions, run_requests
from trackside.widgets.context import read_context
from trackside.widgets.curve_requests import CurveRequests
from trackside.widgets.list_requests import ListRequests
from trackside.widgets.query import Watch, read_watch
from trackside.widgets.snapshot import Reader, fault_snapshot
from trackside.widgets.widget import Widget

if TYPE_CHECKING:
    from trackside.widgets.bridge import Buffers, Handler, Message, Request

MAX_CLIENTS = 4
"""How many pages may show one panel, each with its own part of the list; the one longest silent is forgotten."""


@dataclass(slots=True)
class _Page:
    """A page that shows the panel: what it asked for, and what it was last told."""

    watch: Watch = field(default_factory=Watch)
    reader: Reader = field(default_factory=Reader)
    pushed: Message | None = None


class Panel(Widget):
    """The widget that lists runs: to each page that shows it, the part of the list that it asked for."""

    notebook = traitlets.Unicode("").tag(sync=True)
    """What pages keep the settings of the list under: the notebook's id, else its path."""

    changes = run_requests.CHANGES | actions.CHANGES | {"store.set"}

    def __init__(self, **kwargs: Any) -> None:
        self._pages: dict[str, _Page] = {"": _Page()}
        own: dict[str, Handler] = {"runs.watch": self._watch_runs, "runs.leave": self._leave}
        own |= {"runs.between": self._find_between}
        own |= {**ListRequests(read_context).handlers, **CurveRequests(read_context).handlers}
        handlers = {**own, **run_requests.HANDLERS, **actions.HANDLERS}
        super().__init__(handlers, view="sidebar", notebook=_notebook_name(), **kwargs)

    def push(self) -> None:
        """Push all that is shown, changed or not."""
        with self._guard:
            for page in self._pages.values():
                page.pushed = None
            self.refresh()

    def refresh(self) -> bool:
        """Push to each page what changed since its last push; false if that must be tried again."""
        with self._guard:
            results = [self._refresh_page(client, page) for client, page in tuple(self._pages.items())]
        return all(results)

    def _refresh_page(self, client: str, page: _Page) -> bool:
        head = {"kind": "runs.changed", "client": client}
        pushed = self.push_new(lambda: self._take(page), page.pushed, head)
        page.pushed = pushed or page.pushed
        return pushed is not None and pushed.content["store"]["fault"] is None

    def _watch_runs(self, request: Request, buffers: Buffers) -> dict[str, Any]:
        watch = read_watch(request.data)
        with self._guard:
            self._pages.pop("", None)
            page = self._pages.pop(request.client) if request.client in self._pages else _Page()
            self._pages[request.client] = page
            page.watch = watch
            while len(self._pages) > MAX_CLIENTS:
                del self._pages[next(iter(self._pages))]
            page.pushed = snapshot = self._take(page)
        buffers.parts.extend(snapshot.buffers)
        return snapshot.content

    def _leave(self, request: Request, _buffers: Buffers) -> dict[str, Any]:
        """``runs.leave``: nothing more for this page. One that comes while the kernel is busy finds the usual list."""
        with self._guard:
            self._pages.pop(request.client, None)
            if not self._pages:
                self._pages[""] = _Page()
        return {}

    def _find_between(self, request: Request, _buffers: Buffers) -> dict[str, Any]:
        """``runs.between``: the runs on the lines from one run to another, at most 10,000."""
        with self._guard:
            page = self._pages.get(request.client) or _Page()
            lines = page.reader.lines(read_context(), page.watch)
        ends = [lines.find(request.data[end]) for end in ("start", "end")]
        if None in ends:
            return {"run_ids": [request.data["end"]]}
        first, last = sorted(end for end in ends if end is not None)
        return {"run_ids": [line.run_id for line in lines.part(first, last + 1)][: actions.MOST_RUNS]}

    def _take(self, page: _Page) -> Message:
        try:
            context = read_context()
        except Exception as error:  # noqa: BLE001 the panel shows it
            return fault_snapshot(error, answers_while_busy=self._answers_while_busy)
        return page.reader.take(context, page.watch, answers_while_busy=self._answers_while_busy)


def _notebook_name() -> str:
    current = notebook_session.current()
    return (current.notebook_id or current.display_path) if current else ""


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
