"""What a filter and an order mean, as data.

A condition is true or false for a run, nothing in between: what a run does not have fails every condition but
``IS NULL``, and ``NOT`` turns exactly that around. ``NOT metrics.acc > 1`` therefore finds runs without ``acc`` too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

RUN_NAME_TAG = "mlflow.runName"

_BARE_KEY = re.compile(r"[\w.]+(?:[-/:]+[\w.]+)*")


class Kind(Enum):
    """What kind of thing a field is, by the word before its dot."""

    METRIC = "metrics"
    PARAM = "params"
    TAG = "tags"
    ATTRIBUTE = "attributes"
    DATASET = "dataset"


class Function(Enum):
    """Which value of a metric's history counts."""

    LATEST = "LATEST"
    MIN = "MIN"
    MAX = "MAX"


class ValueType(Enum):
    """What a field's values are, and so what they can be compared with."""

    NUMBER = "a number"
    TEXT = "a quoted text"
    TEXT_OR_NUMBER = "a quoted text or a number"
    TIME = "a time"
    SPAN = "a length of time"


class Operator(Enum):
    """How two values are compared. None of them is true for a value that is missing."""

    EQ = "="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    LIKE = "LIKE"
    NOT_LIKE = "NOT LIKE"
    ILIKE = "ILIKE"
    NOT_ILIKE = "NOT ILIKE"

    @property
    def is_pattern(self) -> bool:
        """Whether the right side is a pattern with ``%`` and ``_``."""
        return self.value.endswith("LIKE")


ATTRIBUTES: Mapping[str, ValueType] = MappingProxyType(
    {
        "run_id": ValueType.TEXT,
        "run_name": ValueType.TEXT,
        "status": ValueType.TEXT,
        "user_id": ValueType.TEXT,
        "artifact_uri": ValueType.TEXT,
        "start_time": ValueType.TIME,
        "end_time": ValueType.TIME,
        "duration": ValueType.SPAN,
        "models": ValueType.NUMBER,
    }
)
"""``duration`` is from start to end in milliseconds and missing while a run goes on; ``models`` is the number of model
versions in the registry that come from the run. All others are MLflow's."""
EXPERIMENT_ATTRIBUTES: Mapping[str, ValueType] = MappingProxyType(
    {
        "name": ValueType.TEXT,
        "experiment_id": ValueType.TEXT,
        "creation_time": ValueType.TIME,
        "last_update_time": ValueType.TIME,
    }
)
ATTRIBUTE_ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "created": "start_time",
        "Created": "start_time",
        "ended": "end_time",
        "run name": "run_name",
        "Run name": "run_name",
        "Run Name": "run_name",
    }
)
EXPERIMENT_ALIASES: Mapping[str, str] = MappingProxyType({"created": "creation_time", "updated": "last_update_time"})
DATASET_KEYS = ("name", "digest", "context")


@dataclass(frozen=True, slots=True)
class Field:
    """What is looked at in a run or an experiment. ``function`` says something only for metrics."""

    kind: Kind
    key: str
    function: Function = Function.LATEST

    def __str__(self) -> str:
        if self.kind is Kind.ATTRIBUTE:
            return self.key
        name = f"{self.kind.value}.{quoted_key(self.key)}"
        return name if self.function is Function.LATEST else f"{self.function.value}({name})"

    @property
    def value_type(self) -> ValueType:
        """What the values of this field are."""
        if self.kind is Kind.METRIC:
            return ValueType.NUMBER
        if self.kind is Kind.ATTRIBUTE:
            return ATTRIBUTES.get(self.key) or EXPERIMENT_ATTRIBUTES[self.key]
        return ValueType.TEXT if self.kind is Kind.DATASET else ValueType.TEXT_OR_NUMBER


@dataclass(frozen=True, slots=True)
class Number:
    """A number without quotes that a param or tag is compared with; ``text`` is how it was written.

    A value compares with it as a number when the whole text is one, as ``0.50`` or ``5e-1``; any other text is
    different from every number, and neither smaller nor larger.
    """

    text: str


Value = str | int | float | Number


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field compared with a value. Times and lengths of time are in milliseconds."""

    field: Field
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class Membership:
    """Whether a field's value is among these, or with ``negated`` is there and not among these."""

    field: Field
    values: tuple[Value, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether a run has a value for the field at all; NaN is a value."""

    field: Field
    present: bool


@dataclass(frozen=True, slots=True)
class Not:
    """True for the runs for which ``condition`` is false."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class And:
    """True where all conditions are; there are at least two."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """True where one of the conditions is; there are at least two."""

    conditions: tuple[Condition, ...]


Leaf = Comparison | Membership | Presence
Condition = Leaf | Not | And | Or


def leaves(conditions: Iterable[Condition]) -> Iterator[Leaf]:
    """What conditions are made of, without what joins and negates them."""
    for condition in conditions:
        if isinstance(condition, Not):
            yield from leaves([condition.condition])
        elif isinstance(condition, And | Or):
            yield from leaves(condition.conditions)
        else:
            yield condition


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that was read. ``condition`` is None where the text asks for nothing, which every run fulfils."""

    text: str
    condition: Condition | None

    @property
    def conjuncts(self) -> tuple[Condition, ...]:
        """The conditions that must all hold."""
        if self.condition is None:
            return ()
        return self.condition.conditions if isinstance(self.condition, And) else (self.condition,)


@dataclass(frozen=True, slots=True)
class OrderBy:
    """One step of an order. In both directions NaN comes after all numbers, and what is missing comes last."""

    field: Field
    ascending: bool = True

    @property
    def direction(self) -> str:
        """``ASC`` or ``DESC``."""
        return "ASC" if self.ascending else "DESC"

    def __str__(self) -> str:
        return f"{self.field} {self.direction}"


def quoted_key(key: str) -> str:
    """The key as it is written in a filter, in quotes where it needs them."""
    if _BARE_KEY.fullmatch(key):
        return key
    quote = next((mark for mark in "`\"'" if mark not in key), "`")
    return f"{quote}{key}{quote}"


def quoted_text(value: str) -> str:
    """The text as it is written in a filter; what quotes alone cannot hold is told with escapes."""
    quote = next((mark for mark in "'\"" if mark not in value), None)
    if quote and "\\" not in value and "\n" not in value:
        return f"{quote}{value}{quote}"
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"E'{escaped}'"
