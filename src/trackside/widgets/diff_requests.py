"""What the front end asks about differences; the messages are in ``js/src/widget/diff-protocol.ts``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside.errors import NotFoundError
from trackside.stores.base import RunQuery
from trackside.tracking import session
from trackside.tracking.difference_json import cell_to_json
from trackside.tracking.difference_text import side_name
from trackside.tracking.differences import compare_with_cells, diff_runs
from trackside.widgets.run_context import MAX_CHANGES, brief, write_metric_changes, write_text_changes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside.notebook.difference import CellChange
    from trackside.tracking.differences import RunDifference
    from trackside.widgets.bridge import Buffers, Handler, Request

MAX_CHOICES = 100
MAX_TEXT = 4_000_000
"""Characters of all sources together; what comes after them is left out, what is the same before what differs."""
MAX_WAITING = 2
_waiting: dict[str, list[dict[str, Any]]] = {}
"""The cells that went ahead of a ``diff.read``, by its key."""


def take_cells(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``diff.cells``."""
    key = request.data["key"]
    if key not in _waiting and len(_waiting) >= MAX_WAITING:
        del _waiting[next(iter(_waiting))]
    _waiting.setdefault(key, []).extend(_cells_of(request))
    return {}


def read_difference(request: Request, buffers: Buffers) -> dict[str, Any]:
    """``diff.read``."""
    data = request.data
    if data["after"] == "" and data["path"]:
        store = session.current_store()
        cells = [*_cells_that_went_ahead(data["key"]), *_cells_of(request)]
        found = compare_with_cells(store, store.get_run(data["before"]), data["path"], cells)
    else:
        found = diff_runs(data["before"], data["after"] or None)
    return {"difference": _write(found, buffers)}


def open_difference(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``diff.open``: the widget that shows the difference in a tab."""
    from trackside.widgets.diff_view import find_view

    view = find_view(request.data["before"], request.data["after"])
    view.want()
    return {"model_id": view.model_id}


def list_choices(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``diff.choices``."""
    store = session.current_store()
    run = store.get_run(request.data["run_id"])
    query = RunQuery((run.info.experiment_id,), max_results=MAX_CHOICES)
    others = (other for other in store.search_runs(query) if other.info.run_id != run.info.run_id)
    return {"runs": [brief(other) for other in others]}


HANDLERS: Mapping[str, Handler] = {
    "diff.read": read_difference,
    "diff.cells": take_cells,
    "diff.open": open_difference,
    "diff.choices": list_choices,
}


def _cells_of(request: Request) -> list[dict[str, Any]]:
    return [cell for cell in request.data["cells"] if isinstance(cell, dict)]


def _cells_that_went_ahead(key: str) -> list[dict[str, Any]]:
    found = _waiting.pop(key, None) if key else []
    if found is None:
        raise NotFoundError("not all of the notebook has come", hint="Refresh the difference.")
    return found


def _write(found: RunDifference, buffers: Buffers) -> dict[str, Any]:
    return {
        "same": found.is_same,
        "before": {"run": brief(found.before), "name": found.before.info.run_name},
        "after": {"run": brief(found.after) if found.after else None, "name": found.notebook or side_name(found)},
        "params": write_text_changes(found.params),
        "metrics": write_metric_changes(found.metrics[:MAX_CHANGES], buffers),
        "environment": write_text_changes(found.environment),
        "packages": write_text_changes(found.packages),
        "cells": None if found.cells is None else _write_cells(found.cells),
        "missing": found.missing,
    }


def _write_cells(cells: Sequence[CellChange]) -> list[dict[str, Any]]:
    fitting, written = _fitting(cells), []
    for index, change in enumerate(cells):
        cell = cell_to_json(change)
        written.append({**cell, "cut": False} if index in fitting else {**cell, "source": "", "lines": [], "cut": True})
    return written


def _fitting(cells: Sequence[CellChange]) -> set[int]:
    """The positions of the cells that there is room for, what differs first."""
    room, fitting = MAX_TEXT, set()
    for index in sorted(range(len(cells)), key=lambda index: cells[index].is_same):
        room -= sum(len(side.source) for side in (cells[index].before, cells[index].after) if side)
        if room >= 0:
            fitting.add(index)
    return fitting
