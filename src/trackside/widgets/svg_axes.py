"""Columns along lines: where runs stand, and which round values are marked."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from trackside.widgets.chart_data import Column, NumberColumn, TextColumn
from trackside.widgets.directions import Direction, better_direction
from trackside.widgets.svg import shorten

LOG_SPREAD = 100
"""How many times the smallest value the largest is where an axis becomes logarithmic."""
MOST_TEXTS = 12
MOST_DECADES = 6
_LONG_DECIMAL = re.compile(r"-?[0-9]*\.[0-9]{5,}(e[-+]?[0-9]+)?", re.IGNORECASE)

Tick = tuple[float, str]


@dataclass(frozen=True, slots=True)
class Axis:
    """A column along a line: where each run stands, from 0 to 1, or None where it has no place."""

    column: Column
    places: Sequence[float | None]
    ticks: Sequence[Tick]
    first: str
    last: str
    is_log: bool = False

    @property
    def label(self) -> str:
        """What the axis is called."""
        return self.column.key

    @property
    def direction(self) -> Direction | None:
        """Which end is better; None where nobody knows."""
        return better_direction(self.label) if self.column.kind == "metric" else None


@dataclass(frozen=True, slots=True)
class Scale:
    """From the lowest to the highest of some numbers; logarithmic where they are far apart."""

    low: float
    high: float
    is_log: bool = False
    is_whole: bool = False

    @classmethod
    def over(cls, values: Sequence[float]) -> Scale | None:
        """None where the numbers are all alike, or too far apart to be told apart by a line."""
        low, high = min(values, default=0.0), max(values, default=0.0)
        is_log = low > 0 and high / low > LOG_SPREAD
        is_whole = all(value == round(value) for value in values)
        return cls(low, high, is_log, is_whole) if low < high and math.isfinite(high - low) else None

    def place(self, value: float) -> float:
        """From 0 to 1."""
        if self.is_log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def ticks(self, count: int = 5) -> list[Tick]:
        """Round values in sight, with their places; nothing stands between whole ones."""
        count = min(count, max(1, int(self.high - self.low))) if self.is_whole else count
        values = _decades(self.low, self.high) if self.is_log else _round_values(self.low, self.high, count)
        return list(zip(map(self.place, values), _labels(values), strict=True))


def make_axis(column: Column) -> Axis | None:
    """The axis of a column; None for a column in which all runs are alike or none has a place."""
    numbers = numbers_of(column)
    if numbers is None:
        return _text_axis(column) if isinstance(column, TextColumn) and len(column.texts) > 1 else None
    scale = Scale.over([value for value in numbers if value is not None])
    if scale is None:
        return None
    places = [None if value is None else scale.place(value) for value in numbers]
    return Axis(column, places, scale.ticks(), show_number(scale.low), show_number(scale.high), scale.is_log)


def numbers_of(column: Column) -> Sequence[float | None] | None:
    """The finite numbers of a column; None for a column of words."""
    if isinstance(column, NumberColumn):
        return [_finite(value) if column.is_there(place) else None for place, value in enumerate(column.values)]
    try:
        values = [_finite(float(words)) for words in column.texts]
    except ValueError:
        return None
    return [values[code] if code >= 0 else None for code in column.codes]


def show_number(value: float) -> str:
    """A value as people read it: whole numbers whole, others to four digits."""
    if math.isfinite(value) and value == int(value) and abs(value) < 1e9:
        return f"{int(value):,}"
    rounded = float(f"{value:.4g}")
    return f"{rounded:,.10g}" if 1e-4 <= abs(rounded) < 1e9 else f"{rounded:.4g}"


def show_text(words: str) -> str:
    """A param's text: a long decimal is rounded, all else stays as it was logged."""
    return show_number(float(words)) if _LONG_DECIMAL.fullmatch(words) else words


def _text_axis(column: TextColumn) -> Axis:
    order = sorted(range(len(column.texts)), key=column.texts.__getitem__)
    place = {code: index / (len(order) - 1) for index, code in enumerate(order)}
    every = math.ceil(len(order) / MOST_TEXTS)
    ticks = [(place[code], shorten(column.texts[code], 14)) for code in order[::every]]
    first, last = (shorten(column.texts[code], 14) for code in (order[0], order[-1]))
    return Axis(column, [place.get(code) for code in column.codes], ticks, first, last)


def _round_values(low: float, high: float, count: int) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten, about ``count`` of them; the ends where none can be told apart."""
    power = 10.0 ** math.floor(math.log10((high - low) / count))
    step = next((factor * power for factor in (1, 2, 5) if (high - low) / (factor * power) <= count), 10 * power)
    if step == 0 or max(abs(low), abs(high)) / step > 1e12:
        return [low, high]
    return [float(f"{place * step:.12g}") for place in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _decades(low: float, high: float) -> list[float]:
    first, last = math.ceil(math.log10(low)), math.floor(math.log10(high))
    every = math.ceil((last - first + 1) / MOST_DECADES) or 1
    return [value for power in range(first, last + 1, every) if low <= (value := float(f"1e{power}")) <= high]


def _labels(values: Sequence[float]) -> list[str]:
    """With as many digits as it takes to tell them apart."""
    plain = [show_number(value) for value in values]
    return plain if len(set(plain)) == len(plain) else [f"{value:.12g}" for value in values]


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
