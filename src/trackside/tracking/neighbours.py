"""The runs around a run: the one before, the one after, those below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trackside.errors import NotFoundError
from trackside.search.nodes import And, Comparison, Condition, Field, Filter, Kind, Operator, OrderBy, Presence
from trackside.stores.base import RunQuery
from trackside.tracking import session, tag_names

if TYPE_CHECKING:
    from trackside.entities import Page, Run
    from trackside.stores.base import Store

_START = Field(Kind.ATTRIBUTE, "start_time")
_PARENT = Field(Kind.TAG, tag_names.PARENT_RUN_ID)
_PAGE = 20
_MOST_PAGES = 50


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The runs that started just before and just after a run, in the same experiment and below the same parent."""

    previous: Run | None
    next: Run | None


def find_neighbours(store: Store, run: Run) -> Neighbours:
    """The neighbours of a run among those that are not deleted. Runs of the same start are ordered by their ids."""
    if run.info.start_time is None:
        return Neighbours(None, None)
    newer: Run | None = None
    for candidate in _walk(store, run, Operator.LE, ascending=False):
        if candidate.info.start_time == run.info.start_time and candidate.info.run_id < run.info.run_id:
            newer = candidate
        elif candidate.info.run_id != run.info.run_id:
            return Neighbours(candidate, newer or _first_after(store, run))
    return Neighbours(None, newer or _first_after(store, run))


def previous_run(run_id: str) -> Run | None:
    """The run that started before this one in the same experiment and below the same parent, or None."""
    store = session.current_store()
    return find_neighbours(store, store.get_run(run_id)).previous


def find_children(store: Store, run: Run, most: int) -> tuple[tuple[Run, ...], int]:
    """The first children of a run in the order of their start, and how many there are."""
    own = Comparison(_PARENT, Operator.EQ, run.info.run_id)
    query = RunQuery(
        (run.info.experiment_id,), max_results=most, filter=Filter("", own), order_by=(OrderBy(_START, ascending=True),)
    )
    page = store.search_runs(query)
    return page.items, len(page) if page.token is None else store.count_runs(query)


def find_linked(store: Store, run: Run, tag: str) -> Run | None:
    """The run whose id a tag of this run holds; None where there is no such tag, or no such run any more."""
    run_id = run.data.tags.get(tag)
    try:
        return store.get_run(run_id) if run_id else None
    except NotFoundError:
        return None


def _first_after(store: Store, run: Run) -> Run | None:
    """The nearest run with a later start; of those with the same start the one that a list shows nearest."""
    nearest: Run | None = None
    for candidate in _walk(store, run, Operator.GT, ascending=True):
        if nearest is not None and candidate.info.start_time != nearest.info.start_time:
            break
        nearest = candidate
    return nearest


def _walk(store: Store, run: Run, operator: Operator, *, ascending: bool) -> Iterator[Run]:
    """Its siblings on one side in time, the nearest first, and itself where that side includes it."""
    conditions: tuple[Condition, ...] = (_same_parent(run), Comparison(_START, operator, run.info.start_time or 0))
    query = RunQuery(
        (run.info.experiment_id,),
        max_results=_PAGE,
        filter=Filter("", And(conditions)),
        order_by=(OrderBy(_START, ascending=ascending),),
    )
    for _ in range(_MOST_PAGES):
        page: Page[Run] = store.search_runs(query)
        yield from page
        if page.token is None:
            return
        query = replace(query, page_token=page.token)


def _same_parent(run: Run) -> Condition:
    parent = run.data.tags.get(tag_names.PARENT_RUN_ID)
    return Comparison(_PARENT, Operator.EQ, parent) if parent else Presence(_PARENT, present=False)
