"""The difference of two runs, or of a run and the notebook now: a tab in JupyterLab, or the output of a cell.

Import this module only when the view is wanted: it brings in ipywidgets and anywidget.
"""

from __future__ import annotations

from typing import Any

import traitlets

from trackside.tracking import session
from trackside.widgets import run_requests
from trackside.widgets.bridge import Message
from trackside.widgets.kept_views import KeptViews
from trackside.widgets.widget import Widget


class DiffView(Widget):
    """The widget that shows a difference; it is read when the front end asks for it."""

    before = traitlets.Unicode("").tag(sync=True)
    after = traitlets.Unicode("").tag(sync=True)

    def __init__(self, before: str, after: str, **kwargs: Any) -> None:
        self._is_wanted = False
        super().__init__(run_requests.HANDLERS, view="diff", before=before, after=after, **kwargs)

    def want(self) -> None:
        """Have the front end ask anew, if the difference was wanted before and may be shown already."""
        if self._is_wanted:
            self.send({"kind": "diff.stale"})
        self._is_wanted = True

    def refresh(self) -> bool:
        """Nothing is pushed: people look at a difference and refresh it when they want."""
        return True

    def take(self) -> Message:
        """Nothing."""
        return Message({"store": {"fault": None}})


def diff_view(before: str, after: str | None = None) -> DiffView:
    """What is different between two runs, or between a run and the notebook now, to be shown in a cell.

    Args:
        before: Id of a run.
        after: Id of another run; left out, the notebook as it is now.

    Raises:
        RunNotFoundError: The store has no such run.
    """
    store = session.current_store()
    for run_id in filter(None, (before, after)):
        store.get_run(run_id)
    return DiffView(before, after or "")


_kept: KeptViews[DiffView] = KeptViews()


def find_view(before: str, after: str) -> DiffView:
    """The view that is kept for a tab with this difference, or else a new one."""
    return _kept.find(lambda view: (view.before, view.after) == (before, after), lambda: DiffView(before, after))
