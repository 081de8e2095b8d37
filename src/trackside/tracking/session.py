"""The store and the experiment that this process works with now.

Both are followed through the environment variables that MLflow exports, so that ``mlflow`` and Trackside in one
process always mean the same store and the same experiment, whichever of them was told.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from trackside import settings
from trackside.entities import Experiment, LifecycleStage
from trackside.errors import ExperimentNotFoundError, InvalidValueError, LifecycleError
from trackside.stores.base import DEFAULT_EXPERIMENT_ID, Store
from trackside.stores.records import ExperimentWanted
from trackside.stores.uri import open_store, resolve_tracking_uri
from trackside.tracking import mlflow_loaded, notebook_experiment

DEFAULT_EXPERIMENT_NAME = "Default"


@dataclass(frozen=True, slots=True)
class ActiveExperiment:
    """The experiment that the next run goes to. ``experiment_id`` is None while the first run has not made it."""

    experiment_id: str | None
    name: str


@dataclass(frozen=True, slots=True)
class _Choice:
    """What ``set_experiment`` was last told, by Trackside or by MLflow."""

    store_uri: str
    experiment: ActiveExperiment


@dataclass(frozen=True, slots=True)
class _Told:
    """What was said of the experiment. ``is_choice`` is true of what ``set_experiment`` was told."""

    wanted: ExperimentWanted
    is_choice: bool


_lock = threading.RLock()
"""Held while an experiment is chosen or made, and not while one is only looked up: that may take long on a server."""
_choice: _Choice | None = None
_stand_in = threading.local()
_known_id = os.environ.get(settings.EXPERIMENT_ID.name)
"""The value of MLFLOW_EXPERIMENT_ID that is no news: the one at the start, then what ``set_experiment`` exported."""


def _renew_lock() -> None:
    """After a fork: another thread of the parent may have held the lock."""
    global _lock
    _lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


def set_tracking_uri(uri: str | Path | None) -> None:
    """Name the store that runs live in from now on, here and in processes started from here.

    The run that is active stays in its store. As in MLflow, the URI is exported as ``MLFLOW_TRACKING_URI``; None or an
    empty text goes back to the default. The store is opened when it is first needed, so a bad URI shows up there.
    """
    text = uri.absolute().resolve().as_uri() if isinstance(uri, Path) else uri
    if text:
        os.environ[settings.TRACKING_URI.name] = text
    else:
        os.environ.pop(settings.TRACKING_URI.name, None)
    mlflow_loaded.follow_tracking_uri(text or None)


def get_tracking_uri() -> str:
    """The URI of the store in use, resolved as MLflow resolves it; the default depends on the working directory."""
    return resolve_tracking_uri(None)


def current_store() -> Store:
    """The store in use. Raises UnknownStoreError where no store answers to the tracking URI."""
    stand_in: Store | None = getattr(_stand_in, "store", None)
    return stand_in or open_store(get_tracking_uri())


@contextmanager
def throwaway_store() -> Iterator[None]:
    """Let what this thread does go to a store that is thrown away, because the one in use cannot be written."""
    global _choice, _known_id
    before = _choice, _known_id, os.environ.get(settings.EXPERIMENT_ID.name)
    with TemporaryDirectory(prefix="trackside-", ignore_cleanup_errors=True) as folder:
        _stand_in.store = store = open_store(f"sqlite:///{(Path(folder) / 'mlflow.db').as_posix()}")
        try:
            yield
        finally:
            store.close()
            _stand_in.store = None
            _choice, _known_id, exported = before
            _export_experiment_id(exported)


def set_experiment(experiment_name: str | None = None, experiment_id: str | None = None) -> Experiment:
    """Make the experiment with this name or this id the one that runs go to; a name that is new makes one.

    The id is exported as ``MLFLOW_EXPERIMENT_ID``, as MLflow does, and holds until the next call. After the tracking
    URI changes, the experiment of the same name in the other store is meant.

    Raises:
        InvalidValueError: Neither or both were given.
        ExperimentNotFoundError: There is no experiment with this id.
        LifecycleError: The experiment is deleted.
    """
    if (experiment_name is None) == (experiment_id is None):
        raise InvalidValueError("set_experiment needs either experiment_name or experiment_id, and not both")
    with _lock:
        store = current_store()
        if experiment_name is None:
            experiment = store.get_experiment(str(experiment_id))
        else:
            experiment = _find_or_create(store, experiment_name)
        _require_active(experiment)
        _choose(store, experiment)
    mlflow_loaded.follow_experiment(experiment.experiment_id)
    return experiment


def forget_experiment() -> None:
    """Undo ``set_experiment``: runs go to the experiment that the environment names, else to the notebook's own."""
    global _choice, _known_id
    with _lock:
        _choice = _known_id = None
        _export_experiment_id(None)


def chosen_experiment_id() -> str | None:
    """The id of the experiment that ``set_experiment`` chose, or None where it was not called."""
    with _lock:
        told = _find_told()
        is_choice = told is not None and told.is_choice
        return _follow_told(current_store(), told, create=False).experiment_id if told and is_choice else None


