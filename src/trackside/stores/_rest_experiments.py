"""Finding experiments on a server: what it understands is asked of it, the rest is decided here, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from trackside.search.experiments import NEWEST_FIRST, ExperimentEvidence, select
from trackside.search.matches import matches
from trackside.search.to_mlflow import split_for_experiments
from trackside.stores._rest_search import view_type
from trackside.stores._wire import read_answer, read_experiment

if TYPE_CHECKING:
    from trackside.entities import Experiment
    from trackside.stores.base import ExperimentQuery

_PAGE_SIZE = 1000

Ask = Callable[[Mapping[str, object]], "dict[str, Any]"]
"""Sends a search request and returns the answer."""


def search_experiments(server: str, ask: Ask, query: ExperimentQuery) -> tuple[Experiment, ...]:
    """The experiments that a query asks for.

    Pages are read until enough are found, or all of them where the server cannot order as was asked.

    Args:
        server: Its name for messages.
        ask: How to ask it.
        query: What is searched for.
    """
    parts = split_for_experiments(query.filter, query.order_by or NEWEST_FIRST)
    body = {"max_results": _PAGE_SIZE, "view_type": view_type(query.stages), "order_by": list(parts.order_by)}
    if parts.filter_text:
        body["filter"] = parts.filter_text
    listed = list_pages(server, ask, body) if query.stages else iter(())
    found = (one for one in listed if matches(parts.remainder, ExperimentEvidence(one)))
    if parts.order_here:
        return select(found, None, parts.order_here, query.max_results)
    return tuple(islice(found, query.max_results))


def list_pages(server: str, ask: Ask, body: Mapping[str, object]) -> Iterator[Experiment]:
    """The experiments of all pages of an answer, one after the other."""
    token = None
    while True:
        answer = ask({**body, "page_token": token} if token else body)
        yield from read_answer(server, answer, _read_page)
        if answer.get("next_page_token") in (None, "", token):
            return
        token = answer["next_page_token"]


def _read_page(answer: Mapping[str, Any]) -> list[Experiment]:
    return [read_experiment(item) for item in answer.get("experiments") or ()]
