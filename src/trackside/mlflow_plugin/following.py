"""When to look for runs that MLflow has started, and when to store what stands behind them.

MLflow has no hook for a run that was created or has ended. It asks for tags shortly before it creates one
(``expect_run``), and IPython says when a cell has ended. After either, a thread looks in MLflow's store for runs that
carry this kernel's tag: those of ``start_run``, of autologging with its child runs, and of the user's threads. Their
revision, git state and environment are stored then; the revision again, if it has changed, at the end of each cell
until the run has ended.

Nothing of this runs on the user's thread but the taking of a note. While a cell runs, the thread rests fifty times as
long as it works, so that it takes two per cent of the interpreter and of the store; between cells it does not rest.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trackside import settings
from trackside.errors import TracksideError
from trackside.mlflow_plugin import experiment
from trackside.mlflow_plugin.followed import FollowedRuns
from trackside.tracking import mlflow_loaded
from trackside.tracking.notices import say_once
from trackside.tracking.values import now_ms

if TYPE_CHECKING:
    from trackside.notebook.session import Execution, NotebookSession

LOOKS_S = (0.3, 1.0, 3.0)
"""How long to wait, each time, before looking for announced runs while their cell goes on."""
OVERLAP_MS = 10_000
"""How far a look reaches back behind the one before it."""
QUIET_S = 0.4
"""How long after the last cell the notebook's experiment is asked for once more, in time for the next one."""
REST = 50
"""How many times as long as it worked the thread rests while a cell runs."""
LONGEST_REST_S = 5.0
EXIT_WAIT_S = 10.0
"""How long the end of the kernel waits for what is still to be stored."""


@dataclass(frozen=True, slots=True)
class _CellEnd:
    """The end of a cell.

    Attributes:
        executed: How much the notebook had executed then.
        expected: Where runs were announced in the cell, and when first.
        uri: Where MLflow wrote to at the end.
        active_id: The run of MLflow that was active on the user's thread, or an empty text.
    """

    execution: Execution
    executed: int
    expected: Mapping[str, int]
    uri: str
    active_id: str


class Follower:
    """The thread that follows the runs which MLflow starts in one kernel."""

    def __init__(self, session: NotebookSession) -> None:
        """Start the thread, and listen to the ends of cells."""
        self.session = session
        self._process_id = os.getpid()
        self._runs = FollowedRuns(session, self._rest)
        self._ends: deque[_CellEnd] = deque()
        self._expected: dict[str, int] = {}
        """What the environment said of the store when runs were announced, and when that was first."""
        self._looked: dict[str, int] = {}
        self._wake, self._ended, self._done = threading.Event(), threading.Event(), threading.Event()
        self._is_leaving = False
        threading.Thread(target=self._work, name="trackside-mlflow", daemon=True).start()
        session.on_cell_end(self._cell_ended)
        atexit.register(self._leave)

    def expect_run(self) -> None:
        """MLflow is about to create a run, or wants the tags for another reason; it does not say which."""
        if os.getpid() == self._process_id:
            self._expected.setdefault(settings.TRACKING_URI.read(), now_ms())
            self._wake.set()

    def _cell_ended(self, execution: Execution) -> None:
        active = mlflow_loaded.innermost()
        expected, self._expected = self._expected, {}
        if expected or active is not None or self._ends or not self._runs.is_empty:
            active_id = str(active.info.run_id) if active is not None else ""
            uri = mlflow_loaded.tracking_uri()
            self._ends.append(_CellEnd(execution, self.session.executed, expected, uri, active_id))
            self._ended.set()
            self._wake.set()

    def _leave(self) -> None:
        """Before the kernel ends, wait for what is still to be stored."""
        if os.getpid() == self._process_id:
            self._is_leaving = True
            self._ended.set()
            self._wake.set()
            self._done.wait(EXIT_WAIT_S)

    # On the thread

    def _work(self) -> None:
        while not self._is_leaving:
            if not self._wake.wait(QUIET_S):
                _try(experiment.renew)
                self._wake.wait()
            self._wake.clear()
            self._close_cells()
            if self._expected and not self._is_leaving:
                self._look_ahead()
        self._close_cells()
        self._look()
        self._done.set()

    def _close_cells(self) -> None:
        self._ended.clear()
        while self._ends:
            self._close_cell(self._ends[0])
            self._ends.popleft()  # only now, so that whoever finds none knows that the runs of all are followed

    def _look_ahead(self) -> None:
        """Look for announced runs while their cell goes on."""
        for delay in LOOKS_S:
            if self._ended.wait(delay):
                return
            self._look()

    def _look(self) -> None:
        """Look wherever a run was announced since the last cell ended, and where the looks before this one were."""
        for told in {**self._looked, **self._expected}:
            overlap = self._looked.get(told, 0) - OVERLAP_MS
            since = max(overlap, self._expected.get(told, overlap))
            self._look_in(told, self.session.executed, since, now_ms())

    def _close_cell(self, end: _CellEnd) -> None:
        self._looked = {told: when for told, when in self._looked.items() if told in end.expected}
        for told, since in end.expected.items():
            self._look_in(told, end.executed, since, end.execution.ended_ms or now_ms())
        if end.active_id:
            _try(lambda: self._runs.adopt(end.uri, end.active_id, end.executed))
        _try(lambda: self._runs.close_cell(end.execution, end.executed))

    def _look_in(self, told: str, executed: int, since_ms: int, until_ms: int) -> None:
        self._looked[told] = until_ms
        uri = mlflow_loaded.tracking_uri() if told == settings.TRACKING_URI.read() else told
        _try(lambda: self._runs.look(uri, executed, since_ms, until_ms))

    def _rest(self, worked_s: float) -> None:
        """Leave the interpreter to the user's code for a while, if any runs and the kernel is not about to end."""
        if self.session.current_cell is not None and not self._is_leaving:
            self._ended.wait(min(REST * worked_s, LONGEST_REST_S))


_follower: Follower | None = None
_lock = threading.Lock()


def expect_run(session: NotebookSession) -> None:
    """MLflow is about to create a run, perhaps, in this notebook."""
    global _follower
    if _follower is None or _follower.session is not session:
        with _lock:
            if _follower is None or _follower.session is not session:
                _follower = Follower(session)
    _follower.expect_run()


def _try(step: Callable[[], None]) -> None:
    try:
        step()
    except Exception as error:  # noqa: BLE001 - the user's runs go on, whatever happened to ours
        reason = error.message if isinstance(error, TracksideError) else f"{type(error).__name__}: {error}"
        say_once(f"notebook and environment could not be stored with a run of MLflow: {reason}")