def active_experiment(*, create: bool, store: Store | None = None) -> ActiveExperiment:
    """The experiment that the next run goes to.

    In this order: the one chosen with ``set_experiment`` (or ``mlflow.set_experiment``), ``MLFLOW_EXPERIMENT_NAME``,
    ``MLFLOW_EXPERIMENT_ID``, the experiment of this notebook, the experiment ``Default``.

    Args:
        create: Whether an experiment that does not exist yet is made. Without it nothing is written.
        store: Who is asked, the store in use unless given; ``as_it_is`` for whoever cannot wait.

    Raises:
        ExperimentNotFoundError: ``MLFLOW_EXPERIMENT_ID`` names none.
    """
    with _lock if create else nullcontext():
        store = store or current_store()
        told = _find_told()
        if told is None:
            return _notebook_or_default(store, create=create)
        named = _follow_told(store, told, create=create)
        notebook = notebook_experiment.find_notebook() if create else None
        if notebook is not None:
            notebook_experiment.require_id(store, notebook)
        return named


def wanted_experiment() -> ExperimentWanted:
    """The experiment that the next run goes to, in words that can be read when the store can be asked again."""
    told = _find_told()
    if told is not None:
        return told.wanted
    notebook = notebook_experiment.find_notebook()
    return notebook_experiment.wanted(notebook) if notebook else ExperimentWanted(DEFAULT_EXPERIMENT_ID)


def notebook_or_none(*, create: bool) -> ActiveExperiment | None:
    """The experiment of this notebook, whatever was chosen; None outside notebooks."""
    with _lock if create else nullcontext():
        return _notebook_experiment(current_store(), create=create)


def _find_told() -> _Told | None:
    """What was said of the experiment, in the order in which it counts; None where the notebook decides.

    A change of MLFLOW_EXPERIMENT_ID since the start is a choice that MLflow made.
    """
    exported = os.environ.get(settings.EXPERIMENT_ID.name)
    if exported and exported != _known_id:
        return _Told(ExperimentWanted(exported), is_choice=True)
    if _choice is not None:
        chosen, is_here = _choice.experiment, _choice.store_uri == current_store().uri
        return _Told(ExperimentWanted(chosen.experiment_id if is_here else None, chosen.name), is_choice=True)
    name, experiment_id = settings.EXPERIMENT_NAME.read(), settings.EXPERIMENT_ID.read()
    if name:
        return _Told(ExperimentWanted(name=name), is_choice=False)
    return _Told(ExperimentWanted(experiment_id), is_choice=False) if experiment_id else None


def _follow_told(store: Store, told: _Told, *, create: bool) -> ActiveExperiment:
    """The experiment that was said. A choice is kept, so that the store is asked once."""
    experiment_id, name = told.wanted.experiment_id, told.wanted.name
    if _choice is not None and (_choice.store_uri, _choice.experiment.experiment_id) == (store.uri, experiment_id):
        return _choice.experiment
    if experiment_id is not None:
        found: Experiment | None = _require_experiment(store, experiment_id)
    else:
        found = _find_or_create(store, name) if create else store.find_experiment(name)
    if found is None:
        return ActiveExperiment(None, name)
    return _choose(store, found) if told.is_choice else _as_active(found)


def _choose(store: Store, experiment: Experiment) -> ActiveExperiment:
    global _choice, _known_id
    _choice = _Choice(store.uri, _as_active(experiment))
    _known_id = experiment.experiment_id
    _export_experiment_id(experiment.experiment_id)
    return _choice.experiment


def _export_experiment_id(experiment_id: str | None) -> None:
    if experiment_id:
        os.environ[settings.EXPERIMENT_ID.name] = experiment_id
    else:
        os.environ.pop(settings.EXPERIMENT_ID.name, None)


def _require_experiment(store: Store, experiment_id: str) -> Experiment:
    try:
        return store.get_experiment(experiment_id)
    except ExperimentNotFoundError:
        if experiment_id == DEFAULT_EXPERIMENT_ID:
            return Experiment(DEFAULT_EXPERIMENT_ID, DEFAULT_EXPERIMENT_NAME, "")
        raise ExperimentNotFoundError(
            f"MLFLOW_EXPERIMENT_ID is {experiment_id!r}, and {store.uri} has no such experiment",
            hint="unset the variable, or choose an experiment with set_experiment",
        ) from None


def _notebook_or_default(store: Store, *, create: bool) -> ActiveExperiment:
    found = _notebook_experiment(store, create=create)
    return found or ActiveExperiment(DEFAULT_EXPERIMENT_ID, DEFAULT_EXPERIMENT_NAME)


def _notebook_experiment(store: Store, *, create: bool) -> ActiveExperiment | None:
    notebook = notebook_experiment.find_notebook()
    if notebook is None:
        return None
    if create:
        return _as_active(notebook_experiment.require_experiment(store, notebook))
    found = notebook_experiment.find_experiment(store, notebook)
    return _as_active(found) if found else ActiveExperiment(None, notebook.place.title)


def _find_or_create(store: Store, name: str) -> Experiment:
    """The experiment of this name; where two processes make it at once, both get the same."""
    found = store.find_experiment(name)
    if found is not None:
        return found
    try:
        return store.get_experiment(store.create_experiment(name))
    except InvalidValueError:
        found = store.find_experiment(name)
        if found is None:
            raise
        return found


def _require_active(experiment: Experiment) -> None:
    if experiment.lifecycle_stage is LifecycleStage.DELETED:
        raise LifecycleError(
            f"experiment {experiment.name!r} (id {experiment.experiment_id}) is deleted, so runs cannot go to it",
            hint="bring it back with restore_experiment, or choose another name",
        )


def _as_active(experiment: Experiment) -> ActiveExperiment:
    return ActiveExperiment(experiment.experiment_id, experiment.name)
