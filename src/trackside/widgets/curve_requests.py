"""Small curves for the rows in sight of the list."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from trackside.widgets.curves import Curve, renewed
from trackside.widgets.query import texts_of

if TYPE_CHECKING:
    from trackside.entities import Metric
    from trackside.stores.base import Store
    from trackside.widgets.bridge import Buffers, Handler, Request
    from trackside.widgets.context import Context

POINTS = 40
"""How many points a curve in the list has at most."""
BUDGET_S = 0.3
"""How long one request may read; the front end asks again for the rest."""
_MOST_RUNS, _MOST_KEYS = 100, 8
_MOST_KEPT = 4000


class CurveRequests:
    """Answers requests for curves, and remembers those that it read.

    Args:
        read: Tells which store the panel shows.
    """

    def __init__(self, read: Callable[[], Context]) -> None:
        self._read = read
        self._kept: dict[tuple[str, str, str], Curve] = {}

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """What answers which kind of request."""
        return {"curves.read": self.read_curves}

    def read_curves(self, request: Request, buffers: Buffers) -> dict[str, Any]:
        """``curves.read``: the curves of metrics that have more than one point, run by run, as long as time allows."""
        run_ids = texts_of("run_ids", request.data["run_ids"])[:_MOST_RUNS]
        keys = texts_of("keys", request.data["keys"])[:_MOST_KEYS]
        store = self._read().store
        until = time.monotonic() + BUDGET_S
        found: list[tuple[str, str, Curve]] = []
        runs = list(store.get_runs(run_ids))
        while runs and (not found or time.monotonic() < until):
            run = runs.pop(0)
            found += self._curves_of(store, run.info.run_id, [run.data.latest.get(key) for key in keys])
        return {"left": [run.info.run_id for run in runs], **_packed(found, buffers)}

    def _curves_of(self, store: Store, run_id: str, newest: Sequence[Metric | None]) -> list[tuple[str, str, Curve]]:
        curves = [(latest.key, self._curve(store, run_id, latest)) for latest in newest if latest is not None]
        return [(run_id, key, curve) for key, curve in curves if len(curve.values) > 1]

    def _curve(self, store: Store, run_id: str, latest: Metric) -> Curve:
        place = (store.uri, run_id, latest.key)
        self._kept[place] = curve = renewed(self._kept.pop(place, None), store, run_id, latest, POINTS)
        while len(self._kept) > _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        return curve


def _packed(found: Sequence[tuple[str, str, Curve]], buffers: Buffers) -> dict[str, Any]:
    """The curves one behind the other in two columns, and how many points each has."""
    return {
        "curves": [{"run_id": run_id, "key": key, "points": len(curve.values)} for run_id, key, curve in found],
        "steps": buffers.add_float64(step for _, _, curve in found for step in curve.steps),
        "values": buffers.add_float64(value for _, _, curve in found for value in curve.values),
    }
