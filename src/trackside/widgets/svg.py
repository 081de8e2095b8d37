"""Elements of SVG pictures, and axes. Whatever text goes in stays text."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from trackside.widgets.chart_data import Column, NumberColumn, TextColumn

INK = "#7a7a7a"
"""Grey that can be read on white and on black: a picture does not know the page it is on."""
LOW, HIGH = (47, 111, 193), (214, 107, 31)
SERIES = ("#2f6fc1", "#d66b1f", "#1f9d76", "#b3519c", "#a3830f", "#3f9fc8", "#c2483f", "#7b6fd0")

_LONG_DECIMAL = re.compile(r"-?[0-9]*\.[0-9]{5,}(e[-+]?[0-9]+)?", re.IGNORECASE)
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def text(x: float, y: float, words: str, *, anchor: str = "start", size: int = 11, weight: str = "") -> str:
    """A line of text."""
    bold = f' font-weight="{weight}"' if weight else ""
    return f'<text x="{number(x)}" y="{number(y)}" text-anchor="{anchor}" font-size="{size}"{bold}>{safe(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float) -> str:
    """A thin line, as axes have."""
    ends = f'x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"'
    return f'<line {ends} stroke="{INK}" stroke-width="1"/>'


def path(points: Iterable[tuple[float, float]], colour: str, opacity: float = 1, width: float = 1.5) -> str:
    """A line through points."""
    way = "L".join(f"{number(x)} {number(y)}" for x, y in points)
    return (
        f'<path d="M{way}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-opacity="{number(opacity)}"/>'
        if way
        else ""
    )


def safe(words: str) -> str:
    """A text as it stands in XML, without what no XML can hold."""
    return escape(_UNFIT.sub("\ufffd", words))


def shorten(words: str, most: int) -> str:
    """At most so many characters, on one line."""
    flat = " ".join(words.split())
    return flat if len(flat) <= most else f"{flat[: most - 1]}…"


def number(value: float) -> str:
    """A coordinate, to a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")


def show_number(value: float) -> str:
    """A value as people read it."""
    return f"{value:.4g}"


def show_text(words: str) -> str:
    """A param's text: a long decimal is rounded, all else stays as it was logged."""
    return show_number(float(words)) if _LONG_DECIMAL.fullmatch(words) else words


def mix(part: float) -> str:
    """A colour between low and high."""
    return "#" + "".join(f"{round(low + (high - low) * part):02x}" for low, high in zip(LOW, HIGH, strict=True))


@dataclass(frozen=True, slots=True)
class Axis:
    """A column along a line: where each run stands, from 0 to 1, or None where it has no place."""

    label: str
    places: Sequence[float | None]
    first: str
    last: str


def make_axis(column: Column) -> Axis | None:
    """The axis of a column; None for a column in which all runs are alike or none has a place."""
    return _number_axis(column) if isinstance(column, NumberColumn) else _text_axis(column)


def numbers_of(column: Column) -> Sequence[float | None] | None:
    """The finite numbers of a column; None for a column of words."""
    if isinstance(column, NumberColumn):
        return [value if column.is_there(place) else None for place, value in enumerate(column.values)]
    try:
        values = [float(words) for words in column.texts]
    except ValueError:
        return None
    return [values[code] if code >= 0 else None for code in column.codes]


def _number_axis(column: Column) -> Axis | None:
    values = [_finite(value) for value in numbers_of(column) or ()]
    found = [value for value in values if value is not None]
    if not found or min(found) == max(found):
        return None
    low, high = min(found), max(found)
    is_log = low > 0 and high / low > 100
    scale = math.log if is_log else float
    start, end = scale(low), scale(high)
    if not math.isfinite(end - start):
        return None
    places = [None if value is None else (scale(value) - start) / (end - start) for value in values]
    return Axis(column.key, places, show_number(low), show_number(high))


def _text_axis(column: TextColumn) -> Axis | None:
    if numbers_of(column) is not None and len(column.texts) > 1:
        return _number_axis(column)
    if len(column.texts) < 2:
        return None
    order = sorted(range(len(column.texts)), key=column.texts.__getitem__)
    place = {code: index / (len(order) - 1) for index, code in enumerate(order)}
    return Axis(
        column.key,
        [place.get(code) for code in column.codes],
        shorten(column.texts[order[0]], 14),
        shorten(column.texts[order[-1]], 14),
    )


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
