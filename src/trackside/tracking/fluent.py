"""The API that people type: runs, and what is logged to them. Names and signatures are MLflow's."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trackside import settings
from trackside.entities import Run, RunStatus, Tag
from trackside.errors import InvalidValueError
from trackside.tracking import active, session, start, tag_names, values
from trackside.tracking.names import given_name
from trackside.tracking.outcome import Outcome
from trackside.tracking.run import ActiveRun, last_ended, stacks

if TYPE_CHECKING:
    from trackside.stores.base import Store


@dataclass(frozen=True, slots=True)
class Target:
    """The run that something is logged to."""

    store: Store
    run_id: str
    name: str


def require_target(run_id: str | None) -> Target:
    """The run with this id, else the active run, else one that is started now."""
    if run_id is not None:
        known = next((run for run in stacks.everything() if run.info.run_id == run_id), None)
        return Target(known.store if known else session.current_store(), run_id, run_id)
    run = active_run() or start_run()
    return Target(run.store, run.info.run_id, run.info.run_name)


def start_run(
    run_id: str | None = None,
    experiment_id: str | int | None = None,
    run_name: str | None = None,
    nested: bool = False,
    parent_run_id: str | None = None,
    tags: Mapping[str, Any] | None = None,
    description: str | None = None,
    log_system_metrics: bool | None = None,  # noqa: ARG001 - MLflow's; Trackside has none
) -> ActiveRun:
    """Start a run, or continue the run ``run_id``, and make it the active run of this thread.

    Use it in a ``with`` statement, which ends the run, or call ``end_run``. Notebook revision, git state and
    environment are captured in the background.

    Args:
        run_id: The run to continue; so does the environment variable ``MLFLOW_RUN_ID``, once.
        experiment_id: Where the run goes; without it, see ``set_experiment`` and ``notebook_experiment``.
        run_name: A readable one is generated where none is given.
        nested: Whether the run may start inside the active run, as a child of it.
        parent_run_id: The run of which this one becomes a child, active or not.
        tags: Tags of the run; they win over those that Trackside sets.
        description: The run's note, in Markdown.
        log_system_metrics: Ignored.

    Raises:
        RunActiveError: This thread has an active run, and the new one is not to be nested in it.
        RunNotFoundError: There is no run with the given id.
        LifecycleError: The run, its parent or the experiment is deleted.
    """
    if not nested:
        start.require_no_active_run()
    given = start.given_tags(tags, description)
    store = session.current_store()
    continued = run_id or os.environ.pop(settings.RUN_ID.name, None)
    if continued:
        return start.continue_run(store, continued, run_name, given)
    parent = start.find_parent(store, parent_run_id, nested=nested)
    given |= {tag_names.PARENT_RUN_ID: parent} if parent else {}
    return start.create_run(store, experiment_id, run_name, given)


def end_run(status: str | RunStatus = RunStatus.FINISHED) -> None:
    """End the active run of this thread; nothing happens where there is none. Returns when all is stored.

    Args:
        status: ``FINISHED``, ``FAILED`` or ``KILLED``.
    """
    try:
        outcome = Outcome(RunStatus(str(status)))
    except ValueError:
        outcome = Outcome(RunStatus.RUNNING)
    if not outcome.status.is_final:
        raise InvalidValueError(f"a run cannot end as {status!r}", hint="use FINISHED, FAILED or KILLED")
    run = active.own()
    if run is not None:
        os.environ.pop(settings.RUN_ID.name, None)
        active.end(run, outcome)


def active_run() -> ActiveRun | None:
    """The run that this thread logs to, or None. It may be one that ``mlflow.start_run`` started.

    A thread that started no run logs to the active run of the process, as long as only one thread has one.
    """
    return active.current()


def last_active_run() -> Run | None:
    """The active run, else the run that ended last in this process, else None."""
    run = active_run()
    ended = last_ended()
    return run or (ended.store.get_run(ended.info.run_id) if ended else None)


def get_run(run_id: str) -> Run:
    """The run with this id as the store has it now. Raises RunNotFoundError."""
    return session.current_store().get_run(run_id)


def get_parent_run(run_id: str) -> Run | None:
    """The run in which this one is nested, or None."""
    parent = get_run(run_id).data.tags.get(tag_names.PARENT_RUN_ID)
    return get_run(parent) if parent else None


def log_metric(
    key: str,
    value: Any,
    step: int | None = None,
    synchronous: bool | None = None,
    timestamp: int | None = None,
    run_id: str | None = None,
    model_id: str | None = None,
    dataset: object = None,
) -> None:
    """Log one point of a metric, to the active run unless ``run_id`` names another.

    Where no run is active, one is started, as in MLflow; so with everything that is logged.

    Args:
        key: The metric's name.
        value: A number: Python's, NumPy's, or one element of a tensor. NaN and infinities are fine.
        step: Where on the curve the point lies; without it the step is 0, so each call adds a point at step 0.
        synchronous: Accepted for MLflow's sake. When the call returns, the point outlives the process; see ``flush``.
        timestamp: In milliseconds; without it, now.
        run_id: The run to log to.
        model_id: Ignored.
        dataset: Ignored.

    Raises:
        InvalidValueError: The value is not a number, or the key is not acceptable.
    """
    log_metrics({key: value}, step, synchronous, run_id, timestamp, model_id, dataset)


def log_metrics(
    metrics: Mapping[str, Any],
    step: int | None = None,
    synchronous: bool | None = None,  # noqa: ARG001 - see log_metric
    run_id: str | None = None,
    timestamp: int | None = None,
    model_id: str | None = None,  # noqa: ARG001 - MLflow's
    dataset: object = None,  # noqa: ARG001 - MLflow's
) -> None:
    """Log one point of each of several metrics, all with the same step and time. See ``log_metric``."""
    target = require_target(run_id)
    points = values.to_metrics(metrics, step=step, timestamp=timestamp, run_name=target.name)
    target.store.log_batch(target.run_id, metrics=points)


def log_param(key: str, value: Any, synchronous: bool | None = None) -> Any:
    """Log a param to the active run, as ``str`` gives it, and return the value.

    Raises:
        ParamChangedError: The run has this param with another value.
    """
    log_params({key: value}, synchronous)
    return value


def log_params(params: Mapping[str, Any], synchronous: bool | None = None, run_id: str | None = None) -> None:  # noqa: ARG001
    """Log several params; all or, where one is refused, none of them. See ``log_param``."""
    target = require_target(run_id)
    target.store.log_batch(target.run_id, params=values.to_params(params))


def set_tag(key: str, value: Any, synchronous: bool | None = None) -> None:
    """Set or change a tag of the active run."""
    set_tags({key: value}, synchronous)


def set_tags(tags: Mapping[str, Any], synchronous: bool | None = None) -> None:  # noqa: ARG001 - see log_metric
    """Set or change several tags of the active run."""
    target = require_target(None)
    target.store.log_batch(target.run_id, tags=values.to_tags(tags))


def delete_tag(key: str) -> None:
    """Remove a tag of the active run. Raises NotFoundError where it has no such tag."""
    target = require_target(None)
    target.store.delete_tag(target.run_id, key)


def set_note(text: str, run_id: str | None = None) -> None:
    """Set the note of a run, in Markdown; without ``run_id``, of the active run."""
    target = require_target(run_id)
    target.store.log_batch(target.run_id, tags=[Tag(tag_names.NOTE, text)])


def rename_run(run_id: str, run_name: str) -> None:
    """Give a run another name."""
    session.current_store().update_run(run_id, run_name=given_name(run_name))


def flush() -> None:
    """Wait until the store has everything that was logged.

    ``end_run``, the end of the program and reading do that too. While a server cannot be used this returns after a
    bounded time, and says how much waits; see also ``%track``.
    """
    stores = [session.current_store(), *(run.store for run in stacks.everything())]
    for store in {id(store): store for store in stores}.values():
        store.flush()
