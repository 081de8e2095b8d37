"""What MLflow loads when it is imported: in a notebook, plain ``mlflow`` code gets what Trackside knows of it.

These are two of the plugins that MLflow asks for. It creates them without arguments, so they need no base class and
``mlflow`` is never imported here. An exception while it loads or creates them would break ``import mlflow``: so this
module imports nothing but a bit of the standard library, and creating a plugin does nothing. What a plugin is asked
later is answered by other modules. Where these fail, the plugin says so once and answers as if it were not there.

Outside notebooks all of it is inert and loads nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from trackside.notebook.session import NotebookSession

__all__ = ["NotebookContext", "NotebookExperiment"]

Answer = TypeVar("Answer")

MLFLOW_DEFAULT_ID = "0"

_reported: set[str] = set()


class NotebookExperiment:
    """``mlflow.default_experiment_provider``: runs go to the notebook's experiment where no other was chosen."""

    def in_context(self) -> bool:
        """Whether this process runs a notebook that is known, in a store that Trackside can use."""
        return _find_experiment() != ""

    def get_experiment_id(self) -> str:
        """The id of the notebook's experiment, which is made where there is none."""
        return _find_experiment() or MLFLOW_DEFAULT_ID


class NotebookContext:
    """``mlflow.run_context_provider``: each new run says which notebook, which kernel and which commit it is from."""

    def in_context(self) -> bool:
        """Whether this process runs a notebook."""
        return _find_session() is not None

    def tags(self) -> dict[str, str]:
        """The tags of a run that is about to be created. Asked several times a run; takes microseconds."""
        session = _find_session()
        if session is None:
            return {}
        _ask("watching for runs of MLflow", lambda: _expect_run(session), default=None)
        return _ask("describing the notebook", lambda: _describe(session), default={})


def _find_session() -> NotebookSession | None:
    """The notebook session of this process, if the module that has one was loaded at all."""
    module = sys.modules.get("trackside.notebook.session")
    return _ask("finding the notebook", lambda: module.current() if module is not None else None, default=None)


def _find_experiment() -> str:
    """The id of the notebook's experiment, or an empty text where there can be none."""
    session = _find_session()
    if session is None:
        return ""
    return _ask("choosing the notebook's experiment", lambda: _require_experiment(session), default="")


def _require_experiment(session: NotebookSession) -> str:
    from trackside.mlflow_plugin import experiment

    return experiment.require_id(session)


def _describe(session: NotebookSession) -> dict[str, str]:
    from trackside.mlflow_plugin import context

    return context.tags(session)


def _expect_run(session: NotebookSession) -> None:
    from trackside.mlflow_plugin import following

    following.expect_run(session)


def _ask(what: str, question: Callable[[], Answer], *, default: Answer) -> Answer:
    """The answer, or the default where Trackside fails: the user's call of MLflow goes on in any case."""
    try:
        return question()
    except Exception as error:  # noqa: BLE001 - see above
        _report(what, error)
        return default


def _report(what: str, error: Exception) -> None:
    """One line on standard error, once for each thing that fails."""
    if what not in _reported:
        _reported.add(what)
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        with suppress(OSError, ValueError, AttributeError):  # no usable standard error
            sys.stderr.write(f"Trackside: {what} failed, MLflow goes on without it: {reason}\n")
