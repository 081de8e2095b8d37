"""What each request about a comparison does. Everything here may be called on any thread, while a cell runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside.errors import InvalidValueError
from trackside.tracking.choosing import choose_runs
from trackside.widgets.compare_callbacks import is_cell_running
from trackside.widgets.compare_curves import MOST_CURVES, MOST_POINTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside.widgets.bridge import Buffers, Handler, Request
    from trackside.widgets.compare import Comparison


class CompareRequests:
    """The requests about one comparison."""

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """What answers each of them."""
        return {"compare.read": self._read, "compare.curves": self._curves, "compare.select": self._select}

    def _read(self, _request: Request, buffers: Buffers) -> dict[str, Any]:
        comparison = self._comparison
        curves = [curve.to_wire(buffers) for curve in comparison.first_curves()]
        return {
            "data": {**comparison.data.to_wire(buffers), "curves": curves},
            "view": comparison.view,
            "gone": comparison.find_gone(),
            "selected": list(comparison.selected_ids),
        }

    def _curves(self, request: Request, buffers: Buffers) -> dict[str, Any]:
        run_ids, points = request.data["runs"][:MOST_CURVES], request.data["points"]
        if not 4 <= points <= MOST_POINTS:
            raise InvalidValueError(f"a curve has from 4 to {MOST_POINTS:,} points, not {points!r}")
        curves = self._comparison.read_curves(request.data["metric"], map(str, run_ids), points)
        return {"curves": [curve.to_wire(buffers) for curve in curves]}

    def _select(self, request: Request, _buffers: Buffers) -> dict[str, Any]:
        """Tells whether functions of the user's have to wait for the cell that runs."""
        self._comparison.select(map(str, request.data["run_ids"]))
        return {"waits": self._comparison.has_callbacks and is_cell_running()}


def open_comparison(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``compare.open``: the widget that compares runs in a tab."""
    from trackside.widgets.compare import compare

    comparison = compare([one.run for one in choose_runs(request.data["run_ids"])])
    return {"model_id": comparison.widget.model_id}


HANDLERS: Mapping[str, Handler] = {"compare.open": open_comparison}
