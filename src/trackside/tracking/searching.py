"""``search_runs``: runs as a list, or as a pandas DataFrame with MLflow's columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import IntEnum
from typing import TYPE_CHECKING, Literal, overload

from trackside.entities import LifecycleStage, Run
from trackside.errors import InvalidValueError
from trackside.search import parse_filter, parse_order
from trackside.stores.base import RunQuery
from trackside.tracking import session
from trackside.tracking.notices import say
from trackside.transfer.dataframe import read_frame
from trackside.transfer.rows import read_runs

if TYPE_CHECKING:
    from pandas import DataFrame

MAX_RESULTS = 100_000


class ViewType(IntEnum):
    """Which runs or experiments to look at, with MLflow's numbers."""

    ACTIVE_ONLY = 1
    DELETED_ONLY = 2
    ALL = 3


_STAGES = {
    ViewType.ACTIVE_ONLY: (LifecycleStage.ACTIVE,),
    ViewType.DELETED_ONLY: (LifecycleStage.DELETED,),
    ViewType.ALL: (LifecycleStage.ACTIVE, LifecycleStage.DELETED),
}


def stages_of(view_type: ViewType | int) -> tuple[LifecycleStage, ...]:
    """The lifecycle stages that a view shows."""
    if view_type not in _STAGES:
        raise InvalidValueError(
            f"there is no view type {view_type!r}", hint="use ViewType.ACTIVE_ONLY, DELETED_ONLY or ALL"
        )
    return _STAGES[ViewType(view_type)]


@overload
def search_runs(
    experiment_ids: Sequence[str] | None = ...,
    filter_string: str = ...,
    run_view_type: ViewType | int = ...,
    max_results: int = ...,
    order_by: Sequence[str] | None = ...,
    output_format: Literal["pandas"] = ...,
    search_all_experiments: bool = ...,
    experiment_names: Sequence[str] | None = ...,
) -> DataFrame: ...


@overload
def search_runs(
    experiment_ids: Sequence[str] | None = ...,
    filter_string: str = ...,
    run_view_type: ViewType | int = ...,
    max_results: int = ...,
    order_by: Sequence[str] | None = ...,
    *,
    output_format: Literal["list"],
    search_all_experiments: bool = ...,
    experiment_names: Sequence[str] | None = ...,
) -> list[Run]: ...


def search_runs(
    experiment_ids: Sequence[str] | None = None,
    filter_string: str = "",
    run_view_type: ViewType | int = ViewType.ACTIVE_ONLY,
    max_results: int = MAX_RESULTS,
    order_by: Sequence[str] | None = None,
    output_format: Literal["pandas", "list"] = "pandas",
    search_all_experiments: bool = False,
    experiment_names: Sequence[str] | None = None,
) -> DataFrame | list[Run]:
    """The runs of some experiments, newest first; without ids or names, of the experiment that runs go to now.

    Args:
        experiment_ids: Where to search.
        filter_string: Which runs, such as ``metrics.acc > 0.9 AND params.model = 'tree'``. All that MLflow understands,
            and more: see the README.
        run_view_type: Active runs, deleted runs, or both.
        max_results: At most this many runs.
        order_by: Such as ``["metrics.acc DESC", "params.model"]``; then newest first.
        output_format: ``pandas`` for a DataFrame (columns run_id, experiment_id, status, artifact_uri, start_time,
            end_time, then ``metrics.*``, ``params.*`` and ``tags.*``, each by name), ``list`` for Run objects.
        search_all_experiments: Search all active experiments where neither ids nor names are given.
        experiment_names: Where to search, instead of ids; names that do not exist are left out, with a warning.

    Raises:
        FilterError: The filter or the order cannot be read; the error shows where.
        InvalidValueError: Another argument cannot be accepted.
    """
    if output_format not in ("pandas", "list"):
        raise InvalidValueError(f"output_format must be 'pandas' or 'list', not {output_format!r}")
    ids = find_ids(experiment_ids, experiment_names, search_all=search_all_experiments)
    query, store = read_query(ids, filter_string, run_view_type, max_results, order_by), session.current_store()
    if output_format == "list":
        return list(read_runs(store, query))
    return read_frame(store, replace(query, with_points=False))


def read_query(
    experiment_ids: tuple[str, ...],
    filter_string: str,
    run_view_type: ViewType | int,
    max_results: int,
    order_by: Sequence[str] | str | None,
) -> RunQuery:
    """What ``search_runs`` was asked for, in experiments that were found already. Raises FilterError."""
    return RunQuery(
        experiment_ids,
        stages_of(run_view_type),
        max_results,
        filter=parse_filter(filter_string),
        order_by=parse_order([order_by] if isinstance(order_by, str) else order_by),
    )


def find_ids(experiment_ids: Sequence[str] | None, names: Sequence[str] | None, *, search_all: bool) -> tuple[str, ...]:
    """The experiments that were named, else all active ones or the one that runs go to now."""
    if experiment_ids and names:
        raise InvalidValueError("search_runs takes experiment_ids or experiment_names, and not both")
    if experiment_ids:
        return tuple(str(experiment_id) for experiment_id in experiment_ids)
    if names:
        return tuple(found for name in names if (found := _find_id(name)))
    if search_all:
        return tuple(experiment.experiment_id for experiment in session.current_store().list_experiments())
    active = session.active_experiment(create=False).experiment_id
    return (active,) if active else ()


def _find_id(name: str) -> str | None:
    found = session.current_store().find_experiment(name)
    if found is None:
        say(f"there is no experiment {name!r}, so it was left out of the search")
    return found.experiment_id if found else None
