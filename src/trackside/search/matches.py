"""What filters and orders mean, said in Python: whether a run fulfils a condition, and where it comes in an order.

What experiments have is in ``experiments``; conditions mean the same for them.

All that finds runs in another way, in SQL or on a server, gives the same answer as this module; tests see to that.
Metrics are compared as the database holds them, where infinity is the largest number there is.
"""

from __future__ import annotations

import math
import operator
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from trackside.search._patterns import fits, lowered
from trackside.search.nodes import (
    RUN_NAME_TAG,
    And,
    Comparison,
    Condition,
    Field,
    Function,
    Kind,
    Leaf,
    Membership,
    Not,
    Number,
    Operator,
    Or,
    OrderBy,
    Presence,
    Value,
)

if TYPE_CHECKING:
    from trackside.entities import Metric, Run

_NUMBER = re.compile(r"[ \t\n\v\f\r]*([+-]?(?:[0-9]+(\.[0-9]*)?|(\.[0-9]+))([eE][+-]?[0-9]+)?)[ \t\n\v\f\r]*")
_COMPARE: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQ: operator.eq,
    Operator.NE: operator.ne,
    Operator.LT: operator.lt,
    Operator.LE: operator.le,
    Operator.GT: operator.gt,
    Operator.GE: operator.ge,
    Operator.LIKE: fits,
    Operator.NOT_LIKE: lambda text, pattern: not fits(text, pattern),
    Operator.ILIKE: lambda text, pattern: fits(lowered(text), lowered(pattern)),
    Operator.NOT_ILIKE: lambda text, pattern: not fits(lowered(text), lowered(pattern)),
}


@dataclass(frozen=True, slots=True)
class DatasetUse:
    """A dataset that a run used. ``context`` is what for, as ``training``, or None where that was not said."""

    name: str
    digest: str
    context: str | None = None


class Subject(Protocol):
    """What a condition is about: a run or an experiment, and what is known of it."""

    def values(self, field: Field) -> list[str | float]:
        """Every value of a field; only dataset fields can have more than one."""
        ...

    def sort_value(self, field: Field) -> str | float | None:
        """What it is ordered by; None where it has no value."""
        ...


