"""What is offered while a filter is typed, at every kind of place in it."""

from __future__ import annotations

import pytest

from trackside.search import parse_filter
from trackside.search.completion import Known, complete
from trackside.search.nodes import Comparison, Field, Kind

VALUES = ["it's", 'say "no"', "both ' and \"", "back\\slash", "", "plain", "<b>"]
KNOWN = Known(
    {Kind.METRIC: ["loss", "val/acc", "my metric"], Kind.PARAM: ["lr", "layers"], Kind.TAG: ["color"]},
    lambda field: {"lr": ["0.1", "0.01"], "color": VALUES}.get(field.key, []),
)


def offered(text: str) -> list[str]:
    """What is offered at the bar in the text."""
    caret = text.index("|")
    return [option.text for option in complete(text.replace("|", ""), caret, KNOWN).options]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("|", "metrics.loss"),
        ("los|", "metrics.loss"),
        ("params.lr = '1' AND (NOT acc|", "metrics.val/acc"),
        ("metrics.|", "metrics.loss"),
        ("metrics.`my|", "metrics.`my metric`"),
        ("MIN(metrics.lo|", "metrics.loss"),
        ("tags.c|", "tags.color"),
        ("metrics.loss |", ">"),
        ("params.lr L|", "LIKE"),
        ("status |", "="),
        ("params.lr = |", "'0.1'"),
        ("params.lr = '0.0|", "'0.01'"),
        ("params.lr IN ('0.1', |", "'0.1'"),
        ("status = F|", "'FINISHED'"),
        ("created > |", "-1h"),
        ("metrics.loss > 0.5 |", "AND"),
        ("params.lr = '0.1' O|", "OR"),
        ("params.lr IN ('0.1') a|", "AND"),
    ],
)
def test_what_can_come_next_is_offered(text: str, first: str) -> None:
    """R8.1"""
    assert offered(text)[0] == first


@pytest.mark.parametrize("text", ["metrics.loss|", "metrics.loss > 0.5|", "params.x = 'metrics|", "params.none = |"])
def test_nothing_is_offered_where_nothing_is_known(text: str) -> None:
    """R8.1: what is there already is not offered either."""
    assert offered(text) == []


def test_a_choice_takes_the_place_of_the_whole_word() -> None:
    """R8.1: also where the caret stands in the middle of it."""
    text = "metrics.lo and params.lr = '0.1'"
    found = complete(text, text.index("lo") + 1, KNOWN)
    assert text[found.start : found.end] == "metrics.lo"
    quoted = complete("params.lr = '0.01' OR x", 15, KNOWN)
    assert (quoted.start, quoted.end) == (12, 18)


@pytest.mark.parametrize("option", offered("tags.color = |"))
def test_every_value_that_is_offered_means_itself(option: str) -> None:
    """R8.1: quotes and backslashes in it included."""
    condition = parse_filter(f"tags.color = {option}").condition
    assert isinstance(condition, Comparison)
    assert condition.value in VALUES


def test_every_name_that_is_offered_can_be_read() -> None:
    """R8.1"""
    for name in offered("metrics.|") + offered("params.|"):
        condition = parse_filter(f"{name} = 1").condition
        assert isinstance(condition, Comparison)
        assert isinstance(condition.field, Field)
