"""The runs of MLflow that belong to this kernel, and what is stored with each of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from trackside.entities import RunStatus, Tag
from trackside.mlflow_plugin import context
from trackside.stores.base import RunQuery
from trackside.tracking import capture, mlflow_loaded, notebook_experiment, source, tag_names
from trackside.tracking.outcome import Outcome

if TYPE_CHECKING:
    from trackside.entities import Run
    from trackside.notebook.session import Execution, NotebookSession
    from trackside.stores.base import Store

PAGE_SIZE = 50
SLACK_MS = 1000
"""How far a search reaches back behind the time from which runs are wanted."""
ERROR_SPAN_MS = 5000
"""How long after a run failed its cell may fail of the same error: printing a traceback takes a while."""


class FollowedRuns:
    """Finds runs and stores what belongs to them. Used by one thread.

    Args:
        session: The notebook whose runs are followed.
        rest: Called after each piece of work with the seconds that it took.
    """

    def __init__(self, session: NotebookSession, rest: Callable[[float], None]) -> None:
        self._session = session
        self._rest = rest
        self._open: dict[str, _Followed] = {}

    @property
    def is_empty(self) -> bool:
        """Whether no run is waiting for the end of its cell, or for its own."""
        return not self._open

    def look(self, uri: str, executed: int, since_ms: int, until_ms: int) -> None:
        """Follow this kernel's runs that started in a span of time, and store all that belongs to new ones.

        Args:
            uri: Where to look; nothing happens where Trackside has no store of that kind.
            executed: The mark of ``NotebookSession.executed`` up to which the revision goes.
            since_ms: Runs that started earlier are left out, but for children of runs that go on: autologging gives
                them the start of their parent.
            until_ms: Runs that started later belong to a later cell.
        """
        store = mlflow_loaded.find_store(uri)
        if store is None:
            return
        started = time.perf_counter()
        running_since = (run.started_ms for run in self._open.values() if run.is_running)
        found = list(_runs_since(store, min((since_ms, *running_since)) - SLACK_MS))
        self._rest(time.perf_counter() - started)
        for run in found:
            followed = self._open.get(run.info.run_id)
            if followed is not None:
                followed.run = run
            elif self._is_of_kernel(run) and (run.info.start_time or 0) <= until_ms:
                self._follow(store, run, executed)

    def adopt(self, uri: str, run_id: str, executed: int) -> None:
        """Follow a run that the user's code continues, if nothing else is known of where it comes from."""
        store = mlflow_loaded.find_store(uri)
        if store is not None and run_id not in self._open and not capture.is_captured(run_id):
            run = store.get_run(run_id)
            if not {tag_names.SOURCE_NAME, tag_names.REVISION_SHA256} & set(run.data.tags):
                self._follow(store, run, executed)

    def close_cell(self, execution: Execution, executed: int) -> None:
        """After a cell: store what has changed, note the error that ended a run, let go of runs that have ended."""
        latest = max((run.started_ms for run in self._open.values()), default=0)
        for run_id, followed in tuple(self._open.items()):
            started = time.perf_counter()
            followed.renew(executed)
            if followed.ended_ms is not None and followed.ended_ms <= (execution.ended_ms or 0):
                if latest <= followed.ended_ms:
                    followed.blame(execution)
                del self._open[run_id]
            self._rest(time.perf_counter() - started)

    def _is_of_kernel(self, run: Run) -> bool:
        return run.data.tags.get(tag_names.KERNEL_ID) == self._session.kernel_id

    def _follow(self, store: Store, run: Run, executed: int) -> None:
        if not capture.is_captured(run.info.run_id):
            started = time.perf_counter()
            followed = self._open[run.info.run_id] = _Followed(self._session, store, run)
            followed.store_all(executed)
            self._rest(time.perf_counter() - started)


class _Followed:
    """One run. ``run`` is as the store had it last."""

    def __init__(self, session: NotebookSession, store: Store, run: Run) -> None:
        self.run = run
        self._session = session
        self._store = store
        self._capture = capture.Capture(
            store, run.info.run_id, session=session, source_path=session.path, given=_given_by_user(run)
        )

    @property
    def is_running(self) -> bool:
        return not self.run.info.status.is_final

    @property
    def started_ms(self) -> int:
        return self.run.info.start_time or 0

    @property
    def ended_ms(self) -> int | None:
        """When the run ended; it may go on after the cell that is looked at, and end before it is looked at."""
        return None if self.is_running else self.run.info.end_time or 0

    def store_all(self, executed: int) -> None:
        self._identify()
        self._capture.store_all(executed)

    def renew(self, executed: int) -> None:
        if self.is_running:
            self.run = self._store.get_run(self.run.info.run_id)
        self._capture.store_revision(executed)

    def blame(self, execution: Execution) -> None:
        """Note the cell's error, if the run failed of it: within the cell, and just before the cell did."""
        error, failed_ms = execution.error, self.ended_ms or 0
        begun, ended = execution.started_ms or 0, execution.ended_ms or 0
        is_cause = begun <= failed_ms and ended - failed_ms <= ERROR_SPAN_MS
        if error is not None and is_cause and self.run.info.status is RunStatus.FAILED:
            self._add_missing(Outcome(RunStatus.FAILED, error.type, error.message).tags())

    def _identify(self) -> None:
        """Give the notebook its id where the run went to another experiment, and the run what it was not told."""
        notebook = context.notebook(self._session)
        if notebook is not None:
            notebook_experiment.require_id(self._store, notebook)
        self._add_missing([Tag(key, value) for key, value in source.notebook_tags(self._session).items()])

    def _add_missing(self, tags: list[Tag]) -> None:
        missing = [tag for tag in tags if tag.key not in self.run.data.tags]
        if missing:
            self._store.log_batch(self.run.info.run_id, tags=missing)


def _given_by_user(run: Run) -> dict[str, str]:
    """The git tags that the user's code set; others are MLflow's guesses, which look at the kernel's own program."""
    commit = run.data.tags.get(tag_names.GIT_COMMIT)
    if commit is None or context.was_told(commit):
        return {}
    names = (tag_names.GIT_COMMIT, tag_names.GIT_BRANCH, tag_names.GIT_REMOTE)
    return {key: value for key, value in run.data.tags.items() if key in names}


def _runs_since(store: Store, since_ms: int) -> Iterator[Run]:
    """The runs of all experiments that started since a time, newest first."""
    experiment_ids = tuple(experiment.experiment_id for experiment in store.list_experiments())
    token: str | None = None
    while True:
        page = store.search_runs(RunQuery(experiment_ids, max_results=PAGE_SIZE, page_token=token))
        for run in page:
            if (run.info.start_time or 0) < since_ms:
                return
            yield run
        token = page.token
        if token is None:
            return
