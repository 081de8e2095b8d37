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
"""How many times as long as it took an answer of the store is believed while its cell goes on: tens of seconds for a
far server. (What ``mlflow.set_experiment`` found, MLflow believes for ever.)"""
SHORTEST_TRUST_S = 3.0
LONGEST_TRUST_S = 60.0
SAME_STORE_S = 5.0
"""How long MLflow's own answer where its store is holds, as long as what it depends on is the same: by default it looks
through the folder ``mlruns`` for that."""


@dataclass(frozen=True, slots=True)
class _Known:
    """An experiment that the store had.

    Attributes:
        whose: The notebook, and what the tracking URI depended on.
        executed: How many cells were executed when the store was asked.
        until: As long as these are the same, and until this time, it is believed that the experiment is still there.
        same_store_until: Until this time it is believed that MLflow still uses this store.
    """

    whose: tuple[str, str, str | None]
    store: Store
    experiment_id: str
    executed: int
    until: float
    same_store_until: float


_lock = threading.RLock()
_known: _Known | None = None


def require_id(session: NotebookSession) -> str:
    """The id of the notebook's experiment, made where there is none.

    Returns:
        An empty text where the notebook is unknown, and where Trackside has no store like MLflow's.
    """
    notebook = context.notebook(session)
    if notebook is None:
        return ""
    with _lock:
        known = _known if _known is not None and _known.whose == _whose(notebook) else None
        if known is not None and known.executed == session.executed and time.monotonic() < known.until:
            return known.experiment_id
        is_same = known is not None and time.monotonic() < known.same_store_until
        store = known.store if known is not None and is_same else mlflow_loaded.find_store()
        if store is None:
            return ""
        if known is not None and known.store is store and _confirm(known, session.executed, is_same=is_same):
            return known.experiment_id
        return _require(store, notebook)


def _confirm(known: _Known, executed: int, *, is_same: bool) -> bool:
    """Whether the store still has the experiment, in use. Without ``is_same``, MLflow just said where its store is."""
    global _known
    asked = time.monotonic()
    try:
        experiment = known.store.get_experiment(known.experiment_id)
    except ExperimentNotFoundError:
        return False
    answered = time.monotonic()
    trusted = answered + min(max(SHORTEST_TRUST_S, TRUST * (answered - asked)), LONGEST_TRUST_S)
    same_store_until = known.same_store_until if is_same else answered + SAME_STORE_S
    _known = replace(known, executed=executed, until=trusted, same_store_until=same_store_until)
    return experiment.lifecycle_stage is LifecycleStage.ACTIVE


def _require(store: Store, notebook: Notebook) -> str:
    global _known
    experiment_id = notebook_experiment.require_experiment(store, notebook).experiment_id
    context.forget()
    now = time.monotonic()
    _known = _Known(_whose(notebook), store, experiment_id, notebook.session.executed, until=now, same_store_until=now)
    return experiment_id


def _whose(notebook: Notebook) -> tuple[str, str, str | None]:
    return mlflow_loaded.whereabouts(), notebook.place.location, notebook.session.notebook_id
