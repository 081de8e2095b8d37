"""What queries found, kept until the store changes: whoever scrolls asks for rows, and nothing is searched again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trackside.widgets.lines import Lines, arrange

if TYPE_CHECKING:
    from trackside.stores.base import Outline, Store
    from trackside.widgets.context import Context
    from trackside.widgets.query import Fold, Query

MAX_KEPT = 4
"""How many queries are remembered: one for each page that shows the panel."""


@dataclass(slots=True)
class _Kept:
    """What a query found when the store had this change token, and its lines for the ways of folding asked for."""

    token: object
    outline: Outline
    wanted: int
    lines: dict[Fold, Lines] = field(default_factory=dict)

    def serves(self, token: object, wanted: int) -> bool:
        """Whether it is still true, and enough."""
        is_enough = wanted <= self.wanted or len(self.outline.ids) >= min(wanted, self.outline.total)
        return token is not None and self.token == token and is_enough


class RunIndex:
    """The ids of the runs that queries found, in order."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, tuple[str, ...], Query], _Kept] = {}

    def find(self, context: Context, query: Query, fold: Fold, wanted: int) -> tuple[Outline, Lines]:
        """What a query finds, at least its first ``wanted`` runs, and the lines that these make.

        Raises:
            FilterError: The filter or the order cannot be read.
            StoreError: The store cannot be read.
        """
        parsed = query.read(context.experiment_id)
        key = (context.store.uri, parsed.experiment_ids, query)
        token = _token(context.seen)
        kept = self._kept.pop(key, None)
        if kept is None or not kept.serves(token, wanted):
            kept = _Kept(token, context.seen.outline_runs(parsed, wanted), wanted)
        self._kept[key] = kept
        while len(self._kept) > MAX_KEPT:
            del self._kept[next(iter(self._kept))]
        if fold not in kept.lines:
            kept.lines = {fold: arrange(kept.outline, fold)}
        return kept.outline, kept.lines[fold]


def _token(store: Store) -> object:
    """Asked for before the search, so that a change during the search is noticed at the next one."""
    return store.change_token()
