"""The experiment that belongs to a notebook: found again after restarts, renames and moves, made at the first run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trackside.errors import InvalidValueError
from trackside.notebook import session as notebook_session
from trackside.notebook.identity import is_copy_of
from trackside.stores.records import ExperimentWanted
from trackside.tracking import tag_names
from trackside.tracking.place import Place, find_place

if TYPE_CHECKING:
    from trackside.entities import Experiment
    from trackside.notebook.session import NotebookSession
    from trackside.stores.base import Store

MAX_NAME = 250
MAX_SAME_NAMES = 1000


@dataclass(frozen=True, slots=True)
class Notebook:
    """The notebook that this kernel runs."""

    session: NotebookSession
    place: Place


def find_notebook() -> Notebook | None:
    """The notebook of this process; None outside notebooks and where nothing tells the notebook's path."""
    session = notebook_session.current()
    if session is None or session.path is None:
        return None
    return Notebook(session, find_place(session.path, session.display_path))


def find_experiment(store: Store, notebook: Notebook) -> Experiment | None:
    """The notebook's experiment, or None where its first run has yet to make it. Writes nothing.

    It is found by the notebook's id, else by its location where either side has no id.
    """
    own_id = notebook.session.notebook_id
    found = _find_by_id(store, own_id)
    if found is not None and not _is_original_elsewhere(found, notebook):
        return found
    here = store.find_experiments_by_tag(tag_names.NOTEBOOK_PATH, notebook.place.location)
    if own_id is not None and found is None:
        here = tuple(experiment for experiment in here if tag_names.NOTEBOOK_ID not in experiment.tags)
    return here[0] if here else None


def require_experiment(store: Store, notebook: Notebook) -> Experiment:
    """The notebook's experiment, made where there is none.

    A notebook that was renamed or moved takes its experiment along. A copy of a notebook, with the original still in
    its place, gets an id and an experiment of its own. Kernels that get here at once end with the same experiment.
    """
    found = find_experiment(store, notebook)
    if found is None:
        return _create(store, notebook)
    _adopt(store, notebook, found)
    _follow_place(store, notebook, found)
    return store.get_experiment(found.experiment_id)


def wanted(notebook: Notebook) -> ExperimentWanted:
    """The notebook's experiment, in words that can be read when the store can be asked again."""
    own_id, place = notebook.session.notebook_id, notebook.place
    own = {tag_names.NOTEBOOK_ID: own_id} if own_id else {}
    found_by = (*own.items(), (tag_names.NOTEBOOK_PATH, place.location))
    tags = {**own, tag_names.EXPERIMENT_TYPE: "NOTEBOOK", **_place_tags(place)}
    return ExperimentWanted(name=place.title[-MAX_NAME:], found_by=found_by, tags=tags)


def require_id(store: Store, notebook: Notebook) -> None:
    """See that a notebook whose front end can keep an id has one, also where its runs go to another experiment."""
    if notebook.session.notebook_id is None and notebook.session.is_live:
        found = find_experiment(store, notebook)
        known = found.tags.get(tag_names.NOTEBOOK_ID) if found else None
        if known:
            notebook.session.adopt_id(known)
        else:
            notebook.session.assign_id()


def _find_by_id(store: Store, notebook_id: str | None) -> Experiment | None:
    if notebook_id is None:
        return None
    found = store.find_experiments_by_tag(tag_names.NOTEBOOK_ID, notebook_id)
    return found[0] if found else None


def _is_original_elsewhere(experiment: Experiment, notebook: Notebook) -> bool:
    """Whether the experiment belongs to another file, of which this notebook is a copy."""
    location = experiment.tags.get(tag_names.NOTEBOOK_PATH, "")
    if location in ("", notebook.place.location):
        return False
    original = notebook.place.find_path(location)
    own_id = notebook.session.notebook_id
    return original is not None and own_id is not None and is_copy_of(original, notebook.place.path, own_id)


def _create(store: Store, notebook: Notebook) -> Experiment:
    known_id = notebook.session.notebook_id
    is_copy = _find_by_id(store, known_id) is not None
    notebook_id = notebook.session.assign_id(replace=is_copy)
    tags = {tag_names.NOTEBOOK_ID: notebook_id, tag_names.EXPERIMENT_TYPE: "NOTEBOOK", **_place_tags(notebook.place)}
    for name in _names(notebook.place.title):
        made = _try_create(store, name, tags) or _find_rival(store, notebook, is_new_id=notebook_id != known_id)
        if made is not None:
            _adopt(store, notebook, made)
            return made
    raise InvalidValueError(
        f"{store.uri} has {MAX_SAME_NAMES} experiments named like {notebook.place.title!r}",
        hint="choose an experiment with set_experiment",
    )


def _find_rival(store: Store, notebook: Notebook, *, is_new_id: bool) -> Experiment | None:
    """The experiment that another kernel of the same notebook made at the same moment, or None."""
    here = store.find_experiments_by_tag(tag_names.NOTEBOOK_PATH, notebook.place.location)
    own_id = notebook.session.notebook_id
    return next((found for found in here if is_new_id or found.tags.get(tag_names.NOTEBOOK_ID) == own_id), None)


def _try_create(store: Store, name: str, tags: Mapping[str, str]) -> Experiment | None:
    """The new experiment, or None where the name is taken."""
    try:
        return store.get_experiment(store.create_experiment(name, tags=tags))
    except InvalidValueError:
        if store.find_experiment(name) is None:
            raise
        return None


def _adopt(store: Store, notebook: Notebook, experiment: Experiment) -> None:
    """Make notebook and experiment carry the same id; where both have one, the experiment's wins."""
    known = experiment.tags.get(tag_names.NOTEBOOK_ID)
    if known is None:
        notebook_id = notebook.session.assign_id()
        store.set_experiment_tag(experiment.experiment_id, tag_names.NOTEBOOK_ID, notebook_id)
    elif known != notebook.session.notebook_id:
        notebook.session.adopt_id(known)


def _follow_place(store: Store, notebook: Notebook, experiment: Experiment) -> None:
    """After a move, note the new place; the name goes along where nobody chose another."""
    if experiment.tags.get(tag_names.NOTEBOOK_PATH) == notebook.place.location:
        return
    for key, value in _place_tags(notebook.place).items():
        store.set_experiment_tag(experiment.experiment_id, key, value)
    if _is_generated(experiment.name, experiment.tags.get(tag_names.EXPERIMENT_SOURCE_NAME, "")):
        _rename(store, experiment, notebook.place.title)


def _rename(store: Store, experiment: Experiment, title: str) -> None:
    free = next((name for name in _names(title) if store.find_experiment(name) is None), title)
    store.rename_experiment(experiment.experiment_id, free)


def _is_generated(name: str, title: str) -> bool:
    return bool(title) and re.fullmatch(rf"{re.escape(title[-MAX_NAME:])}( \(\d+\))?", name) is not None


def _names(title: str) -> Iterator[str]:
    """The title, then the title with a number, while the name is taken."""
    base = title[-MAX_NAME:]
    yield base
    yield from (f"{base} ({number})" for number in range(2, MAX_SAME_NAMES))


def _place_tags(place: Place) -> dict[str, str]:
    return {tag_names.NOTEBOOK_PATH: place.location, tag_names.EXPERIMENT_SOURCE_NAME: place.title}
