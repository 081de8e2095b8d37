"""Pieces of SQL with the values of their parameters, so that no value ever becomes part of the text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL. ``values`` belong to its question marks, in order.

    ``is_total`` says of a condition that it is always 0 or 1, never NULL.
    """

    text: str
    values: tuple[object, ...] = ()
    is_total: bool = False

    def __add__(self, other: Sql | str) -> Sql:
        other = Sql(other) if isinstance(other, str) else other
        return Sql(self.text + other.text, self.values + other.values)

    def __radd__(self, other: str) -> Sql:
        return Sql(other + self.text, self.values)


TRUE = Sql("1", is_total=True)
FALSE = Sql("0", is_total=True)


def joined(separator: str, parts: Iterable[Sql]) -> Sql:
    """All parts one after the other."""
    parts = list(parts)
    values = tuple(value for part in parts for value in part.values)
    return Sql(separator.join(part.text for part in parts), values, all(part.is_total for part in parts))


def total(condition: Sql) -> Sql:
    """The condition, known to be never NULL."""
    return Sql(condition.text, condition.values, is_total=True)


def all_of(conditions: Iterable[Sql]) -> Sql:
    """True where every condition is."""
    return joined(" AND ", conditions) if (conditions := list(conditions)) else TRUE


def negated(condition: Sql) -> Sql:
    """True where a condition is not, be it false or NULL."""
    inside = condition.text if condition.is_total else f"coalesce({condition.text}, 0)"
    return Sql(f"NOT {inside}", condition.values, is_total=True)


def marks(values: Iterable[object]) -> Sql:
    """The values as a list of parameters."""
    values = tuple(values)
    return Sql(", ".join("?" * len(values)), values)
