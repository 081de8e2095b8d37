"""Fields and conditions that tests of filters compare with, and how they read a filter."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from trackside.search import parse_filter
from trackside.search.nodes import (
    Comparison,
    Condition,
    Field,
    Kind,
    Operator,
    Presence,
)

NOW = 1_800_000_000_000
ACC = Field(Kind.METRIC, "acc")
LR = Field(Kind.PARAM, "lr")
COLOR = Field(Kind.TAG, "color")
STATUS = Field(Kind.ATTRIBUTE, "status")
START = Field(Kind.ATTRIBUTE, "start_time")
A = Comparison(ACC, Operator.GT, 1.0)
B = Comparison(LR, Operator.EQ, "x")
C = Presence(COLOR, present=True)


def read(text: str) -> Condition | None:
    return parse_filter(text, now_ms=NOW).condition


def only(text: str) -> Any:
    condition = read(text)
    assert isinstance(condition, Comparison)
    return condition


def ms(text: str) -> int:
    """The computer's local time as milliseconds."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)