def _no_history(_: str) -> Sequence[Metric]:
    return ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A run with what else a filter may ask about it. What is costly to find is asked for only when it decides.

    Attributes:
        run: The run.
        history: All points of the metric with this key, in any order.
        datasets: The datasets that the run used.
        model_versions: How many model versions come from the run.
    """

    run: Run
    history: Callable[[str], Sequence[Metric]] = _no_history
    datasets: Callable[[], Sequence[DatasetUse]] = tuple
    model_versions: Callable[[], int] = int

    def values(self, field: Field) -> list[str | float]:
        """Every value of a field; only dataset fields can have more than one."""
        if field.kind is Kind.DATASET:
            found = (getattr(dataset, field.key) for dataset in self.datasets())
            return [str(value) for value in found if value is not None]
        named = field.kind is Kind.ATTRIBUTE and field.key == "run_name"
        value = self.run.data.tags.get(RUN_NAME_TAG) if named else self.sort_value(field)
        return [] if value is None else [value]

    def sort_value(self, field: Field) -> str | float | None:
        """What the run is ordered by."""
        data = self.run.data
        if field.kind is Kind.METRIC:
            return _metric(field, self)
        if field.kind is Kind.PARAM:
            return data.params.get(field.key)
        return data.tags.get(field.key) if field.kind is Kind.TAG else _attribute(field.key, self)


def matches(condition: Condition | None, evidence: Subject) -> bool:
    """Whether a run or an experiment fulfils a condition; all fulfil None."""
    if condition is None:
        return True
    if isinstance(condition, And):
        return all(matches(part, evidence) for part in cheapest_first(condition.conditions))
    if isinstance(condition, Or):
        return any(matches(part, evidence) for part in cheapest_first(condition.conditions))
    if isinstance(condition, Not):
        return not matches(condition.condition, evidence)
    return _leaf_matches(condition, evidence)


def sort_key(order: Sequence[OrderBy]) -> Callable[[Evidence], tuple[Any, ...]]:
    """The key by which ``sorted`` puts runs into this order, and what is equal in it by start time and id."""

    def key(evidence: Evidence) -> tuple[Any, ...]:
        info = evidence.run.info
        return (*places(order, evidence), _place(info.start_time, ascending=False), info.run_id)

    return key


def places(order: Sequence[OrderBy], subject: Subject) -> list[tuple[int, Any]]:
    """Where something stands in each step of an order, for comparing it with others."""
    return [_place(subject.sort_value(step.field), step.ascending) for step in order]


def cheapest_first(conditions: Iterable[Condition]) -> list[Condition]:
    """The conditions in an order in which those that need a look at more than the run itself come last."""
    return sorted(conditions, key=_cost)


def _cost(condition: Condition) -> int:
    if isinstance(condition, And | Or):
        return max(_cost(part) for part in condition.conditions)
    if isinstance(condition, Not):
        return _cost(condition.condition)
    field = condition.field
    if field.kind is Kind.METRIC:
        return 0 if field.function is Function.LATEST else 2
    return int(field.kind is Kind.DATASET or field.key == "models")


def _leaf_matches(leaf: Leaf, evidence: Subject) -> bool:
    values = evidence.values(leaf.field)
    if isinstance(leaf, Presence):
        return bool(values) == leaf.present
    if isinstance(leaf, Comparison):
        return any(_holds(value, leaf.operator, leaf.value) for value in values)
    return any(_is_member(value, leaf) for value in values)


def _is_member(value: str | float, leaf: Membership) -> bool:
    return leaf.negated != any(_holds(value, Operator.EQ, wanted) for wanted in leaf.values)


def _holds(value: str | float, sign: Operator, wanted: Value) -> bool:
    if isinstance(wanted, Number):
        number = _read_number(str(value))
        if number is None:
            return sign is Operator.NE
        return _COMPARE[sign](number, _read_number(wanted.text))
    return _COMPARE[sign](value, wanted)


def _attribute(name: str, evidence: Evidence) -> str | float | None:
    info = evidence.run.info
    if name == "models":
        return evidence.model_versions()
    if name == "duration":
        return None if info.start_time is None or info.end_time is None else info.end_time - info.start_time
    value: str | float | None = getattr(info, name)
    return value


def _metric(field: Field, evidence: Evidence) -> float | None:
    latest = evidence.run.data.metrics.get(field.key)
    if latest is None or field.function is Function.LATEST:
        return None if latest is None else _stored(latest)
    points = [point.value for point in evidence.history(field.key)]
    numbers = [_stored(value) for value in points if not math.isnan(value)]
    if not numbers:
        return math.nan if points else None
    return min(numbers) if field.function is Function.MIN else max(numbers)


def _stored(value: float) -> float:
    return math.copysign(sys.float_info.max, value) if math.isinf(value) else value


def _read_number(text: str) -> int | float | None:
    """The number that a whole text is, as SQLite reads it, or None."""
    found = _NUMBER.fullmatch(text)
    if not found:
        return None
    if found[2] is None and found[3] is None and found[4] is None and len(found[1]) < 20:
        number = int(found[1])
        return number if -(2**63) <= number < 2**63 else float(number)
    return float(found[1])


def _place(value: str | float | None, ascending: bool) -> tuple[int, Any]:
    """Numbers and texts first, then NaN, then what is missing."""
    if value is None:
        return 2, 0
    if isinstance(value, float) and math.isnan(value):
        return 1, 0
    return 0, value if ascending else _Descending(value)


class _Descending:
    """Compares the other way round."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def __lt__(self, other: _Descending) -> bool:
        return bool(other._value < self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Descending) and bool(other._value == self._value)

    __hash__ = None  # type: ignore[assignment]
