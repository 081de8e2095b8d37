"""Reads what a field is compared with, as far as the field allows it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from trackside.search._moments import UNITS_MS, read_date, read_span
from trackside.search._patterns import MAX_PATTERN_BYTES, to_glob
from trackside.search.nodes import (
    And,
    Comparison,
    Condition,
    Field,
    Kind,
    Membership,
    Number,
    Operator,
    Or,
    Value,
    ValueType,
)

if TYPE_CHECKING:
    from trackside.search._tokenizer import Token, Tokenizer

MAX_NUMBER_LENGTH = 400
TEXT_OPERATORS = (Operator.EQ, Operator.NE)

_SIGNS = (*TEXT_OPERATORS, Operator.LT, Operator.LE, Operator.GT, Operator.GE)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NUMBER_IN_QUOTES = re.compile(rf"""['"]\s*{_NUMBER.pattern}\s*['"]""")
_ESCAPE = re.compile(
    r"""\\(?:(?P<letter>[\\'"abfnrtv])|x(?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8}))"""
    r"""|(?P<doubled>''|"")"""
)
_LETTERS = dict(zip("abfnrtv", "\a\b\f\n\r\t\v", strict=True))
_DATE_HINT = "Write '2026-01-31', '2026-01-31 12:30', an age such as -7d or -12h, or milliseconds."
_SPAN_HINT = f"Write 90s, 1.5h or milliseconds; there are {', '.join(UNITS_MS)}."


class Period(NamedTuple):
    """A time as it was written: a day, a minute, a second. In milliseconds, the end not included."""

    begin: int
    end: int


Read = Value | Period


def takes_text(field: Field) -> bool:
    """Whether a field's values are texts, which patterns can look into."""
    return field.value_type in (ValueType.TEXT, ValueType.TEXT_OR_NUMBER)


def operators(field: Field) -> tuple[Operator, ...]:
    """The operators of one or two signs that a field can be compared with."""
    return TEXT_OPERATORS if field.value_type is ValueType.TEXT else _SIGNS


def comparison(field: Field, operator: Operator, value: Read) -> Condition:
    """The condition that a comparison stands for. A time is equal to another that lies in its day, minute or second."""
    if not isinstance(value, Period):
        return Comparison(field, operator, value)
    if operator is Operator.EQ:
        return And((Comparison(field, Operator.GE, value.begin), Comparison(field, Operator.LT, value.end)))
    if operator is Operator.NE:
        return Or((Comparison(field, Operator.LT, value.begin), Comparison(field, Operator.GE, value.end)))
    return Comparison(field, operator, value.begin)


def membership(field: Field, values: list[Read], negated: bool) -> Condition:
    """The condition that a list stands for."""
    plain = tuple(value for value in values if not isinstance(value, Period))
    parts: list[Condition] = [Membership(field, plain, negated)] if plain else []
    operator = Operator.NE if negated else Operator.EQ
    parts += [comparison(field, operator, value) for value in values if isinstance(value, Period)]
    if len(parts) == 1:
        return parts[0]
    return And(tuple(parts)) if negated else Or(tuple(parts))


def read_value(tokens: Tokenizer, field: Field, now_ms: int, *, in_list: bool = False) -> Read:
    """value = text | escaped text | number | age | length of time, whichever the field takes."""
    kind = field.value_type
    token = tokens.peek("escaped text", "list text" if in_list else "text", "number")
    if token is None:
        tokens.fail_expecting(f"{kind.value} to compare {field} with", _value_hint(tokens, kind))
    if token.name == "number":
        value: Read = _number(tokens, field, token, now_ms)
    elif kind is ValueType.TIME:
        value = _date(tokens, token)
    elif takes_text(field):
        value = _text(tokens, token)
    else:
        hint = "Write the number without quotes." if _NUMBER_IN_QUOTES.fullmatch(token.text) else ""
        tokens.fail_expecting(f"{kind.value} to compare {field} with", hint)
    tokens.go_to(token.end)
    return value


