"""Which cells of two notebooks are the same cell, and which of them were moved."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trackside.notebook.overlay import comparable
from trackside.notebook.text_difference import count_words, likeness

Cell = Mapping[str, Any]

_ALIKE = 0.6
"""From this share of common words on, a cell is another one that was edited."""
_NEAR = 10
"""In a long stretch of unmatched cells, only cells with so many between them are compared."""
_MOST_COMPARED = 4000
"""So many characters of a cell are compared with those of other cells."""


@dataclass(frozen=True, slots=True)
class Match:
    """A cell of one notebook and the same cell of the other, by their positions."""

    before: int
    after: int
    is_moved: bool = False


def match_cells(before: Sequence[Cell], after: Sequence[Cell]) -> list[Match]:
    """Pairs of cells in the order of ``before``.

    A cell is found by its id and source, else by its id, else by its source, else among the cells at its place as the
    one that is like it.
    """
    matching = _Matching(before, after)
    matching.pair(lambda cell: (cell.get("id"), content_of(cell)) if cell.get("id") else None)
    matching.pair(lambda cell: cell.get("id") or None)
    matching.pair(lambda cell: content_of(cell) if cell["source"].strip() else None)
    matching.pair_alike()
    pairs = sorted(matching.pairs.items())
    staying = _longest_rising([after for _, after in pairs])
    return [Match(old, new, new not in staying) for old, new in pairs]


def content_of(cell: Cell) -> tuple[str, str]:
    """What a cell is, without what front ends change on the way: its type and its source."""
    return cell["cell_type"], comparable(cell["source"])


class _Matching:
    """Pairs that were found, and what is left to be found."""

    def __init__(self, before: Sequence[Cell], after: Sequence[Cell]) -> None:
        self._before, self._after = before, after
        self.pairs: dict[int, int] = {}
        self._taken: set[int] = set()

    def pair(self, key_of: Callable[[Cell], Hashable | None]) -> None:
        """Pairs cells that have the same key, the first with the first; None is no key."""
        waiting: dict[Hashable, deque[int]] = defaultdict(deque)
        for position in self._left_after():
            waiting[key_of(self._after[position])].append(position)
        for position in self._left_before():
            key = key_of(self._before[position])
            if key is not None and waiting[key]:
                self._add(position, waiting[key].popleft())

    def pair_alike(self) -> None:
        """Pairs cells of one type that are alike and stand between the same cells."""
        for old, new in self._gaps():
            words = [count_words(self._after[position]["source"][:_MOST_COMPARED]) for position in new]
            free = 0
            for index, position in enumerate(old):
                near = range(max(free, index - _NEAR), min(len(new), index + _NEAR + 1))
                mine = count_words(self._before[position]["source"][:_MOST_COMPARED])
                kind = self._before[position]["cell_type"]
                fitting = (at for at in near if self._after[new[at]]["cell_type"] == kind)
                found = next((at for at in fitting if likeness(mine, words[at]) >= _ALIKE), None)
                if found is not None:
                    self._add(position, new[found])
                    free = found + 1

    def _add(self, before: int, after: int) -> None:
        self.pairs[before] = after
        self._taken.add(after)

    def _left_before(self) -> list[int]:
        return [position for position in range(len(self._before)) if position not in self.pairs]

    def _left_after(self) -> list[int]:
        return [position for position in range(len(self._after)) if position not in self._taken]

    def _gaps(self) -> list[tuple[list[int], list[int]]]:
        """The unmatched cells of both sides that follow the same matched cell."""
        old: dict[int, list[int]] = defaultdict(list)
        new: dict[int, list[int]] = defaultdict(list)
        anchor = -1
        for position in range(len(self._before)):
            anchor = self.pairs.get(position, anchor)
            if position not in self.pairs:
                old[anchor].append(position)
        anchor = -1
        for position in range(len(self._after)):
            anchor = position if position in self._taken else anchor
            if position not in self._taken:
                new[anchor].append(position)
        return [(old[key], new[key]) for key in old if key in new]


def _longest_rising(positions: Sequence[int]) -> set[int]:
    """The most positions that are in order already: the cells that did not move."""
    ends: list[int] = []
    last: list[int] = []
    previous: list[int] = []
    for index, position in enumerate(positions):
        place = bisect_left(ends, position)
        previous.append(last[place - 1] if place else -1)
        ends[place : place + 1] = [position]
        last[place : place + 1] = [index]
    staying, index = set(), last[-1] if last else -1
    while index >= 0:
        staying.add(positions[index])
        index = previous[index]
    return staying
