"""Outlines of stores that only answer page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from trackside.errors import NotFoundError
from trackside.stores.base import Outline

if TYPE_CHECKING:
    from trackside.entities import Run
    from trackside.stores.base import RunQuery, Store

PARENT_TAG = "mlflow.parentRunId"
PAGE = 1000
MOST_ANCESTORS = 100
"""How many runs that the query does not find are asked for one by one, to show what it finds below them."""


def outline_pages(store: Store, query: RunQuery, wanted: int) -> Outline:
    """The outline of as many pages as it takes."""
    query = replace(query, max_results=max(1, min(PAGE, wanted)), page_token=None)
    runs: dict[str, Run] = {}
    token: str | None = ""
    while token is not None and len(runs) < wanted:
        page = store.search_runs(replace(query, page_token=token or None))
        runs.update((run.info.run_id, run) for run in page)
        token = page.token if len(page) else None
    ids = tuple(runs)
    total = len(ids) if token is None else max(len(ids), store.count_runs(query))
    parents = dict(_links(store, query, runs))
    return Outline(ids, total, parents, runs)


def get_one_by_one(store: Store, run_ids: Sequence[str]) -> tuple[Run, ...]:
    """The runs with these ids that there are."""
    found = (find_run(store, run_id) for run_id in run_ids)
    return tuple(run for run in found if run is not None)


def find_run(store: Store, run_id: str) -> Run | None:
    """The run with this id, or None."""
    try:
        return store.get_run(run_id)
    except NotFoundError:
        return None


def _links(store: Store, query: RunQuery, runs: dict[str, Run]) -> Iterator[tuple[str, str]]:
    """From children to parents; ancestors that were asked for are added to ``runs``."""
    left = MOST_ANCESTORS
    pending = list(runs)
    while pending:
        run_id = pending.pop()
        parent_id = runs[run_id].data.tags.get(PARENT_TAG)
        if parent_id and parent_id not in runs and left:
            left -= 1
            parent = find_run(store, parent_id)
            if parent is not None and is_in_scope(parent, query):
                runs[parent_id] = parent
                pending.append(parent_id)
        if parent_id in runs and parent_id is not None:
            yield run_id, parent_id


def is_in_scope(run: Run, query: RunQuery) -> bool:
    """Whether the run is of the query's experiments and stages."""
    return run.info.experiment_id in query.experiment_ids and run.info.lifecycle_stage in query.stages
