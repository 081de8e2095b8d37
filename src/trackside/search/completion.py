"""What can come next in a filter that somebody is typing.

It looks only at what stands before the caret, so it also works in the middle of a text that cannot be read yet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trackside.search.nodes import ATTRIBUTES, Field, Kind, ValueType, quoted_text

if TYPE_CHECKING:
    from re import Match

MAX_OPTIONS = 50

_KINDS = {"metric": Kind.METRIC, "param": Kind.PARAM, "parameter": Kind.PARAM, "tag": Kind.TAG}
_KIND = r"(?P<kind>metric|param|parameter|tag)s?"
_KEY = r"(?P<key>`[^`]*`|\"[^\"]*\"|[\w.]+(?:[-/:]+[\w.]+)*)"
_FIELD = rf"(?:{_KIND}\.{_KEY}|(?P<attribute>{'|'.join(ATTRIBUTES)}|created|ended))\s*\)?"
_OPERATOR = r"(?P<operator>=|!=|<=|>=|<|>|\bNOT\s+I?LIKE\b|\bI?LIKE\b|\b(?:NOT\s+)?IN\s*\((?:[^()]*,)?)"
_TEXT = r"'[^']*'|\"[^\"]*\"|`[^`]*`"

_IN_KEY = re.compile(rf"\b{_KIND}\.[`\"]?(?P<part>[\w.\-/:]*|(?<=`)[^`]*)$", re.IGNORECASE)
_IN_VALUE = re.compile(rf"(?:^|[\s(]){_FIELD}\s*{_OPERATOR}\s*(?P<part>['\"][^'\"]*|[^\s'\"()`]*)$", re.IGNORECASE)
_IN_OPERATOR = re.compile(rf"(?:^|[\s(]){_FIELD}\s+(?P<part>(?:NOT\s+|IS\s+)?[a-z]*)$", re.IGNORECASE)
_AT_CONDITION = re.compile(r"(?:^|\(|\b(?:AND|OR|NOT)\s)\s*(?P<part>[\w]*)$", re.IGNORECASE)
_BEHIND_VALUE = re.compile(rf"(?:{_TEXT}|[\w.)])\s+(?P<part>[a-z]*)$", re.IGNORECASE)
_AFTER_CARET = re.compile(r"[\w.\-/:]*[`'\"]?")

_OPERATORS: Mapping[ValueType, Sequence[str]] = {
    ValueType.NUMBER: (">", "<", ">=", "<=", "=", "!=", "IN (", "IS NULL", "IS NOT NULL"),
    ValueType.TEXT: ("=", "!=", "LIKE", "ILIKE", "IN (", "NOT IN (", "IS NULL", "IS NOT NULL"),
    ValueType.TEXT_OR_NUMBER: ("=", "!=", "<", ">", "LIKE", "ILIKE", "IN (", "IS NULL", "IS NOT NULL"),
    ValueType.TIME: (">", "<", ">=", "<="),
    ValueType.SPAN: (">", "<", ">=", "<="),
}
_VALUES: Mapping[str, Sequence[str]] = {
    "status": ("'FINISHED'", "'RUNNING'", "'FAILED'", "'KILLED'", "'SCHEDULED'"),
    "start_time": ("-1h", "-1d", "-7d", "-30d"),
    "created": ("-1h", "-1d", "-7d", "-30d"),
    "end_time": ("-1h", "-1d", "-7d", "-30d"),
    "ended": ("-1h", "-1d", "-7d", "-30d"),
    "duration": ("1m", "10m", "1h"),
    "models": ("0",),
}


@dataclass(frozen=True, slots=True)
class Known:
    """What the runs have: keys by kind, most frequent first, and the values of a field, likewise."""

    keys: Mapping[Kind, Sequence[str]] = field(default_factory=dict)
    values: Callable[[Field], Iterable[str]] = lambda _: ()


@dataclass(frozen=True, slots=True)
class Option:
    """A text that can stand at the place. ``kind`` is ``field``, ``operator``, ``value`` or ``word``."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Completion:
    """What can take the place of the characters from ``start`` to ``end``."""

    start: int
    end: int
    options: tuple[Option, ...] = ()


def complete(text: str, caret: int, known: Known) -> Completion:
    """What can come at the caret, best first."""
    before = text[:caret]
    for pattern, offer in _PLACES:
        found = pattern.search(before)
        if found:
            start, options = offer(found, known)
            part = before[start:].strip("`'\"").lower()
            fitting = [option for option in options if part in option.text.lower()]
            fitting.sort(key=lambda option: not option.text.lower().strip("`'\"").startswith(part))
            if [option.text for option in fitting] == [before[start:]]:
                fitting = []
            return Completion(start, _end(text, caret, part), tuple(fitting[:MAX_OPTIONS]))
    return Completion(caret, caret)


def _end(text: str, caret: int, part: str) -> int:
    """Behind the rest of the word that the caret stands in."""
    rest = _AFTER_CARET.match(text, caret)
    return rest.end() if part and rest else caret


def _offer_keys(found: Match[str], known: Known) -> tuple[int, list[Option]]:
    kind = _KINDS[found["kind"].lower()]
    return found.start("kind"), [Option(str(Field(kind, key)), "field") for key in known.keys.get(kind, ())]


def _offer_values(found: Match[str], known: Known) -> tuple[int, list[Option]]:
    name = _field_of(found)
    if name.kind is Kind.ATTRIBUTE and name.key in _VALUES:
        values = list(_VALUES[name.key])
    elif name.kind is Kind.METRIC:
        values = []
    else:
        values = [quoted_text(value) for value in known.values(name)]
    return found.start("part"), [Option(value, "value") for value in values]


def _offer_operators(found: Match[str], _known: Known) -> tuple[int, list[Option]]:
    name = _field_of(found)
    kind = ValueType.TIME if name.key in ("created", "ended") else name.value_type
    return found.start("part"), [Option(operator, "operator") for operator in _OPERATORS[kind]]


def _offer_fields(found: Match[str], known: Known) -> tuple[int, list[Option]]:
    """Names; what was logged comes first, because that is what people mean."""
    fields = [str(Field(kind, key)) for kind in (Kind.METRIC, Kind.PARAM, Kind.TAG) for key in known.keys.get(kind, ())]
    part = found["part"].lower()
    if not part:
        fields = [*_first_of_each(known), "status", "created", "duration", "run_name", "NOT", "MIN(", "MAX("]
        return found.start("part"), [Option(name, "field") for name in fields]
    fields += [*ATTRIBUTES, "created", "NOT", "MIN(", "MAX("]
    return found.start("part"), [Option(name, "field") for name in fields]


def _first_of_each(known: Known) -> list[str]:
    return [str(Field(kind, key)) for kind in (Kind.METRIC, Kind.PARAM) for key in known.keys.get(kind, ())[:8]]


def _offer_words(found: Match[str], _known: Known) -> tuple[int, list[Option]]:
    return found.start("part"), [Option("AND", "word"), Option("OR", "word")]


def _field_of(found: Match[str]) -> Field:
    if found["attribute"]:
        return Field(Kind.ATTRIBUTE, found["attribute"].lower())
    return Field(_KINDS[found["kind"].lower()], found["key"].strip('`"'))


_PLACES: Sequence[tuple[re.Pattern[str], Callable[[Match[str], Known], tuple[int, list[Option]]]]] = (
    (_IN_KEY, _offer_keys),
    (_IN_VALUE, _offer_values),
    (_IN_OPERATOR, _offer_operators),
    (_AT_CONDITION, _offer_fields),
    (_BEHIND_VALUE, _offer_words),
)
