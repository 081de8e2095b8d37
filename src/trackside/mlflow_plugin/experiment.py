"""The experiment that MLflow's runs go to in a notebook where no other was chosen."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trackside.entities import LifecycleStage
from trackside.errors import ExperimentNotFoundError, TracksideError
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


@dataclass(frozen=True, slots=True)
class _Known:
    """An experiment that the store had.

    Attributes:
        notebook: Whose it is; another object as soon as anything about it has changed.
        whereabouts: What the tracking URI depended on.
        executed: How many cells were executed when the store was asked.
        until: As long as these are the same, and until this time, it is believed that the experiment is still there.
        token: What the store said before it was asked; as long as it says the same, the answer is still right.
    """

    notebook: Notebook
    whereabouts: str
    store: Store
    experiment_id: str
    executed: int
    until: float = 0.0
    token: object | None = None


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
        known, whereabouts = _known, mlflow_loaded.whereabouts()
        if known is not None and known.notebook is notebook and known.whereabouts == whereabouts and _is_there(known):
            return known.experiment_id
        store = mlflow_loaded.find_store()
        return _require(store, notebook, whereabouts) if store is not None else ""


def renew() -> None:
    """Ask a store that lies in a file once more if it has changed, in time for the next cell.

    Nothing is said where that fails: whoever starts a run asks again. Servers are only asked when a run starts.
    """
    with _lock, suppress(TracksideError):
        token = _known.store.near_token() if _known is not None else None
        if _known is not None and token not in (None, _known.token):
            _confirm(_known, token)


def _is_there(known: _Known) -> bool:
    """Whether the store still has the experiment, in use; it is asked where that may have changed."""
    global _known
    executed, now = known.notebook.session.executed, time.monotonic()
    if known.executed == executed and now < known.until:
        return True
    token = known.store.near_token()
    if token is None or token != known.token:
        return _confirm(known, token)
    _known = replace(known, executed=executed, until=now + SHORTEST_TRUST_S)
    return True


def _confirm(known: _Known, token: object | None) -> bool:
    """Ask the store, whose token was just this."""
    global _known
    executed, asked = known.notebook.session.executed, time.monotonic()
    try:
        experiment = known.store.get_experiment(known.experiment_id)
    except ExperimentNotFoundError:
        experiment = None
    if experiment is None or experiment.lifecycle_stage is not LifecycleStage.ACTIVE:
        _known = None
        return False
    answered = time.monotonic()
    until = answered + min(max(SHORTEST_TRUST_S, TRUST * (answered - asked)), LONGEST_TRUST_S)
    _known = replace(known, executed=executed, until=until, token=token)
    return True


def _require(store: Store, notebook: Notebook, whereabouts: str) -> str:
    global _known
    session = notebook.session
    experiment_id = notebook_experiment.require_experiment(store, notebook).experiment_id
    context.forget()
    now = context.notebook(session)
    _known = _Known(now, whereabouts, store, experiment_id, session.executed) if now is not None else None
    return experiment_id
