"""The lines of the list: order, nesting, folding, and the window that moves along with what is in it."""

from __future__ import annotations

import pytest

from trackside.stores.base import Outline
from trackside.widgets.lines import Line, Lines, arrange
from trackside.widgets.query import Fold, Window

OPEN = Fold()
NESTED = Outline(("x", "g", "c2", "c1", "p"), 5, {"c1": "p", "c2": "p", "g": "c1"})


def drawn(lines: Lines) -> list[str]:
    """Each line with a dot for each level."""
    return ["." * line.depth + line.run_id for line in lines.part(0, len(lines))]


def test_children_stand_below_their_parent_however_deep() -> None:
    """R4.3: a family stands where the first of it comes in the order."""
    assert drawn(arrange(NESTED, OPEN)) == ["x", "p", ".c1", "..g", ".c2"]
    deep = Outline(tuple(map(str, range(5000))), 5000, {str(run): str(run + 1) for run in range(4999)})
    assert [line.depth for line in arrange(deep, OPEN).part(4998, 5000)] == [4998, 4999]


@pytest.mark.parametrize(
    ("fold", "expected"),
    [
        (Fold(excepted=frozenset({"p"})), ["x", "p"]),
        (Fold(excepted=frozenset({"c1"})), ["x", "p", ".c1", ".c2"]),
        (Fold(all=True), ["x", "p"]),
        (Fold(all=True, excepted=frozenset({"p"})), ["x", "p", ".c1", ".c2"]),
    ],
)
def test_folded_runs_hide_what_is_below_them_and_say_how_much(fold: Fold, expected: list[str]) -> None:
    """R4.3"""
    lines = arrange(NESTED, fold)
    assert drawn(lines) == expected
    assert lines.part(1, 2) == [Line("p", 0, 2, is_folded="c1" not in "".join(expected))]


def test_a_run_that_is_found_stands_below_its_parents_that_are_not() -> None:
    """R4.3"""
    lines = arrange(Outline(("g", "x"), 2, {"c1": "p", "c2": "p", "g": "c1"}), OPEN)
    assert drawn(lines) == ["p", ".c1", "..g", "x"]
    assert [line.is_found for line in lines.part(0, 4)] == [False, False, True, True]


def test_runs_that_go_round_in_a_circle_are_all_there() -> None:
    found = ("a", "b", "self", "below")
    lines = arrange(Outline(found, 4, {"a": "b", "b": "a", "self": "self", "below": "a"}), OPEN)
    assert sorted(lines.ids) == sorted(found)


def test_runs_that_were_not_looked_for_yet_have_their_lines() -> None:
    """R4.3: so that the scroll bar is right at once."""
    lines = arrange(Outline(("a", "b"), 100_000), OPEN)
    assert len(lines) == 100_000
    assert [line.run_id for line in lines.part(1, 50)] == ["b"]


def test_a_window_moves_along_with_its_anchor() -> None:
    """R4.1: what comes above does not move what is in sight."""
    lines = Lines([*"nmabcdef"])
    assert lines.start_of(Window(offset=2, anchor="c", anchor_line=2)) == 4
    assert lines.start_of(Window(offset=2, anchor="gone", anchor_line=2)) == 2
    assert lines.start_of(Window(offset=90)) == 7
    assert Lines([]).start_of(Window(offset=3)) == 0