def read_pattern(tokens: Tokenizer, field: Field, operator: Operator) -> str:
    """text = quoted text | "E" quoted text with escapes."""
    token = tokens.peek("escaped text", "text")
    if token is None:
        tokens.fail_expecting(f"a pattern in quotes after {operator.value}", f"{field} {operator.value} 'start%'")
    pattern = _text(tokens, token)
    if len(to_glob(pattern).encode()) > MAX_PATTERN_BYTES:
        tokens.fail("the pattern is too long for SQLite", token.start, len(token.text))
    tokens.go_to(token.end)
    return pattern


def _number(tokens: Tokenizer, field: Field, token: Token, now_ms: int) -> Value:
    kind, text = field.value_type, token.text
    if len(text) > MAX_NUMBER_LENGTH:
        tokens.fail(f"the number has more than {MAX_NUMBER_LENGTH} digits", token.start, len(text))
    if not _NUMBER.fullmatch(text):
        return _with_unit(tokens, kind, token, now_ms)
    if kind is ValueType.TEXT:
        tokens.fail_expecting(f"{kind.value} to compare {field} with", f"Put it into quotes: '{text}'.")
    if kind is ValueType.TEXT_OR_NUMBER:
        return Number(text)
    is_whole = text.lstrip("+-").isdigit() and field.kind is not Kind.METRIC
    return int(text) if is_whole else float(text)


def _with_unit(tokens: Tokenizer, kind: ValueType, token: Token, now_ms: int) -> int:
    span = read_span(token.text) if kind in (ValueType.TIME, ValueType.SPAN) else None
    if span is None:
        hints = {ValueType.TIME: _DATE_HINT, ValueType.SPAN: _SPAN_HINT}
        tokens.fail(f"{token.text} is not a number", token.start, len(token.text), hints.get(kind, ""))
    if kind is ValueType.SPAN:
        return span
    if not token.text.startswith("-"):
        hint = f"An age is written with a minus: -{token.text.lstrip('+')}."
        tokens.fail(f"{token.text} is not a time", token.start, len(token.text), hint)
    return now_ms + span


def _date(tokens: Tokenizer, token: Token) -> Period:
    found = read_date(_text(tokens, token))
    if found is None:
        tokens.fail(f"{token.text} is not a date", token.start, len(token.text), _DATE_HINT)
    return Period(*found)


def _text(tokens: Tokenizer, token: Token) -> str:
    """What a quoted text says.

    In a list a backslash escapes as in Python, because that is how MLflow reads lists; elsewhere only behind ``E``.
    """
    if token.name == "text":
        return token.text[1:-1]
    quote, inside = token.text[-1], token.text[token.text.index(token.text[-1]) + 1 : -1]
    if token.name == "list text" and any(found["doubled"] == quote * 2 for found in _ESCAPE.finditer(inside)):
        hint = f"Write \\{quote} for a quote inside a quoted text of a list."
        tokens.fail("a list cannot hold doubled quotes", token.start, len(token.text), hint)
    text = _ESCAPE.sub(lambda found: _character(found, quote), inside)
    if any("\ud800" <= char <= "\udfff" for char in text):
        tokens.fail("the text has half a character, which cannot be stored", token.start, len(token.text))
    return text


def _character(found: re.Match[str], quote: str) -> str:
    if letter := found["letter"]:
        return _LETTERS.get(letter, letter)
    if doubled := found["doubled"]:
        return quote if doubled[0] == quote else doubled
    code = int(found["x"] or found["u"] or found["U"], 16)
    return chr(code) if code <= 0x10FFFF else found[0]


def _value_hint(tokens: Tokenizer, kind: ValueType) -> str:
    if kind is ValueType.TIME:
        return _DATE_HINT
    if kind is ValueType.SPAN:
        return _SPAN_HINT
    word = tokens.peek("word")
    if word and kind in (ValueType.TEXT, ValueType.TEXT_OR_NUMBER):
        return f"Put the text into quotes: '{word.text}'."
    return ""
