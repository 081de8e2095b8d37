"""MLflow, as far as this process has loaded it; where it has not, nothing happens here.

A run of Trackside is made active in MLflow too. Then ``mlflow.log_metric`` and autologging log to it, and
``mlflow.start_run(nested=True)`` nests in it. MLflow has no hook for that, and its only published way,
``mlflow.start_run(run_id=...)``, reads and writes its store, which it first migrates. So the run is added to the list
in which MLflow keeps the active runs of a thread. Nothing of MLflow's is replaced. Where a version of MLflow keeps
such a list elsewhere, runs are not shared, and those of MLflow become children of Trackside's.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trackside.errors import UnknownStoreError
from trackside.stores.uri import open_store, resolve_tracking_uri
from trackside.tracking.notices import say_once

if TYPE_CHECKING:
    from trackside.entities import RunInfo
    from trackside.stores.base import Store

MlflowRun = Any
"""An ``mlflow.ActiveRun``."""


@dataclass(frozen=True, slots=True)
class _Shared:
    """A run of Trackside among MLflow's active runs of the thread that started it."""

    stack: list[MlflowRun]
    entry: MlflowRun

    @property
    def is_active(self) -> bool:
        return any(run is self.entry for run in self.stack)

    def withdraw(self) -> None:
        self.stack[:] = [run for run in self.stack if run is not self.entry]


_shared: dict[str, _Shared] = {}


def tracking_uri() -> str:
    """The URI that MLflow writes to now; an empty text where it is not loaded.

    The default where none was set is not the same in all versions of MLflow.
    """
    ask = _find("mlflow", "get_tracking_uri")
    return str(ask()) if ask is not None else ""


def find_store(uri: str | None = None) -> Store | None:
    """The store that MLflow writes to now, or has at this URI; None where Trackside has no store of that kind."""
    uri = tracking_uri() if uri is None else uri
    try:
        return open_store(uri) if uri else None
    except UnknownStoreError:
        return None


def follow_tracking_uri(uri: str | None) -> None:
    """Make MLflow use the store that Trackside was told, where MLflow was told another before."""
    change = _find("mlflow", "set_tracking_uri")
    if change is not None and tracking_uri() != resolve_tracking_uri(uri):
        change(uri)


def follow_experiment(experiment_id: str) -> None:
    """Make MLflow use the experiment that Trackside was told, where MLflow was told another before. Never raises."""
    chosen, change = _find("mlflow.tracking.fluent", "_active_experiment_id"), _find("mlflow", "set_experiment")
    if chosen not in (None, experiment_id) and change is not None:
        try:
            change(experiment_id=experiment_id)
        except Exception as error:  # noqa: BLE001 - MLflow's, and Trackside's own runs do not need it
            say_once(f"MLflow keeps its own experiment: {type(error).__name__}: {error}")


def innermost() -> MlflowRun | None:
    """The run that MLflow logs to on the calling thread, or None."""
    ask = _find("mlflow", "active_run")
    return ask() if ask is not None else None


def end_innermost(status: str) -> None:
    """End the run that MLflow logs to on the calling thread."""
    sys.modules["mlflow"].end_run(status)


def is_shared(run_id: str) -> bool:
    """Whether this run of Trackside was made active in MLflow, whether or not it still is."""
    return run_id in _shared


def was_ended(run_id: str) -> bool:
    """Whether a run that was shared is active in MLflow no more, because ``mlflow.end_run`` was called."""
    shared = _shared.get(run_id)
    return shared is not None and not shared.is_active


def share(info: RunInfo, store: Store) -> None:
    """Make a run that the calling thread has started active in MLflow, if MLflow uses the same store. Never raises."""
    if "mlflow" in sys.modules and not is_shared(info.run_id):
        try:
            _share(info, store)
        except Exception as error:  # noqa: BLE001 - the run goes on, known to Trackside alone
            say_once(f"the run could not be shared with MLflow: {type(error).__name__}: {error}")


def withdraw(run_id: str) -> bool:
    """Take a run out of MLflow's active runs. Returns false if MLflow had ended it already."""
    ended = was_ended(run_id)
    shared = _shared.pop(run_id, None)
    if shared is not None:
        shared.withdraw()
    return not ended


def _share(info: RunInfo, store: Store) -> None:
    stack = _find_stack()
    if stack is not None and find_store() is store:
        entry = _to_mlflow(info)
        stack.append(entry)
        _shared[info.run_id] = _Shared(stack, entry)


def _find_stack() -> list[MlflowRun] | None:
    """MLflow's list of the calling thread's active runs, the innermost last."""
    variable = _find("mlflow.tracking.fluent", "_active_run_stack")
    stack = variable.get() if hasattr(variable, "get") else variable
    return stack if isinstance(stack, list) else None


def _to_mlflow(info: RunInfo) -> MlflowRun:
    entities = sys.modules["mlflow.entities"]
    known = {
        "run_id": info.run_id,
        "run_uuid": info.run_id,  # its name before MLflow 3
        "run_name": info.run_name,
        "experiment_id": info.experiment_id,
        "user_id": info.user_id,
        "status": str(info.status),
        "start_time": info.start_time,
        "end_time": info.end_time,
        "lifecycle_stage": str(info.lifecycle_stage),
        "artifact_uri": info.artifact_uri,
    }
    run = entities.Run(entities.RunInfo.from_dictionary(known), entities.RunData())
    return sys.modules["mlflow"].ActiveRun(run)


def _find(module: str, name: str) -> Any:
    """Something of a module; None where the module is not loaded, or not yet whole."""
    return getattr(sys.modules.get(module), name, None)
