"""Runs that this kernel left RUNNING when it was killed: the panel of the kernel that took its place ends them."""

from __future__ import annotations

import logging

from trackside.errors import StoreError
from trackside.notebook import session as notebook_session
from trackside.tracking.capture import is_captured
from trackside.tracking.leftovers import end_leftovers
from trackside.widgets.context import Context, read_context

logger = logging.getLogger("trackside")

_looked_at: set[tuple[str, str]] = set()
"""Store and experiment where this process has looked; what it leaves behind itself is for the next one."""


def read_context_without_dead_runs() -> Context:
    """What the user's session points at, after the first look with the dead runs in it ended."""
    context = read_context()
    notebook = notebook_session.current()
    if notebook is None or context.experiment_id is None:
        return context
    place = (context.store.uri, context.experiment_id)
    if place not in _looked_at:
        _looked_at.add(place)
        _end(context, context.experiment_id, notebook.kernel_id)
    return context


def _end(context: Context, experiment_id: str, kernel_id: str) -> None:
    try:
        end_leftovers(context.store, experiment_id, kernel_id, is_own=is_captured)
    except StoreError as error:  # looking at runs works in stores that cannot be written, too
        logger.debug("Runs of a kernel that died could not be ended: %r", error)
