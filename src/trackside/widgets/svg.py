"""Elements of SVG pictures, and their colours. Whatever text goes in stays text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

SIZE = 11
PAPER = "#ffffff"
INK, MUTED, FAINT, OTHER = "#212121", "#616161", "#e4e4e4", "#8c8c8c"
SERIES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#9467bd")
"""As in charts that live: colours that people with any colour vision tell apart."""
_VIRIDIS = (
    (68, 1, 84),
    (70, 50, 126),
    (54, 92, 141),
    (39, 127, 142),
    (31, 161, 135),
    (74, 193, 109),
    (160, 218, 57),
    (253, 231, 37),
)
_FONT = "font-family=\"system-ui, -apple-system, 'Segoe UI', sans-serif\""
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def root(width: float, height: float, attributes: str, content: str) -> str:
    """A whole picture."""
    size = f'width="{number(width)}" height="{number(height)}" viewBox="0 0 {number(width)} {number(height)}"'
    look = f'{_FONT} font-size="{SIZE}" fill="{INK}" style="max-width: 100%; height: auto"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {attributes} {look}>{content}</svg>'


def text(
    x: float, y: float, words: str, *, anchor: str = "start", size: int = 11, weight: str = "", fill: str = INK
) -> str:
    """A line of text; what is usual is said once, by ``root`` or a group."""
    given = (
        ("text-anchor", anchor, "start"),
        ("font-size", size, SIZE),
        ("font-weight", weight, ""),
        ("fill", fill, INK),
    )
    look = "".join(f' {name}="{value}"' for name, value, usual in given if value != usual)
    return f'<text x="{number(x)}" y="{number(y)}"{look}>{safe(words)}</text>'


def labels(placed: Iterable[tuple[float, float, str]], anchor: str) -> str:
    """A group of small texts."""
    return f'<g font-size="10" text-anchor="{anchor}">{"".join(text(*one) for one in placed)}</g>'


def rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    """A filled box."""
    place = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
    return f'<rect {place} fill="{fill}"/>'


def dot(x: float, y: float, fill: str, radius: float = 3.5) -> str:
    """A point."""
    return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" fill="{fill}"/>'


def rules(ends: Iterable[tuple[float, float, float, float]], stroke: str = MUTED) -> str:
    """Thin lines, from one place to another each."""
    way = "".join(f"M{number(x)} {number(y)}L{number(to_x)} {number(to_y)}" for x, y, to_x, to_y in ends)
    return f'<path d="{way}" stroke="{stroke}"/>' if way else ""


def patches(boxes: Iterable[tuple[float, float, float, float]]) -> str:
    """Paper under labels that stand on lines: x, y, width and height of each."""
    way = "".join(
        f"M{number(x)} {number(y)}h{number(width)}v{number(height)}h{number(-width)}z" for x, y, width, height in boxes
    )
    return f'<path d="{way}" fill="{PAPER}" fill-opacity="0.8"/>' if way else ""


def path(points: Iterable[tuple[float, float]], colour: str) -> str:
    """A line through points, in the width and opacity of the group that it is in; nothing without points."""
    way = "L".join(f"{number(x)} {number(y)}" for x, y in points)
    return f'<path d="M{way}" stroke="{colour}"/>' if way else ""


def lines(paths: Iterable[str], opacity: float, width: float) -> str:
    """A group of paths."""
    return f'<g fill="none" stroke-width="{width}" stroke-opacity="{number(opacity, 2)}">{"".join(paths)}</g>'


def safe(words: str) -> str:
    """A text as it stands in XML, without what no XML can hold."""
    return escape(_UNFIT.sub("\ufffd", words))


def shorten(words: str, most: int) -> str:
    """At most so many characters, on one line."""
    flat = " ".join(words.split())
    return flat if len(flat) <= most else f"{flat[: most - 1]}…"


def number(value: float, digits: int = 1) -> str:
    """A coordinate, to a tenth of a pixel."""
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits else str(round(value))


def ramp(part: float) -> str:
    """The colour at a place from 0, the bright end, to 1, the dark end, of those that a white page shows well."""
    place = 0.86 * (1 - min(max(part, 0.0), 1.0)) * (len(_VIRIDIS) - 1)
    index = min(int(place), len(_VIRIDIS) - 2)
    ends = zip(_VIRIDIS[index], _VIRIDIS[index + 1], strict=True)
    return "#" + "".join(f"{round(low + (high - low) * (place - index)):02x}" for low, high in ends)
