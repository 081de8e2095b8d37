"""Runs in groups, such as those that differ only in their seed: how many there are, with mean and spread of metrics."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trackside.errors import InvalidValueError
from trackside.search import parse_filter, parse_order
from trackside.search.nodes import Field, Kind, quoted_text
from trackside.stores.base import RunQuery
from trackside.tracking import session
from trackside.tracking.searching import find_ids
from trackside.transfer.rows import read_runs

if TYPE_CHECKING:
    from trackside.entities import Run

MAX_RUNS = 5000


@dataclass(frozen=True, slots=True)
class Spread:
    """How a metric's latest values lie in a group. Values that are NaN or infinite are left out."""

    count: int
    """How many runs have a value."""
    mean: float
    deviation: float | None
    """The standard deviation of a sample; None for less than two values."""
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class RunGroup:
    """Runs that have the same values."""

    values: Mapping[str, str | None]
    """What they have in common, by field as ``params.lr``; None where they do not have it."""
    run_ids: tuple[str, ...]
    metrics: Mapping[str, Spread]

    @property
    def filter(self) -> str:
        """The filter that finds these runs among those that were grouped."""
        return " AND ".join(_condition(name, value) for name, value in self.values.items())


def group_runs(
    by: str | Sequence[str] = (),
    *,
    all_but: str | Sequence[str] = (),
    metrics: Sequence[str] | None = None,
    experiment_ids: Sequence[str] | None = None,
    filter_string: str = "",
) -> list[RunGroup]:
    """Runs by what they have in common, largest groups first, as the panel groups them.

    Args:
        by: Params, tags or attributes, as ``"params.lr"``.
        all_but: Instead of ``by``, all params that differ between runs but these, as ``"params.seed"``.
        metrics: Keys of the metrics to tell mean and spread of; all unless given.
        experiment_ids: Where to search; the experiment that runs go to now unless given.
        filter_string: Which runs, as ``search_runs`` takes it. The newest 5,000 of them are grouped.

    Raises:
        InvalidValueError: A field cannot be grouped by, or both or neither of ``by`` and ``all_but`` are given.
        FilterError: The filter or a field cannot be read.
    """
    if bool(by) == bool(all_but):
        raise InvalidValueError("group_runs needs either by or all_but, and not both", hint='group_runs("params.lr")')
    ids = find_ids(experiment_ids, None, search_all=False)
    query = RunQuery(ids, max_results=MAX_RUNS, filter=parse_filter(filter_string))
    runs = list(read_runs(session.current_store(), query))
    fields = read_fields(by) if by else varying_params(runs, read_fields(all_but))
    return group(runs, fields, metrics)


def group(runs: Iterable[Run], fields: Sequence[Field], metrics: Sequence[str] | None = None) -> list[RunGroup]:
    """Runs by the values of these fields, largest groups first, else in the order of the runs."""
    members: dict[tuple[str | None, ...], list[Run]] = {}
    for run in runs:
        members.setdefault(tuple(_value(run, field) for field in fields), []).append(run)
    names = [str(field) for field in fields]
    groups = [_group(dict(zip(names, values, strict=True)), own, metrics) for values, own in members.items()]
    return sorted(groups, key=lambda one: -len(one.run_ids))


def read_fields(names: str | Sequence[str]) -> list[Field]:
    """The fields with these names.

    Raises:
        FilterError: A name cannot be read.
        InvalidValueError: Metrics are no names to group by: hardly two runs have the same value.
    """
    fields = [step.field for step in parse_order([names] if isinstance(names, str) else names)]
    for field in fields:
        if field.kind is Kind.METRIC:
            raise InvalidValueError(f"runs cannot be grouped by {field}", hint="Group by params, tags or attributes.")
    return fields


def varying_params(runs: Sequence[Run], all_but: Iterable[Field]) -> list[Field]:
    """The params that are not the same in all of these runs that have params, without some of them."""
    logged = [run.data.params for run in runs if run.data.params]
    keys = dict.fromkeys(key for params in logged for key in params)
    varying = [Field(Kind.PARAM, key) for key in keys if len({params.get(key) for params in logged}) > 1]
    left_out = frozenset(all_but)
    return [field for field in varying if field not in left_out]


def _group(values: Mapping[str, str | None], runs: Sequence[Run], metrics: Sequence[str] | None) -> RunGroup:
    keys = dict.fromkeys(key for run in runs for key in run.data.metrics) if metrics is None else metrics
    spreads = {key: spread for key in keys if (spread := _spread(run.data.metrics.get(key) for run in runs))}
    return RunGroup(values, tuple(run.info.run_id for run in runs), spreads)


def _spread(values: Iterable[float | None]) -> Spread | None:
    found = [value for value in values if value is not None and math.isfinite(value)]
    if not found:
        return None
    deviation = statistics.stdev(found) if len(found) > 1 else None
    return Spread(len(found), math.fsum(found) / len(found), deviation, min(found), max(found))


def _value(run: Run, field: Field) -> str | None:
    if field.kind is Kind.PARAM:
        return run.data.params.get(field.key)
    if field.kind is Kind.TAG:
        return run.data.tags.get(field.key)
    value = getattr(run.info, field.key, None)
    return None if value is None else str(value)


def _condition(name: str, value: str | None) -> str:
    return f"{name} IS NULL" if value is None else f"{name} = {quoted_text(value)}"
