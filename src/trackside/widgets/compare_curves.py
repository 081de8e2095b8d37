"""Histories of metrics for the curves that are compared: fetched when they are looked at, with their extremes kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trackside.errors import NotFoundError
from trackside.widgets.downsample import kept_points

if TYPE_CHECKING:
    from trackside.entities import Metric
    from trackside.stores.base import Store
    from trackside.widgets.bridge import Buffers
    from trackside.widgets.run_table import RunTable

MOST_POINTS = 10_000
"""Of one curve."""
MOST_CURVES = 1000
"""In one answer."""


@dataclass(frozen=True, slots=True)
class Curve:
    """The history of a run's metric, thinned out; ``points`` is how many it has."""

    run: int
    key: str
    kept: Sequence[Metric]
    points: int

    def to_wire(self, buffers: Buffers) -> dict[str, Any]:
        """A ``CurveMessage``."""
        return {
            "run": self.run,
            "key": self.key,
            "steps": buffers.add_float64(point.step for point in self.kept),
            "times": buffers.add_float64(point.timestamp for point in self.kept),
            "values": buffers.add_float64(point.value for point in self.kept),
            "points": self.points,
        }


def read_curves(table: RunTable, places: Iterable[int], key: str, limit: int, *, least: int = 1) -> list[Curve]:
    """The curves of a metric in some of the runs; a run without it, or that is gone, has none.

    Args:
        table: All runs that are compared.
        places: Which of them.
        key: The metric.
        limit: The most points that a curve keeps, at least 4.
        least: Curves with fewer points are left out.
    """
    histories = ((place, _history(table.store_of(place), table.run_ids[place], key)) for place in places)
    return [_curve(place, key, history, limit) for place, history in histories if len(history) >= least]


def _history(store: Store, run_id: str, key: str) -> Sequence[Metric]:
    try:
        return store.metric_history(run_id, key)
    except NotFoundError:
        return ()


def _curve(place: int, key: str, history: Sequence[Metric], limit: int) -> Curve:
    kept = kept_points([point.value for point in history], max(4, limit))
    return Curve(place, key, [history[index] for index in kept], len(history))
