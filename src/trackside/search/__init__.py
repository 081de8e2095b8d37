"""Finding runs and experiments: texts become trees, and trees become SQL, MLflow's text, or a yes or no.

``nodes`` says what the trees mean, ``to_sql`` asks a database, ``to_mlflow`` says what a server can answer, and
``matches`` is what all of them must agree with.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from trackside.errors import InvalidValueError

if TYPE_CHECKING:
    from trackside.search.nodes import Filter, OrderBy


def parse_filter(text: str | None, *, now_ms: int | None = None) -> Filter:
    """Read a filter. An empty one finds every run.

    Args:
        text: The filter, such as ``metrics.acc > 0.9 AND params.model = 'tree'``.
        now_ms: What ages such as ``-7d`` are counted from, in milliseconds since 1970; now unless given.

    Raises:
        FilterError: The text cannot be read; the error shows where, and what was expected there.
    """
    from trackside.search._parser import Parser

    return Parser(text or "", time.time_ns() // 1_000_000 if now_ms is None else now_ms).filter()


def parse_time(text: str, *, now_ms: int | None = None) -> int:
    """Read a time, in milliseconds since 1970.

    Args:
        text: Such as ``2026-01-31``, which is when that day begins here, ``2026-01-31 12:30Z``, ``7d`` for seven days
            ago, or milliseconds.
        now_ms: What ages are counted from; now unless given.

    Raises:
        InvalidValueError: It is no time.
    """
    from trackside.search._moments import UNITS_MS, read_date, read_span

    if text.strip().isdecimal():
        return int(text)
    span, date = read_span(text.strip()), read_date(text)
    if span is not None:
        return (time.time_ns() // 1_000_000 if now_ms is None else now_ms) - abs(span)
    if date is None:
        units = ", ".join(UNITS_MS)
        hint = f"Write 2026-01-31, '2026-01-31 12:30', an age such as 7d or 12h ({units}), or milliseconds."
        raise InvalidValueError(f"{text!r} is no time", hint=hint)
    return date[0]


def parse_order(texts: Sequence[str] | None) -> tuple[OrderBy, ...]:
    """Read an order, such as ``["metrics.acc DESC", "params.model"]``: each step decides among equals of those before.

    Raises:
        FilterError: A step cannot be read.
        InvalidValueError: Two steps order by the same thing, or there are more than 20.
    """
    from trackside.search import order

    return order.parse_order(texts or ())


def parse_experiment_filter(text: str | None, *, now_ms: int | None = None) -> Filter:
    """Read a filter of experiments, such as ``name LIKE 'wine%' AND tags.team = 'red'``. An empty one finds all.

    Args:
        text: The filter.
        now_ms: What ages such as ``-7d`` are counted from, in milliseconds since 1970; now unless given.

    Raises:
        FilterError: The text cannot be read; the error shows where, and what was expected there.
    """
    from trackside.search._fields import EXPERIMENTS
    from trackside.search._parser import Parser

    return Parser(text or "", time.time_ns() // 1_000_000 if now_ms is None else now_ms, EXPERIMENTS).filter()


def parse_experiment_order(texts: Sequence[str] | None) -> tuple[OrderBy, ...]:
    """Read an order of experiments, such as ``["name", "creation_time DESC"]``. Raises like ``parse_order``."""
    from trackside.search import order
    from trackside.search._fields import EXPERIMENTS

    return order.parse_order(texts or (), EXPERIMENTS)
