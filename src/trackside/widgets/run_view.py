"""One run as a view of its own: a tab beside the notebook in JupyterLab, or the output of a cell.

Import this module only when the view is wanted: it brings in ipywidgets and anywidget.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from trackside.entities import LifecycleStage, Run
from trackside.errors import NotFoundError
from trackside.tracking import session, tag_names
from trackside.tracking.neighbours import find_linked, find_neighbours
from trackside.widgets import actions, run_requests
from trackside.widgets.bridge import Buffers, Message, describe
from trackside.widgets.context import read_store
from trackside.widgets.details import DetailReader
from trackside.widgets.kept_views import KeptViews
from trackside.widgets.lines import Line
from trackside.widgets.rows import run_rows
from trackside.widgets.run_context import brief
from trackside.widgets.widget import Widget

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside.stores.base import Store
    from trackside.widgets.bridge import Handler, Request


class RunView(Widget):
    """The widget that shows one run, and another one when people go on to its neighbour."""

    push_kind = "run.changed"
    changes = run_requests.CHANGES | actions.CHANGES
    run_id = traitlets.Unicode("").tag(sync=True)

    def __init__(self, run_id: str, **kwargs: Any) -> None:
        self._details = DetailReader()
        self.is_watched = False
        own: dict[str, Handler] = {"run.watch": self._watch_run, "run.leave": self._leave}
        super().__init__({**run_requests.HANDLERS, **actions.HANDLERS, **own}, view="run", run_id=run_id, **kwargs)

    def refresh(self) -> bool:
        """Push what changed, if anyone looks."""
        return super().refresh() if self.is_watched else True

    def take(self) -> Message:
        """A ``RunSnapshot``."""
        buffers = Buffers()
        frame = {"answers_while_busy": self._answers_while_busy}
        try:
            content = _read(read_store().as_it_is(), self.run_id, self._details, buffers)
        except Exception as error:  # noqa: BLE001 the view shows it
            return Message({**frame, **_nothing("", "gone", describe(error))})
        return Message({**frame, **content}, buffers.parts)

    def _watch_run(self, request: Request, buffers: Buffers) -> dict[str, Any]:
        with self._guard:
            self.run_id = request.data["run_id"]
            self.is_watched = True
            snapshot = self.take()
            self._pushed = snapshot
        buffers.parts.extend(snapshot.buffers)
        return snapshot.content

    def _leave(self, _request: Request, _buffers: Buffers) -> dict[str, Any]:
        self.is_watched = False
        return {}


def run_view(run_id: str) -> RunView:
    """A view of one run, to be shown in a cell: what changed since the run before it, and all that was logged to it.

    Raises:
        RunNotFoundError: The store has no such run.
    """
    session.current_store().get_run(run_id)
    return RunView(run_id)


_kept: KeptViews[RunView] = KeptViews()


def find_view(run_id: str, *, fresh: bool = False) -> RunView:
    """The view that is kept for a tab with this run, or else a new one.

    A ``fresh`` one is new in any case, for a page that cannot learn of the others while the kernel is busy.
    """
    return _kept.find(lambda view: not fresh and view.run_id == run_id, lambda: RunView(run_id))


def _read(store: Store, run_id: str, details: DetailReader, buffers: Buffers) -> dict[str, Any]:
    try:
        run = store.get_run(run_id)
    except NotFoundError:
        return _nothing(store.uri, "gone")
    return {
        "store": {"uri": store.uri, "fault": None},
        "experiment": {"id": run.info.experiment_id, "name": store.get_experiment(run.info.experiment_id).name},
        "stage": "active" if run.info.lifecycle_stage is LifecycleStage.ACTIVE else "deleted",
        "head": run_rows([Line(run_id)], [run], None, is_server=store.is_server)[0],
        "detail": details.read(store, [run], buffers)[0],
        **_around(store, run),
    }


def _around(store: Store, run: Run) -> dict[str, Any]:
    found, parent = find_neighbours(store, run), find_linked(store, run, tag_names.PARENT_RUN_ID)
    return {
        "previous": brief(found.previous) if found.previous else None,
        "next": brief(found.next) if found.next else None,
        "parent": brief(parent) if parent else None,
    }


def _nothing(uri: str, stage: str, fault: Mapping[str, str] | None = None) -> dict[str, Any]:
    nothing = dict.fromkeys(("head", "detail", "previous", "next", "parent"))
    experiment = {"id": None, "name": ""}
    return {"store": {"uri": uri, "fault": fault}, "experiment": experiment, "stage": stage, **nothing}
