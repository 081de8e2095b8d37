"""The active run: Trackside's own, or that of MLflow in a process that uses both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside.entities import LifecycleStage, RunData, RunInfo, RunStatus
from trackside.stores.uri import open_store
from trackside.tracking import mlflow_loaded, session
from trackside.tracking.capture import Capture
from trackside.tracking.outcome import FINISHED, Outcome
from trackside.tracking.run import ActiveRun, stacks
from trackside.tracking.run import end as end_own

if TYPE_CHECKING:
    from trackside.tracking.mlflow_loaded import MlflowRun

_adopted: ActiveRun | None = None


def current() -> ActiveRun | None:
    """The run that the calling thread logs to, or None.

    That is the innermost run that it started, with Trackside or with MLflow, else the run of the only other thread
    that started one with Trackside.
    """
    return own() or stacks.current()


def own() -> ActiveRun | None:
    """The innermost active run that the calling thread started, with Trackside or with MLflow, or None."""
    ours = _own_of_trackside()
    theirs = mlflow_loaded.innermost()
    if theirs is None or (ours is not None and not _is_inside(theirs, ours)):
        return ours
    return _adopt(theirs)


def end(run: ActiveRun, outcome: Outcome) -> None:
    """End the innermost run of the calling thread, in the way in which it was started, when all of it is stored."""
    if run is _adopted:
        run.store.flush()
        mlflow_loaded.end_innermost(str(outcome.status))
    else:
        end_own(run, outcome)


def _own_of_trackside() -> ActiveRun | None:
    """The innermost run of Trackside, after those that ``mlflow.end_run`` has ended were let go."""
    runs = stacks.own()
    while runs and mlflow_loaded.was_ended(runs[-1].info.run_id):
        end_own(runs[-1], FINISHED)
    return runs[-1] if runs else None


def _is_inside(theirs: MlflowRun, ours: ActiveRun) -> bool:
    """Whether MLflow's innermost run was started inside Trackside's innermost run."""
    is_ours = any(run.info.run_id == theirs.info.run_id for run in stacks.own())
    return not is_ours and mlflow_loaded.is_shared(ours.info.run_id)


def _adopt(theirs: MlflowRun) -> ActiveRun:
    global _adopted
    known = _adopted
    if known is None or known.info.run_id != theirs.info.run_id:
        store = mlflow_loaded.find_store() or open_store(session.get_tracking_uri())
        info = _to_info(theirs)
        capture = Capture(store, info.run_id, session=None, source_path=None, given={})
        data = RunData(dict(theirs.data.metrics), dict(theirs.data.params), dict(theirs.data.tags))
        known = _adopted = ActiveRun(info, data, store=store, capture=capture, cell=None)
    return known


def _to_info(theirs: MlflowRun) -> RunInfo:
    info = theirs.info
    return RunInfo(
        run_id=info.run_id,
        experiment_id=info.experiment_id,
        run_name=info.run_name or "",
        user_id=info.user_id or "",
        status=RunStatus(info.status),
        start_time=info.start_time,
        end_time=info.end_time,
        artifact_uri=info.artifact_uri or "",
        lifecycle_stage=LifecycleStage(info.lifecycle_stage),
    )
