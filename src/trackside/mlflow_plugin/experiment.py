"""The experiment that MLflow's runs go to in a notebook where no other was chosen."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trackside.entities import LifecycleStage
from trackside.errors import ExperimentNotFoundError
from trackside.mlflow_plugin import context
from trackside.tracking import mlflow_loaded, notebook_experiment

if TYPE_CHECKING:
    from trackside.notebook.session import NotebookSession
    from trackside.stores.base import Store
    from trackside.tracking.notebook_experiment import Notebook

TRUST = 1000
"""An answer of the store is believed so many times as long as it took: tens of milliseconds for a file, tens of seconds
for a far server."""
LONGEST_TRUST_S = 60.0


@dataclass(frozen=True, slots=True)
class _Known:
    """An experiment that the store had, and until when that is believed without asking again."""

    key: tuple[str, str, str | None]
    experiment_id: str
    until: float


_lock = threading.RLock()
_known: _Known | None = None


def require_id(session: NotebookSession) -> str:
    """The id of the notebook's experiment, made where there is none.

    Returns:
        An empty text where the notebook is unknown, and where Trackside has no store like MLflow's.
    """
    notebook = context.notebook(session)
    store = mlflow_loaded.find_store() if notebook is not None else None
    if notebook is None or store is None:
        return ""
    with _lock:
        return _find_known(store, notebook) or _require(store, notebook)


def _find_known(store: Store, notebook: Notebook) -> str:
    """The id that was found before, if the store still has that experiment."""
    global _known
    known, now = _known, time.monotonic()
    if known is None or known.key != _key(store, notebook):
        return ""
    if now >= known.until:
        if not _is_active(store, known.experiment_id):
            return ""
        checked = time.monotonic()
        _known = replace(known, until=checked + min(TRUST * (checked - now), LONGEST_TRUST_S))
    return known.experiment_id


def _require(store: Store, notebook: Notebook) -> str:
    global _known
    experiment_id = notebook_experiment.require_experiment(store, notebook).experiment_id
    context.forget()
    _known = _Known(_key(store, notebook), experiment_id, until=time.monotonic())
    return experiment_id


def _key(store: Store, notebook: Notebook) -> tuple[str, str, str | None]:
    return (store.uri, notebook.place.location, notebook.session.notebook_id)


def _is_active(store: Store, experiment_id: str) -> bool:
    try:
        return store.get_experiment(experiment_id).lifecycle_stage is LifecycleStage.ACTIVE
    except ExperimentNotFoundError:
        return False
