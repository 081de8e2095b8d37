"""What the list asks for besides runs: help with filters, names for columns, the store's experiments, its place.

Everything here may be called on any thread, while a cell runs.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from trackside.errors import FilterError
from trackside.search import parse_filter
from trackside.search.completion import Completion, Known, complete
from trackside.search.nodes import Field, Kind
from trackside.tracking import grouping, session, tag_names
from trackside.transfer.rows import read_runs
from trackside.widgets.query import Query, read_query, texts_of
from trackside.widgets.rows import MAX_NAME, cut_text, keys_of
from trackside.widgets.snapshot import count_units, filter_fault

if TYPE_CHECKING:
    from trackside.entities import Run
    from trackside.tracking.grouping import RunGroup
    from trackside.widgets.bridge import Buffers, Handler, Request
    from trackside.widgets.context import Context

SAMPLE = 300
"""How many of the newest runs tell which names and values there are."""
FRESH_S = 5.0
MAX_VALUES = 50
MAX_VALUE = 80
"""Values longer than this are not offered."""
MAX_GROUPS = 500


@dataclass(frozen=True, slots=True)
class _Sample:
    """The newest runs of some experiments, as they were a moment ago."""

    place: tuple[object, ...]
    fresh_until: float
    """Longer where it took long."""
    runs: Sequence[Run]

    def known(self) -> Known:
        """The names and values of these runs, most frequent first; tags that people did not set come last."""
        keys = {
            kind: _most_common(key for run in self.runs for key in _logged(run, kind) if len(key) <= MAX_NAME)
            for kind in _KINDS
        }
        keys[Kind.TAG].sort(key=tag_names.is_system)
        return Known(keys, self.values)

    def values(self, field: Field) -> list[str]:
        """The values of a param, a tag or an attribute."""
        if field.kind is Kind.ATTRIBUTE:
            found = (str(getattr(run.info, field.key, "")) for run in self.runs)
        else:
            found = (_logged(run, field.kind)[field.key] for run in self.runs if field.key in _logged(run, field.kind))
        return _most_common(value for value in found if 0 < len(value) <= MAX_VALUE and "\n" not in value)[:MAX_VALUES]


class ListRequests:
    """Answers the list's requests.

    Args:
        read: Tells which store and experiment the panel shows.
    """

    def __init__(self, read: Callable[[], Context]) -> None:
        self._read = read
        self._sample: _Sample | None = None

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """What answers which kind of request."""
        return {
            "filter.help": self.help_filter,
            "names.list": self.list_names,
            "runs.group": self.group_runs,
            "experiments.list": list_experiments,
            "store.set": set_store,
        }

    def help_filter(self, request: Request, _buffers: Buffers) -> dict[str, Any]:
        """``filter.help``: what is wrong with a filter, where, and what can come at the caret."""
        text = request.data["filter"]
        caret = len(_upto_unit(text, request.data["caret"]))
        found = complete(text, caret, self._sample_of(read_query(request.data["query"])).known())
        return {"fault": find_fault(text), **_told(text, found)}

    def list_names(self, request: Request, _buffers: Buffers) -> dict[str, Any]:
        """``names.list``: the names of what the runs have, most frequent first, as columns and orders name them."""
        keys = self._sample_of(read_query(request.data["query"])).known().keys
        return {
            kind.value: [str(Field(kind, key)) for key in keys[kind] if not tag_names.is_system(key)] for kind in _KINDS
        }

    def group_runs(self, request: Request, buffers: Buffers) -> dict[str, Any]:
        """``runs.group``: the runs that a query finds by what they have in common, at most 5,000 of them."""
        data, context = request.data, self._read()
        query = read_query(data["query"]).read(context.experiment_id)
        runs = list(read_runs(context.store, replace(query, max_results=grouping.MAX_RUNS)))
        fields = grouping.read_fields(texts_of("fields", data["fields"]))
        if data["all_but"]:
            fields = grouping.varying_params(runs, fields)
        groups = grouping.group(runs, fields)
        keys = keys_of(texts_of("columns", data["columns"]), Kind.METRIC)
        return {"runs": len(runs), "groups_found": len(groups), **_told_groups(groups[:MAX_GROUPS], keys, buffers)}

    def _sample_of(self, query: Query) -> _Sample:
        context = self._read()
        asked = replace(query, filter="", order=()).read(context.experiment_id)
        place = (context.store.uri, asked.experiment_ids, asked.stages)
        known = self._sample
        if known is None or known.place != place or time.monotonic() > known.fresh_until:
            began = time.monotonic()
            runs = context.store.search_runs(replace(asked, max_results=SAMPLE)).items if asked.experiment_ids else ()
            now = time.monotonic()
            known = self._sample = _Sample(place, now + max(FRESH_S, 10 * (now - began)), runs)
        return known


def find_fault(text: str) -> dict[str, Any] | None:
    """What is wrong with a filter, as a ``FilterFault``, or None."""
    try:
        parse_filter(text)
    except FilterError as error:
        return filter_fault(error)
    return None


def list_experiments(_request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``experiments.list``: the active experiments of the store, those that changed last first."""
    experiments = session.current_store().list_experiments()
    newest = sorted(experiments, key=lambda one: one.last_update_time or one.creation_time or 0, reverse=True)
    return {
        "experiments": [
            {
                "id": one.experiment_id,
                "name": one.name,
                "notebook": one.tags.get(tag_names.NOTEBOOK_PATH, ""),
                "time": one.last_update_time or one.creation_time,
            }
            for one in newest
        ]
    }


def set_store(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``store.set``: what ``trackside.set_tracking_uri`` does, once it is known that the store can be read."""
    from trackside.stores.uri import open_store, resolve_tracking_uri

    uri = request.data["uri"].strip()
    store = open_store(resolve_tracking_uri(uri or None)) if uri else None
    if store is not None:
        store.list_experiments()
    session.set_tracking_uri(uri or None)
    return {}


def _told_groups(groups: Sequence[RunGroup], keys: Sequence[str], buffers: Buffers) -> dict[str, Any]:
    """The groups, and column by column what their metrics are like; NaN where a group has none."""
    spreads = [group.metrics.get(key) for key in keys for group in groups]
    return {
        "groups": [
            {"values": _told_values(group), "count": len(group.run_ids), "filter": group.filter} for group in groups
        ],
        "metrics": list(keys),
        "means": buffers.add_float64(spread.mean if spread else math.nan for spread in spreads),
        "deviations": buffers.add_float64(
            spread.deviation if spread and spread.deviation is not None else math.nan for spread in spreads
        ),
    }


def _told_values(group: RunGroup) -> list[dict[str, Any]]:
    return [
        {"field": name, "value": None if value is None else cut_text(value)} for name, value in group.values.items()
    ]


_KINDS = (Kind.METRIC, Kind.PARAM, Kind.TAG)


def _logged(run: Run, kind: Kind) -> Mapping[str, Any]:
    return {Kind.METRIC: run.data.metrics, Kind.PARAM: run.data.params, Kind.TAG: run.data.tags}[kind]


def _most_common(values: Any) -> list[str]:
    return [value for value, _ in Counter(values).most_common()]


def _upto_unit(text: str, units: int) -> str:
    """The beginning of a text, whose length is told as JavaScript counts."""
    return text.encode("utf-16-le", "surrogatepass")[: 2 * max(0, units)].decode("utf-16-le", "ignore")


def _told(text: str, found: Completion) -> dict[str, Any]:
    places = [count_units(text[:place]) for place in (found.start, found.end)]
    options = [{"text": option.text, "kind": option.kind} for option in found.options]
    return {"start": places[0], "end": places[1], "options": options}
