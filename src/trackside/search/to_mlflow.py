"""Divides a search between an MLflow server, which is asked in its own language, and this side, which does the rest.

The server's language has ``AND`` and nothing to join or turn conditions with, no escapes, and no lists but for run ids
and datasets. What is sent means on the server what it means here, also with servers of several years ago and on
databases other than SQLite; all that is in doubt stays here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from trackside.search.nodes import (
    And,
    Condition,
    Field,
    Filter,
    Function,
    Kind,
    Leaf,
    Membership,
    Not,
    Operator,
    Or,
    OrderBy,
    Presence,
    Value,
)

_PLAIN_KEY = re.compile(r"[\w/.\- :]+")
_SERVER_ATTRIBUTES = ("run_id", "run_name", "status", "user_id", "artifact_uri", "start_time", "end_time")
_SERVER_OPERATORS = tuple(operator for operator in Operator if not operator.value.startswith("NOT"))
_EXPERIMENT_ID = Field(Kind.ATTRIBUTE, "experiment_id")
_LONGEST_CHAIN = 20
"""A database joins a limited number of tables, and a server joins one for each condition."""
_LONGEST_TEXT = 10_000
"""A server's parser gives up at some ten thousand words, and takes seconds to come so far."""


@dataclass(frozen=True, slots=True)
class Split:
    """A search in two parts.

    Attributes:
        filter_text: What the server filters by; it finds all that are wanted and perhaps more.
        remainder: What the runs that the server finds must fulfil besides.
        order_by: What the server orders by.
        order_here: What the runs must be ordered by here, which needs all of them; empty where the server does it.
    """

    filter_text: str
    remainder: Condition | None
    order_by: tuple[str, ...]
    order_here: tuple[OrderBy, ...]


Name = Callable[[Field], "str | None"]
"""What a server calls a field, or None where it has no such thing."""


def split(wanted: Filter | None, order: tuple[OrderBy, ...]) -> Split:
    """Divide a search for runs."""
    return _split(wanted, order, _run_name)


def split_for_experiments(wanted: Filter | None, order: tuple[OrderBy, ...]) -> Split:
    """Divide a search for experiments."""
    return _split(wanted, order, _experiment_name)


def _split(wanted: Filter | None, order: tuple[OrderBy, ...], name: Name) -> Split:
    texts: list[str] = []
    rest: list[Condition] = []
    for condition in wanted.conjuncts if wanted else ():
        said = _said(condition, name)
        fits = said is not None and _fits([*texts, *said])
        if said is not None and fits:
            texts += said
        else:
            rest.append(condition)
    narrowing = dict.fromkeys(_narrowing(condition, name) for condition in rest)
    texts += [text for text in narrowing if text][: _LONGEST_CHAIN - len(texts)]
    steps = [_order_text(step, name) for step in order]
    here = None in steps
    return Split(
        filter_text=" AND ".join(texts),
        remainder=None if not rest else rest[0] if len(rest) == 1 else And(tuple(rest)),
        order_by=() if here else tuple(text for text in steps if text),
        order_here=order if here else (),
    )


def _fits(texts: list[str]) -> bool:
    return len(texts) <= _LONGEST_CHAIN and sum(map(len, texts)) <= _LONGEST_TEXT


def _said(condition: Condition, name: Name) -> list[str] | None:
    """The clauses that say the same to a server, or None where there are none."""
    if isinstance(condition, And | Or | Not) or (called := name(condition.field)) is None:
        return None
    if isinstance(condition, Presence):
        return _presence_clauses(condition, called)
    if isinstance(condition, Membership):
        return _member_clauses(condition, called)
    if name is _experiment_name and isinstance(condition.value, float):
        return None
    clause = _comparison_clause(called, condition.operator, condition.value)
    return [clause] if clause else None


def _presence_clauses(leaf: Presence, name: str) -> list[str] | None:
    is_text = leaf.field.kind in (Kind.PARAM, Kind.TAG)
    return [f"{name} LIKE '%'"] if leaf.present and is_text else None


def _member_clauses(leaf: Membership, name: str) -> list[str] | None:
    if leaf.field.kind is Kind.DATASET or leaf.field == Field(Kind.ATTRIBUTE, "run_id"):
        texts = [_text(value) for value in leaf.values]
        word = "NOT IN" if leaf.negated else "IN"
        return None if None in texts else [f"{name} {word} ({', '.join(text for text in texts if text)})"]
    if not leaf.negated and len(leaf.values) > 1:
        return None
    operator = Operator.NE if leaf.negated else Operator.EQ
    clauses = [_comparison_clause(name, operator, value) for value in leaf.values]
    return None if None in clauses else [clause for clause in clauses if clause]


def _comparison_clause(name: str, operator: Operator, value: Value) -> str | None:
    if operator not in _SERVER_OPERATORS:
        return None
    if isinstance(value, str) and operator is Operator.ILIKE and not value.isascii():
        return None
    text = _text(value) if isinstance(value, str) else _number(value)
    return f"{name} {operator.value} {text}" if text else None


def _run_name(field: Field) -> str | None:
    if field.kind is Kind.ATTRIBUTE:
        return f"attributes.{field.key}" if field.key in _SERVER_ATTRIBUTES else None
    if field.function is not Function.LATEST or not _PLAIN_KEY.fullmatch(field.key):
        return None
    return f"{field.kind.value}.`{field.key}`"


def _experiment_name(field: Field) -> str | None:
    """The id is compared and ordered here: servers of some years do not know it, and those that do take no list."""
    if field.kind is Kind.ATTRIBUTE:
        return None if field == _EXPERIMENT_ID else field.key
    return f"tags.`{field.key}`" if _PLAIN_KEY.fullmatch(field.key) else None


def _text(value: Value) -> str | None:
    """The text in quotes, or None where a server's parser or database may take it for something else."""
    if not isinstance(value, str) or "\\" in value or value != value.strip() or not value.isprintable():
        return None
    quote = next((mark for mark in "'\"" if mark not in value), None)
    return f"{quote}{value}{quote}" if quote else None


def _number(value: Value) -> str | None:
    if isinstance(value, float):
        return repr(value).replace("+", "").replace("inf", "1e999")
    return str(value) if isinstance(value, int) and -(2**63) <= value < 2**63 else None


def _narrowing(condition: Condition, name: Name) -> str | None:
    """A clause that the server can check and that holds wherever the condition does."""
    if isinstance(condition, And | Or | Not) or _is_absence(condition):
        return None
    is_text = condition.field.kind in (Kind.PARAM, Kind.TAG)
    called = name(condition.field) if is_text else None
    return f"{called} LIKE '%'" if called else None


def _is_absence(leaf: Leaf) -> bool:
    return isinstance(leaf, Presence) and not leaf.present


def _order_text(step: OrderBy, name: Name) -> str | None:
    called = name(step.field)
    if name is _experiment_name and step.field.kind is not Kind.ATTRIBUTE:
        called = None
    elif step.field == _EXPERIMENT_ID:
        called = step.field.key
    return f"{called} {step.direction}" if called else None
