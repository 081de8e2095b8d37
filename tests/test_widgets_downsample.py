"""A thinned curve looks like the whole one."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from trackside.widgets.downsample import MAX_POINTS, kept_points

VALUES = st.lists(st.floats(width=32), max_size=900)
LIMITS = st.integers(min_value=4, max_value=250)


@given(VALUES, LIMITS)
def test_there_are_no_more_points_than_allowed_and_they_keep_their_order(values: list[float], limit: int) -> None:
    """R4.2"""
    kept = kept_points(values, limit)
    assert len(kept) <= limit
    assert kept == sorted(set(kept))


@given(VALUES, LIMITS)
def test_a_curve_that_is_short_enough_is_left_alone(values: list[float], limit: int) -> None:
    if len(values) <= limit:
        assert kept_points(values, limit) == list(range(len(values)))


@given(VALUES, LIMITS)
def test_the_first_the_last_the_lowest_and_the_highest_point_stay(values: list[float], limit: int) -> None:
    """R4.2: no peak is lost."""
    kept = kept_points(values, limit)
    if values:
        assert kept[0] == 0
        assert kept[-1] == len(values) - 1
    finite = [value for value in values if math.isfinite(value)]
    if finite:
        shown = [values[position] for position in kept if math.isfinite(values[position])]
        assert (min(shown), max(shown)) == (min(finite), max(finite))


def test_a_stretch_without_numbers_stays_a_gap() -> None:
    values = [*map(float, range(1000)), *[math.nan] * 1000, *map(float, range(1000))]
    kept = kept_points(values)
    assert any(math.isnan(values[position]) for position in kept)
    assert len(kept) <= MAX_POINTS
