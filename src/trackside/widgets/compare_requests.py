"""What each request about a comparison does. Everything here may be called on any thread, while a cell runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside.errors import InvalidValueError
from trackside.tracking import session
from trackside.tracking.choosing import choose_runs
from trackside.widgets.compare_callbacks import is_cell_running
from trackside.widgets.compare_curves import MOST_CURVES, MOST_POINTS
from trackside.widgets.run_context import describe_environment

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
        return {
            "compare.read": self._read,
            "compare.curves": self._curves,
            "compare.select": self._select,
            "run.environment": self._environment,
        }

    def guard(self, handler: Handler) -> Handler:
        """A handler of requests about runs of the store in use; for runs of another store it says which they are of."""

        def handle(request: Request, buffers: Buffers) -> dict[str, Any]:
            for name in ("run_id", "before", "after"):
                self._require_here(str(request.data.get(name, "")))
            return handler(request, buffers)

        return handle

    def _require_here(self, run_id: str) -> None:
        store = self._comparison.store_of(run_id)
        if store is not None and store.uri != session.current_store().uri:
            raise InvalidValueError(
                f"run {run_id!r} is in {store.uri}, and not in the store that is in use",
                hint=f"trackside.set_tracking_uri({store.uri!r}) makes that store the one in use.",
            )

    def _environment(self, request: Request, _buffers: Buffers) -> dict[str, Any]:
        run_id = request.data["run_id"]
        return describe_environment(self._comparison.store_of(run_id) or session.current_store(), run_id)

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
