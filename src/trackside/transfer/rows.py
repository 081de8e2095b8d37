"""The runs that a query finds, one after the other, whatever the store's pages are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trackside.entities import Run
    from trackside.stores.base import RunQuery, Store

PAGE_SIZE = 10_000


def read_runs(store: Store, query: RunQuery, *, page_size: int = 0) -> Iterator[Run]:
    """The runs of all pages of an answer, as far as the query's ``max_results`` goes.

    At most one page is held at a time: ``page_size`` runs, or 10,000 unless given. Without experiments there are none.
    """
    left, token = query.max_results, query.page_token
    while query.experiment_ids and left > 0:
        page = store.search_runs(replace(query, max_results=min(left, page_size or PAGE_SIZE), page_token=token))
        yield from page
        left, token = left - len(page), page.token
        if token is None:
            return
