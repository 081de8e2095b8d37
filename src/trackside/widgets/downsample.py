"""Fewer points for a curve that look like all of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_POINTS = 200


def kept_points(values: Sequence[float], limit: int = MAX_POINTS) -> list[int]:
    """Positions of the points to keep, at most ``limit`` of them, in order.

    The first and the last point stay, and of each stretch between them its lowest and highest finite value, so no
    peak is lost. A stretch without a finite value keeps its first point, so that the gap is drawn.

    Args:
        values: One value per point, in the order in which they are drawn; NaN and infinities are allowed.
        limit: At least 4.
    """
    count = len(values)
    if count <= limit:
        return list(range(count))
    stretches = (limit - 2) // 2
    kept = {0, count - 1}
    for number in range(stretches):
        start = 1 + (count - 2) * number // stretches
        end = 1 + (count - 2) * (number + 1) // stretches
        kept.update(_extremes(values, start, end))
    return sorted(kept)


def _extremes(values: Sequence[float], start: int, end: int) -> Iterator[int]:
    finite = [position for position in range(start, end) if math.isfinite(values[position])]
    if not finite:
        yield start
        return
    yield min(finite, key=values.__getitem__)
    yield max(finite, key=values.__getitem__)
