"""Reads filters: one function for each line of the grammar, with the line as its docstring.

Everything that MLflow's ``search_runs`` takes means the same here, also where that surprises: ``AND`` may be left out
or doubled, and quotes inside a quoted text stand for themselves. What MLflow does not take is free to be useful.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NoReturn

from trackside.search import _fields, _values
from trackside.search._tokenizer import Token, Tokenizer
from trackside.search.nodes import And, Comparison, Condition, Field, Filter, Not, Operator, Or, Presence

MAX_DEPTH = 20
"""How many parentheses may be open at once: what SQLite's own parser can hold."""
MAX_TERMS = 400
"""How many comparisons a filter may have; each number in a list counts as one."""

_MISSPELT = {"==": "=", "<>": "!=", "=<": "<=", "=>": ">=", "!<": ">=", "!>": "<=", "~": "LIKE", "!": "!="}


class Parser:
    """Reads one filter.

    Args:
        text: The filter.
        now_ms: What ages such as ``-7d`` are counted from, in milliseconds.
        words: The names that it may use.
    """

    def __init__(self, text: str, now_ms: int, words: _fields.Vocabulary = _fields.RUNS) -> None:
        self._tokens = Tokenizer(text, "filter")
        self._words = words
        self._now_ms = now_ms
        self._depth = 0
        self._terms = 0

    def filter(self) -> Filter:
        """filter = { "AND" } [ disjunction { "AND" } ]."""
        self._skip_ands()
        condition = None if self._tokens.at_end else self._disjunction()
        if not self._tokens.at_end:
            self._tokens.fail_expecting("AND, OR or the end of the filter", self._trailing_hint())
        return Filter(self._tokens.text, condition)

    def _disjunction(self) -> Condition:
        """disjunction = conjunction { "OR" conjunction }."""
        parts = [self._conjunction()]
        while self._tokens.read_keyword("OR"):
            parts.append(self._conjunction())
        return _joined(Or, parts)

    def _conjunction(self) -> Condition:
        """conjunction = negation { "AND" { "AND" } negation | condition }."""
        parts = [self._negation()]
        while (joined := self._skip_ands()) or _fields.starts_field(self._tokens, self._words):
            if self._tokens.at_end and not self._depth:
                break
            start = self._tokens.position
            parts.append(self._negation())
            if not joined and isinstance(parts[-1], Presence) and not isinstance(parts[-2], Presence):
                self._tokens.fail("AND is missing here", start, 1, "MLflow takes this for one long name.")
        return _joined(And, parts)

    def _negation(self) -> Condition:
        """negation = { "NOT" } ( "(" disjunction ")" | condition )."""
        negated = False
        while self._tokens.read_keyword("NOT"):
            negated = not negated
        opening = self._tokens.read("(")
        condition = self._group(opening) if opening else self._condition()
        return _negated(condition) if negated else condition

    def _group(self, opening: Token) -> Condition:
        """The inside of parentheses."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._tokens.fail(f"more than {MAX_DEPTH} parentheses are open here", opening.start, 1)
        condition = self._disjunction()
        if not self._tokens.read(")"):
            self._tokens.fail_expecting("AND, OR or )", self._trailing_hint())
        self._depth -= 1
        return condition

    def _condition(self) -> Condition:
        """condition = field ( null | list | pattern | comparison )."""
        start = self._tokens.position
        field = _fields.read_field(self._tokens, self._words)
        self._count(start)
        if self._tokens.read_keyword("IS"):
            return self._null(field)
        negated = bool(self._tokens.read_keyword("NOT"))
        word = self._tokens.read_keyword("IN", "LIKE", "ILIKE")
        if word is None:
            return self._fail_at_operator(field) if negated else self._comparison(field)
        return self._list(field, negated) if word.text.upper() == "IN" else self._pattern(field, word, negated)

    def _null(self, field: Field) -> Condition:
        """null = "IS" [ "NOT" ] "NULL"."""
        present = bool(self._tokens.read_keyword("NOT"))
        if not self._tokens.read_keyword("NULL"):
            self._tokens.fail_expecting("NULL" if present else "NULL or NOT NULL")
        return Presence(field, present)

    def _list(self, field: Field, negated: bool) -> Condition:
        """list = [ "NOT" ] "IN" "(" value { "," value } [ "," ] ")"."""
        if not self._tokens.read("("):
            self._tokens.fail_expecting("a list in parentheses after IN", "IN ('one', 'two')")
        values = [self._list_value(field)]
        while self._tokens.read(","):
            if self._tokens.peek(")"):
                break
            values.append(self._list_value(field))
        if not self._tokens.read(")"):
            self._tokens.fail_expecting(", or ) in the list")
        return _values.membership(field, values, negated)

    def _list_value(self, field: Field) -> _values.Read:
        start = self._tokens.position
        value = _values.read_value(self._tokens, field, self._now_ms, in_list=True)
        if not isinstance(value, str):
            self._count(start)
        return value

    def _pattern(self, field: Field, word: Token, negated: bool) -> Condition:
        """pattern = [ "NOT" ] ( "LIKE" | "ILIKE" ) text."""
        operator = Operator(f"NOT {word.text.upper()}" if negated else word.text.upper())
        if not _values.takes_text(field):
            hint = f"{field} is {field.value_type.value}; compare it with =, !=, <, <=, > or >=."
            self._tokens.fail(f"{operator.value} needs text to look into", word.start, len(word.text), hint)
        return Comparison(field, operator, _values.read_pattern(self._tokens, field, operator))

    def _comparison(self, field: Field) -> Condition:
        """comparison = ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) value."""
        sign = self._tokens.read("comparison")
        if sign is None:
            self._fail_at_operator(field)
        operator = self._operator(sign)
        if operator not in _values.operators(field):
            hint = f"{field} can be compared with =, !=, LIKE, ILIKE, IN and IS NULL."
            self._tokens.fail(f"{field} has no order, so {sign.text} means nothing", sign.start, len(sign.text), hint)
        value = _values.read_value(self._tokens, field, self._now_ms)
        if isinstance(value, str) and operator not in _values.TEXT_OPERATORS:
            hint = "Write the number without quotes."
            self._tokens.fail(f"{sign.text} compares numbers, not text", sign.start, len(sign.text), hint)
        return _values.comparison(field, operator, value)

    def _operator(self, sign: Token) -> Operator:
        if sign.text not in (operator.value for operator in Operator):
            meant = _MISSPELT.get(sign.text)
            hint = f"Did you mean {meant}?" if meant else "There are =, !=, <, <=, > and >=."
            self._tokens.fail(f"there is no operator {sign.text}", sign.start, len(sign.text), hint)
        return Operator(sign.text)

    def _fail_at_operator(self, field: Field) -> NoReturn:
        if self._tokens.peek_keyword("BETWEEN"):
            hint = f"Write {field} >= … AND {field} <= …."
        else:
            hint = f"Put a name with unusual letters into backticks: {field.kind.value}.`my key`."
            hint = hint if field.kind.value != "attributes" and not self._tokens.at_end else ""
        self._tokens.fail_expecting(f"an operator after {field}", hint)

    def _skip_ands(self) -> bool:
        found = False
        while self._tokens.read_keyword("AND"):
            found = True
        return found

    def _count(self, start: int) -> None:
        self._terms += 1
        if self._terms > MAX_TERMS:
            length = self._tokens.position - start or 1
            hint = "Many texts can be looked for in one list: params.a IN ('x', 'y', …)."
            self._tokens.fail(f"the filter has more than {MAX_TERMS} comparisons", start, length, hint)

    def _trailing_hint(self) -> str:
        if _DECIMAL_COMMA.match(self._tokens.text, self._tokens.position):
            return "Numbers are written with a point, as 0.5."
        word = self._tokens.peek(",", ")")
        return _TRAILING_HINTS[word.text] if word else ""


_DECIMAL_COMMA = re.compile(r"(?<=[0-9]),[0-9]")
_TRAILING_HINTS = {
    ",": "Conditions are joined with AND or OR.",
    ")": "There is no ( that this would close.",
}


def _joined(join: Callable[[tuple[Condition, ...]], And | Or], parts: list[Condition]) -> Condition:
    """One condition out of several; a join inside a join of the same kind is dissolved."""
    if len(parts) == 1:
        return parts[0]
    flat: list[Condition] = []
    for part in parts:
        flat.extend(part.conditions if isinstance(part, And | Or) and part.__class__ is join else [part])
    return join(tuple(flat))


def _negated(condition: Condition) -> Condition:
    if isinstance(condition, Presence):
        return Presence(condition.field, not condition.present)
    return condition.condition if isinstance(condition, Not) else Not(condition)
