"""What a run of MLflow is told about the notebook that starts it."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from trackside.errors import InvalidValueError
from trackside.notebook.git_head import HeadReader
from trackside.tracking import mlflow_loaded, source, tag_names
from trackside.tracking.notebook_experiment import Notebook
from trackside.tracking.place import Place, find_repository

if TYPE_CHECKING:
    from trackside.notebook.session import NotebookSession

LIFE_S = 10.0
"""How long the runs of one cell share a look at the notebook."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What was known of a notebook at a time, while a cell ran.

    Attributes:
        seen: What the rest follows from; cells in which it is the same share the rest.
        is_followed: Whether runs go to a store in which a thread of ours finds them.
    """

    session: NotebookSession
    executed: int
    until: float
    seen: tuple[object, ...]
    notebook: Notebook | None
    tags: dict[str, str]
    is_followed: bool


_AT_ONCE = (tag_names.SOURCE_TYPE, tag_names.SOURCE_NAME, tag_names.KERNEL_ID)
"""MLflow has the first two in any case; by the third the run is found."""

_last: _Look | None = None
_head = HeadReader()
_told_commits: set[str] = set()


def tags(session: NotebookSession) -> dict[str, str]:
    """What a run is created with: which notebook and kernel, and what corrects guesses of MLflow.

    MLflow takes a tenth of a millisecond for each tag, on the user's time. So whatever else is known of the notebook is
    added by the thread that follows the run, a moment later; at once where runs go to a store that only MLflow knows.
    What ``MLFLOW_RUN_CONTEXT`` says is left to MLflow.
    """
    told = _keys_told()
    look = _look(session)
    known = {**look.tags, **_git_tags(look), **_parent_tags()}
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
    last, executed = _last, session.executed
    if last is not None and last.session is session and last.executed == executed and time.monotonic() < last.until:
        return last
    path, until = session.path, time.monotonic() + LIFE_S
    repository = find_repository(path) if path is not None else None
    seen = (session, path, repository, session.notebook_id, mlflow_loaded.whereabouts())
    if last is not None and last.seen == seen:
        _last = look = replace(last, executed=executed, until=until)
        return look
    found = Notebook(session, Place(path, repository, session.display_path)) if path is not None else None
    all_tags = source.notebook_tags(session, found.place if found else None)
    is_followed = mlflow_loaded.find_store() is not None
    given = {key: value for key, value in all_tags.items() if key in _AT_ONCE or not is_followed}
    _last = look = _Look(session, executed, until, seen, found, given, is_followed)
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


def _git_tags(look: _Look) -> dict[str, str]:
    """The notebook's commit, where MLflow takes that of the kernel's own program for it."""
    repository = look.notebook.place.repository if look.notebook else None
    head = _head.read(repository) if repository is not None and _is_program_in_repository() else None
    if head is None:
        return {}
    _told_commits.add(head.commit)
    branch = {tag_names.GIT_BRANCH: head.branch} if head.branch and not look.is_followed else {}
    return {tag_names.GIT_COMMIT: head.commit, **branch}


@cache
def _is_program_in_repository() -> bool:
    return find_repository(Path(sys.argv[0] if sys.argv else "").absolute()) is not None
