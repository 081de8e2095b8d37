"""What was probably meant by a filter that finds nothing because no run has a metric, param or tag of that name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from trackside.errors import nearest
from trackside.search.nodes import Field, Kind, leaves

if TYPE_CHECKING:
    from trackside.entities import Run
    from trackside.stores.base import RunQuery, Store

SAMPLE = 300
"""How many of the newest runs tell which names there are."""

_Names = Mapping[Kind, set[str]]


def find_meant(store: Store, query: RunQuery) -> str:
    """A question such as ``did you mean metrics.accuracy?``; empty where the filter's names are in order, or unlike."""
    fields = _named(query)
    if not fields or not query.experiment_ids:
        return ""
    sample = store.search_runs(replace(query, filter=None, order_by=(), max_results=SAMPLE, page_token=None))
    known = _names_in(sample)
    meant = (_nearest(field, known) for field in fields if field.key not in known[field.kind])
    return next((f"did you mean {field}?" for field in meant if field is not None), "")


def _named(query: RunQuery) -> list[Field]:
    conditions = query.filter.conjuncts if query.filter else ()
    fields = (leaf.field for leaf in leaves(conditions))
    return [field for field in fields if field.kind in (Kind.METRIC, Kind.PARAM, Kind.TAG)]


def _names_in(runs: Iterable[Run]) -> _Names:
    known: _Names = {Kind.METRIC: set(), Kind.PARAM: set(), Kind.TAG: set()}
    for run in runs:
        known[Kind.METRIC].update(run.data.metrics)
        known[Kind.PARAM].update(run.data.params)
        known[Kind.TAG].update(run.data.tags)
    return known


def _nearest(field: Field, known: _Names) -> Field | None:
    """A name of the same kind that is like this one, else the same name of another kind."""
    if near := nearest(field.key, known[field.kind]):
        return replace(field, key=near)
    return next((Field(kind, field.key) for kind in known if field.key in known[kind]), None)
