"""The part of the API that people type that is about experiments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trackside.entities import NO_TEXT, Experiment
from trackside.errors import ExperimentNotFoundError, InvalidValueError
from trackside.search import parse_experiment_filter, parse_experiment_order
from trackside.stores.base import ExperimentQuery
from trackside.tracking import session
from trackside.tracking.searching import ViewType, stages_of


def create_experiment(name: str, artifact_location: str | None = None, tags: Mapping[str, Any] | None = None) -> str:
    """Make an experiment and return its id; runs go to it after ``set_experiment``.

    Args:
        name: A name that no other experiment has, deleted ones included.
        artifact_location: Folder or URI for the artifacts of its runs; the store chooses one where it is left out.
        tags: Tags of the experiment.
    """
    texts = {key: str(value) for key, value in tags.items()} if tags else NO_TEXT
    return session.current_store().create_experiment(name, artifact_location=artifact_location, tags=texts)


def get_experiment(experiment_id: str | int) -> Experiment:
    """The experiment with this id, active or deleted. Raises ExperimentNotFoundError."""
    return session.current_store().get_experiment(str(experiment_id))


def get_experiment_by_name(name: str) -> Experiment | None:
    """The experiment with exactly this name, active or deleted, or None."""
    return session.current_store().find_experiment(name)


def search_experiments(
    view_type: ViewType | int = ViewType.ACTIVE_ONLY,
    max_results: int | None = None,
    filter_string: str | None = None,
    order_by: Sequence[str] | None = None,
) -> list[Experiment]:
    """The experiments of the store, newest first.

    Args:
        view_type: Active experiments, deleted experiments, or both.
        max_results: At most this many; all unless given.
        filter_string: Which experiments, such as ``name LIKE 'wine%' AND tags.team = 'red'``, by ``name``,
            ``experiment_id``, ``creation_time``, ``last_update_time`` and tags. All that MLflow understands, and what
            filters of runs can besides: ``OR``, ``NOT``, parentheses, lists, dates and ages.
        order_by: Such as ``["name", "creation_time DESC"]``; what is equal is ordered by id, the largest first.

    Raises:
        FilterError: The filter or the order cannot be read; the error shows where.
        InvalidValueError: Another argument cannot be accepted.
    """
    if max_results is not None and max_results < 1:
        raise InvalidValueError(f"max_results must be at least 1, got {max_results!r}")
    query = ExperimentQuery(
        stages_of(view_type),
        max_results,
        filter=parse_experiment_filter(filter_string),
        order_by=parse_experiment_order([order_by] if isinstance(order_by, str) else order_by),
    )
    return list(session.current_store().search_experiments(query))


def notebook_experiment() -> Experiment:
    """The experiment of this notebook, made where it does not exist yet.

    It belongs to the notebook wherever that goes: found again after the kernel restarts, and after the notebook is
    renamed or moved. Runs go to it where no other experiment was chosen; ``set_experiment(experiment_id=...)`` with
    its id goes back to it.

    Raises:
        ExperimentNotFoundError: This process runs no notebook, or nothing tells which.
    """
    active = session.notebook_or_none(create=True)
    if active is None or active.experiment_id is None:
        raise ExperimentNotFoundError(
            "this process runs no notebook that is known, so there is no notebook experiment",
            hint="choose an experiment with set_experiment, or name the notebook in TRACKSIDE_NOTEBOOK",
        )
    return get_experiment(active.experiment_id)


def rename_experiment(experiment_id: str | int, new_name: str) -> None:
    """Give an experiment another name."""
    session.current_store().rename_experiment(str(experiment_id), new_name)


def delete_experiment(experiment_id: str | int) -> None:
    """Move an experiment and its runs to the trash."""
    session.current_store().delete_experiment(str(experiment_id))


def restore_experiment(experiment_id: str | int) -> None:
    """Bring an experiment and its runs back from the trash."""
    session.current_store().restore_experiment(str(experiment_id))


def set_experiment_tag(key: str, value: Any) -> None:
    """Set or change a tag of the experiment that runs go to now."""
    set_experiment_tags({key: value})


def set_experiment_tags(tags: Mapping[str, Any]) -> None:
    """Set or change several tags of the experiment that runs go to now."""
    experiment_id = _require_active_id()
    for key, value in tags.items():
        session.current_store().set_experiment_tag(experiment_id, key, str(value))


def delete_experiment_tag(key: str) -> None:
    """Remove a tag of the experiment that runs go to now."""
    session.current_store().delete_experiment_tag(_require_active_id(), key)


def _require_active_id() -> str:
    return str(session.active_experiment(create=True).experiment_id)
