"""What people log, turned into what stores keep: numbers for metrics, texts for params and tags."""

from __future__ import annotations

import operator
import time
from collections.abc import Mapping
from typing import Any

from trackside.entities import Metric, Param, Tag
from trackside.errors import InvalidValueError

MAX_SHOWN = 80


def now_ms() -> int:
    """The time in milliseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000_000


def to_metrics(values: Mapping[str, Any], *, step: Any, timestamp: Any, run_name: str) -> list[Metric]:
    """One point for each value, all with the same step (0 where it is None) and time (now where it is None).

    Raises:
        InvalidValueError: A value is not a number; the message names key, value and run.
    """
    when = now_ms() if timestamp is None else _to_whole_number("timestamp", timestamp, run_name)
    at = 0 if step is None else _to_whole_number("step", step, run_name)
    return [Metric(key, to_number(key, value, run_name=run_name), when, at) for key, value in values.items()]


def to_params(values: Mapping[str, Any]) -> list[Param]:
    """Each value as ``str`` gives it."""
    return [Param(key, str(value)) for key, value in values.items()]


def to_tags(values: Mapping[str, Any]) -> list[Tag]:
    """Each value as ``str`` gives it."""
    return [Tag(key, str(value)) for key, value in values.items()]


def to_number(key: str, value: Any, *, run_name: str) -> float:
    """The value of a metric as a float; NaN and infinities are numbers.

    Takes what Python, NumPy, pandas, PyTorch, TensorFlow and JAX call one number: anything with ``item()`` or
    ``__float__``. Texts, None, dates, complex numbers and collections are none, even where they hold a single number.

    Raises:
        InvalidValueError: The value is not one number.
    """
    if type(value) is float:
        return value
    try:
        return float(_unwrap(value))
    except (TypeError, ValueError, OverflowError, RuntimeError):
        raise InvalidValueError(
            f"metric {key!r} of run {run_name!r} must be a number, not {_shown(value)}",
            hint="log texts with log_param or set_tag, and each number of a collection under a key of its own",
        ) from None


def _unwrap(value: Any) -> Any:
    """The Python number inside a value of another library."""
    if getattr(getattr(value, "dtype", None), "kind", "") in ("M", "m", "c"):
        raise TypeError("dates and complex numbers are not metrics")
    item = getattr(value, "item", None)
    inner = item() if callable(item) else value
    if not hasattr(type(inner), "__float__"):
        raise TypeError("not a number")
    return inner


def _to_whole_number(what: str, value: Any, run_name: str) -> int:
    try:
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return operator.index(value)
    except TypeError:
        raise InvalidValueError(
            f"the {what} of a metric of run {run_name!r} must be a whole number, not {_shown(value)}"
        ) from None


def _shown(value: Any) -> str:
    """A value for a message: its text, cut, and its type."""
    text = repr(value)
    cut = text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
    return "None" if value is None else f"{cut} ({type(value).__name__})"
