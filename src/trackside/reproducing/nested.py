"""The runs below a run, each beside the one that repeats it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

from trackside.reproducing.comparing import Comparison, likeness
from trackside.tracking.neighbours import find_children

if TYPE_CHECKING:
    from trackside.entities import Run
    from trackside.stores.base import Store

MOST = 200
"""How many nested runs are compared."""


@dataclass(frozen=True, slots=True)
class NestedComparison:
    """A nested run of the original and of the new run; None on the side that does not have it.

    Attributes:
        name: The original's name, or that of a run that only the new run has.
        before: Id of the original's nested run.
        after: Id of the new one.
        comparison: All params and metrics of both; empty where there is only one.
    """

    name: str
    before: str | None
    after: str | None
    comparison: Comparison = field(default_factory=Comparison)

    @property
    def is_same(self) -> bool:
        """Whether both are there and nothing differs."""
        return self.before is not None and self.after is not None and self.comparison.is_same


def pairs_below(store: Store, run: Run, found: Run) -> Iterator[tuple[Run | None, Run | None]]:
    """The nested runs of the original with those that repeat them, parents first; at most 200 pairs."""
    pending, left = [(run, found)], MOST
    while pending:
        before, after = pending.pop(0)
        for pair in _matched(*(list(find_children(store, one, MOST)[0]) for one in (before, after))):
            if left == 0:
                return
            left -= 1
            yield pair
            if pair[0] is not None and pair[1] is not None:
                pending.append((pair[0], pair[1]))


def _matched(before: list[Run], after: list[Run]) -> Iterator[tuple[Run | None, Run | None]]:
    """Each run in one pair, those that are most alike first in theirs."""
    pairs = product(range(len(before)), range(len(after)))
    partners: dict[int, int] = {}
    for own, other in sorted(pairs, key=lambda pair: likeness(before[pair[0]], after[pair[1]]), reverse=True):
        if own not in partners and other not in partners.values():
            partners[own] = other
    for own, run in enumerate(before):
        yield run, after[partners[own]] if own in partners else None
    yield from ((None, run) for other, run in enumerate(after) if other not in partners.values())
