"""MLflow, as far as this process has loaded it; where it has not, nothing happens here.

A run of Trackside is made active in MLflow too. Then ``mlflow.log_metric`` and autologging log to it, and
``mlflow.start_run(nested=True)`` nests in it. MLflow has no hook for that, and its only published way,
``mlflow.start_run(run_id=...)``, reads and writes its store, which it first migrates. So the run is added to the list
in which MLflow keeps the active runs of a thread. Nothing of MLflow's is replaced. Where a version of MLflow keeps
such a list elsewhere, runs are not shared, and those of MLflow become children of Trackside's.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trackside import settings
from trackside.errors import InvalidValueError, UnknownStoreError
from trackside.stores.uri import OLD_FOLDER, open_store, resolve_tracking_uri
from trackside.tracking.notices import say_once

if TYPE_CHECKING:
    from trackside.entities import Run
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
    return str(_ask("get_tracking_uri") or "")


def whereabouts() -> str:
    """What the tracking URI depends on, known in microseconds; the same as long as the URI is.

    MLflow exports what it is told as ``MLFLOW_TRACKING_URI``; its default depends on the working directory, and on
    whether a folder ``mlruns`` there has experiments, each of which is a folder in it.
    """
    return settings.TRACKING_URI.read() or f"{os.getcwd()}:{_changed_ns(OLD_FOLDER)}"  # noqa: PTH109 - Path is slow


def _changed_ns(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116 - likewise
    except OSError:
        return 0


def find_store(uri: str | None = None) -> Store | None:
    """The store that MLflow writes to now, or has at this URI; None where Trackside has no store of that kind."""
    uri = tracking_uri() if uri is None else uri
    try:
        return open_store(uri) if uri else None
    except (UnknownStoreError, InvalidValueError):
        return None


def follow_tracking_uri(uri: str | None) -> None:
    """Make MLflow use the store that Trackside was told, where MLflow was told another before."""
    if tracking_uri() not in ("", resolve_tracking_uri(uri)):
        _ask("set_tracking_uri", uri)


def follow_experiment(experiment_id: str) -> None:
    """Make MLflow use the experiment that Trackside was told, where MLflow was told another before."""
    if _find("mlflow.tracking.fluent", "_active_experiment_id") not in (None, experiment_id):
        _ask("set_experiment", None, experiment_id)


def innermost() -> MlflowRun | None:
    """The run that MLflow logs to on the calling thread, or None."""
    return _ask("active_run")


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


def share(run: Run, store: Store) -> None:
    """Make a run that the calling thread has started active in MLflow, if MLflow uses the same store. Never raises."""
    if "mlflow" in sys.modules and not is_shared(run.info.run_id):
        try:
            _share(run, store)
        except Exception as error:  # noqa: BLE001 - the run goes on, known to Trackside alone
            _report(error)


def withdraw(run_id: str) -> bool:
    """Take a run out of MLflow's active runs. Returns false if MLflow had ended it already."""
    ended = was_ended(run_id)
    shared = _shared.pop(run_id, None)
    if shared is not None:
        shared.withdraw()
    return not ended


def _share(run: Run, store: Store) -> None:
    stack = _find_stack()
    if stack is not None and find_store() is store:
        entry = _to_mlflow(run)
        stack.append(entry)
        _shared[run.info.run_id] = _Shared(stack, entry)


def _find_stack() -> list[MlflowRun] | None:
    """MLflow's list of the calling thread's active runs, the innermost last."""
    variable = _find("mlflow.tracking.fluent", "_active_run_stack")
    stack = variable.get() if hasattr(variable, "get") else variable
    return stack if isinstance(stack, list) else None


def _to_mlflow(run: Run) -> MlflowRun:
    entities, info = sys.modules["mlflow.entities"], run.info
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
    data = entities.RunData(tags=[entities.RunTag(key, value) for key, value in run.data.tags.items()])
    return sys.modules["mlflow"].ActiveRun(entities.Run(entities.RunInfo.from_dictionary(known), data))


def _ask(name: str, *arguments: Any) -> Any:
    """What a function of MLflow returns; None where MLflow is not loaded, and where it fails, which is said once."""
    function = _find("mlflow", name)
    if function is None:
        return None
    try:
        return function(*arguments)
    except Exception as error:  # noqa: BLE001 - a broken MLflow does not break what Trackside does beside it
        _report(error)
        return None


def _report(error: Exception) -> None:
    say_once(f"MLflow is loaded and does not answer, so it is left alone: {type(error).__name__}: {error}")


def _find(module: str, name: str) -> Any:
    """Something of a module; None where the module is not loaded, or not yet whole."""
    return getattr(sys.modules.get(module), name, None)
