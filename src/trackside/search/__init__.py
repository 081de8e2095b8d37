"""Finding runs and experiments: texts become trees, and trees become SQL, MLflow's text, or a yes or no.

``nodes`` says what the trees mean, ``to_sql`` asks a database, ``to_mlflow`` says what a server can answer, and
``matches`` is what all of them must agree with.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

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
