"""Whether a value in a SQLite database is as a condition says: the comparisons themselves, in SQL.

Patterns become GLOB, whose sense of upper and lower case no setting of a connection changes.
"""

from __future__ import annotations

import json

from trackside.search._patterns import lowered, to_glob
from trackside.search._sql import Sql, joined, marks
from trackside.search.nodes import Leaf, Membership, Number, Operator, Presence, Value

LARGEST_REAL = "CAST(9e999 AS REAL)"
_SHORT_LIST = 8


def holds(value: Sql, leaf: Leaf) -> Sql:
    """The condition on a value, which is an expression in SQL; NULL where the value is."""
    if isinstance(leaf, Presence):
        return value + (" IS NOT NULL" if leaf.present else " IS NULL")
    if isinstance(leaf, Membership):
        return _member_test(value, leaf)
    if isinstance(leaf.value, Number):
        return _number_test(value.text, leaf.operator, leaf.value)
    if leaf.operator.is_pattern:
        return _pattern_test(value, leaf.operator, str(leaf.value))
    return value + Sql(f" {leaf.operator.value} ?", (_bindable(leaf.value),))


def _pattern_test(value: Sql, operator: Operator, pattern: str) -> Sql:
    word = " NOT GLOB ?" if operator in (Operator.NOT_LIKE, Operator.NOT_ILIKE) else " GLOB ?"
    if operator in (Operator.ILIKE, Operator.NOT_ILIKE):
        return "lower(" + value + Sql(f"){word}", (to_glob(lowered(pattern)),))
    return value + Sql(word, (to_glob(pattern),))


def _number_test(value: str, operator: Operator, number: Number) -> Sql:
    """Compare a text with a number.

    The cast lends its numeric affinity to the text beside it: that becomes a number where all of it is one, and stays
    a text, which SQLite takes for larger than all numbers, where not.
    """
    equal = Sql(f"({value} = CAST(? AS NUMERIC) OR {value} = ?)", (number.text, number.text))
    if operator is Operator.EQ:
        return equal
    if operator is Operator.NE:
        return "NOT " + equal
    compared = Sql(f"{value} {operator.value[0]} CAST(? AS NUMERIC) AND {value} <= {LARGEST_REAL}", (number.text,))
    if operator in (Operator.LE, Operator.GE):
        return "(" + equal + " OR " + compared + ")"
    return compared + " AND NOT " + equal


def _member_test(value: Sql, leaf: Membership) -> Sql:
    numbers = [wanted for wanted in leaf.values if isinstance(wanted, Number)]
    plain = [_bindable(wanted) for wanted in leaf.values if not isinstance(wanted, Number)]
    tests = [_number_test(value.text, Operator.EQ, number) for number in numbers]
    if plain:
        tests.append(value + " IN (" + _list(plain) + ")")
    inside = joined(" OR ", tests)
    return "NOT (" + inside + ")" if leaf.negated else "(" + inside + ")"


def _list(values: list[object]) -> Sql:
    if len(values) <= _SHORT_LIST or not isinstance(values[0], str):
        return marks(values)
    return Sql("SELECT value FROM json_each(?)", (json.dumps(values),))


def _bindable(value: Value) -> object:
    """The value in a form that SQLite can hold: numbers beyond 64 bits lose their last digits."""
    return float(value) if isinstance(value, int) and not -(2**63) <= value < 2**63 else value
