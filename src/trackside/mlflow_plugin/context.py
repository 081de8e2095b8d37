"""What a run of MLflow is told about the notebook that starts it."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trackside.errors import InvalidValueError
from trackside.notebook.git_head import read_head
from trackside.tracking import mlflow_loaded, source, tag_names
from trackside.tracking.notebook_experiment import Notebook
from trackside.tracking.place import find_place

if TYPE_CHECKING:
    from trackside.notebook.session import NotebookSession

LIFE_S = 0.5
"""How long runs that start close together share one look at the notebook."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What was known of a notebook at a time."""

    session: NotebookSession
    notebook: Notebook | None
    tags: dict[str, str]
    until: float


_last: _Look | None = None
_told_commits: set[str] = set()


def tags(session: NotebookSession) -> dict[str, str]:
    """Notebook, kernel and commit, as tags. The user and what ``MLFLOW_RUN_CONTEXT`` says are left to MLflow."""
    told = _keys_told()
    known = {**_look(session).tags, **_parent_tags()}
    return {key: value for key, value in known.items() if key not in told}


def notebook(session: NotebookSession) -> Notebook | None:
    """The notebook of this kernel; None where nothing tells its path."""
    return _look(session).notebook


def forget() -> None:
    """Look anew at the next call: the notebook was given an id."""
    global _last
    _last = None


def was_told(commit: str) -> bool:
    """Whether this commit was among the tags given here; else the user's code set another."""
    return commit in _told_commits


def _look(session: NotebookSession) -> _Look:
    global _last
    last = _last
    if last is not None and last.session is session and time.monotonic() < last.until:
        return last
    path = session.path
    found = Notebook(session, find_place(path, session.display_path)) if path is not None else None
    all_tags = {**source.notebook_tags(session, found.place if found else None), **_git_tags(found)}
    _last = look = _Look(session, found, all_tags, time.monotonic() + LIFE_S)
    return look


def _parent_tags() -> dict[str, str]:
    """The active run of Trackside as the parent, where it is not known to MLflow, which would make it the parent."""
    runs = sys.modules.get("trackside.tracking.run")
    around = runs.stacks.current() if runs is not None else None
    if around is None or mlflow_loaded.innermost() is not None or mlflow_loaded.find_store() is not around.store:
        return {}
    return {tag_names.PARENT_RUN_ID: around.info.run_id}


def _keys_told() -> Collection[str]:
    try:
        return source.context_tags().keys()
    except InvalidValueError:  # MLflow reads the variable too, and complains
        return ()


def _git_tags(found: Notebook | None) -> dict[str, str]:
    repository = found.place.repository if found else None
    head = read_head(repository) if repository else None
    if head is None:
        return {}
    _told_commits.add(head.commit)
    branch = {tag_names.GIT_BRANCH: head.branch} if head.branch else {}
    return {tag_names.GIT_COMMIT: head.commit, **branch}
