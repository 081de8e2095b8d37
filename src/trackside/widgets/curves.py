"""Histories of metrics, thinned out to be drawn, read again only when they can have changed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trackside.widgets.downsample import MAX_POINTS, kept_points

if TYPE_CHECKING:
    from trackside.entities import Metric
    from trackside.stores.base import Store

REST = 10.0
"""How many times longer than a history took to read it is left alone before it is read again."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A metric's history, thinned out, as it was when ``latest`` was its newest point."""

    latest: Metric
    points: int
    steps: list[float]
    values: list[float]
    fresh_until: float
    """Time before which the history is not read again, in seconds of ``time.monotonic``."""


def renewed(known: Curve | None, store: Store, run_id: str, latest: Metric, limit: int = MAX_POINTS) -> Curve:
    """The curve of a metric whose newest point is ``latest``, with at most ``limit`` points."""
    if known is not None and known.latest == latest:
        return known
    began = time.monotonic()
    if known is not None and began < known.fresh_until:
        return known
    history = store.metric_history(run_id, latest.key)
    kept = [history[position] for position in kept_points([point.value for point in history], limit)]
    now = time.monotonic()
    return Curve(
        latest=latest,
        points=len(history),
        steps=[float(point.step) for point in kept],
        values=[point.value for point in kept],
        fresh_until=now + REST * (now - began),
    )
