"""Active runs: which thread logs to which run, and how runs end."""

from __future__ import annotations

import atexit
import os
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING

from trackside.entities import Run
from trackside.errors import TracksideError
from trackside.stores.postponed import is_postponed
from trackside.tracking import mlflow_loaded, tag_names
from trackside.tracking.notices import say
from trackside.tracking.outcome import FINISHED, Outcome, outcome_at_exit, outcome_of, outcome_of_cell
from trackside.tracking.values import now_ms

if TYPE_CHECKING:
    from trackside.notebook.session import Execution
    from trackside.stores.base import Store
    from trackside.tracking.capture import Capture


@dataclass(frozen=True, slots=True, repr=False)
class ActiveRun(Run):
    """A run that is being logged to. ``info`` and ``data`` are as they were when it started.

    As a context manager it ends the run: FINISHED, FAILED after an exception, KILLED after an interrupt.
    """

    store: Store = field(kw_only=True, compare=False)
    capture: Capture = field(kw_only=True, compare=False)
    cell: Execution | None = field(kw_only=True, compare=False)
    """The execution that started the run, where a notebook cell did."""
    is_attended: bool = field(kw_only=True, compare=False, default=True)
    """Whether a person works with the process, and not a program that executes a notebook from top to bottom."""
    process_id: int = field(kw_only=True, compare=False, default_factory=os.getpid)

    def __enter__(self) -> ActiveRun:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process_id != os.getpid():
            stacks.remove(self)
        elif error is None:
            end_with_nested(self, FINISHED)
        else:
            end_quietly(self, outcome_of(error))

    def __repr__(self) -> str:
        return f"<ActiveRun {self.info.run_name!r} (id {self.info.run_id}) in experiment {self.info.experiment_id}>"


class _Stack(list[ActiveRun]):
    """The active runs of one thread, the innermost last."""

    def __init__(self) -> None:
        super().__init__()
        self.thread = threading.current_thread()


class Stacks:
    """The active runs of all threads of this process."""

    def __init__(self) -> None:
        self._local = threading.local()
        self._all: list[_Stack] = []
        self._lock = threading.Lock()

    def own(self) -> list[ActiveRun]:
        """The active runs that the calling thread started, the innermost last."""
        stack: _Stack | None = getattr(self._local, "stack", None)
        if stack is None:
            stack = self._local.stack = _Stack()
            with self._lock:
                self._all = [old for old in self._all if old or old.thread.is_alive()] + [stack]
        return stack

    def current(self) -> ActiveRun | None:
        """The run that the calling thread logs to: its own, else the one of the only thread that has any.

        Threads whose runs are nested in a run of another thread do not count.
        """
        own = self.own()
        if own:
            return own[-1]
        with self._lock:
            others = [stack for stack in self._all if stack and stack.thread.is_alive()]
        active = {run.info.run_id for stack in others for run in stack}
        outer = [stack[-1] for stack in others if stack[0].data.tags.get(tag_names.PARENT_RUN_ID) not in active]
        return outer[0] if len(outer) == 1 else None

    def everything(self) -> list[ActiveRun]:
        """The active runs of all threads, inner ones before those around them."""
        with self._lock:
            return [run for stack in self._all for run in reversed(stack)]

    def nested_in(self, run: ActiveRun) -> list[ActiveRun]:
        """The runs that were started on the same thread after ``run`` and are active, the innermost first."""
        with self._lock:
            stack = next((stack for stack in self._all if _holds(stack, run)), None)
            return [] if stack is None else list(reversed(stack[_position(stack, run) + 1 :]))

    def remove(self, run: ActiveRun) -> bool:
        """Take a run off its thread's stack; whether it was there."""
        with self._lock:
            stack = next((stack for stack in self._all if _holds(stack, run)), None)
            if stack is None:
                return False
            del stack[_position(stack, run)]
            return True

    def renew_lock(self) -> None:
        """After a fork: another thread of the parent may have held the lock."""
        self._lock = threading.Lock()


def _holds(stack: list[ActiveRun], run: ActiveRun) -> bool:
    return any(other.info.run_id == run.info.run_id for other in stack)


def _position(stack: list[ActiveRun], run: ActiveRun) -> int:
    return next(index for index, other in enumerate(stack) if other.info.run_id == run.info.run_id)


stacks = Stacks()
_last: ActiveRun | None = None

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=stacks.renew_lock)


def last_ended() -> ActiveRun | None:
    """The run that ended last in this process, as it was when it started."""
    return _last


def push(run: ActiveRun) -> None:
    """Make a run the innermost active run of the calling thread."""
    stacks.own().append(run)
    _share(run)


def _share(run: ActiveRun) -> None:
    """Make a run active in MLflow too, if MLflow is there, and see that ours is the first to end it at exit.

    One that waits for its store has no id that MLflow could use.
    """
    if not is_postponed(run.info.run_id):
        mlflow_loaded.share(run, run.store)
    atexit.unregister(_end_at_exit)
    atexit.register(_end_at_exit)


def end(run: ActiveRun, outcome: Outcome) -> None:
    """End one run and return when all of it is stored. A run that has ended already is left alone.

    The status is written first, so that others see it at once; notebook and environment follow.
    """
    global _last
    if not stacks.remove(run):
        return
    _last = run
    if mlflow_loaded.withdraw(run.info.run_id):
        _write_outcome(run, outcome)
    run.capture.finish()
    run.store.flush()


def _write_outcome(run: ActiveRun, outcome: Outcome) -> None:
    tags = outcome.tags()
    if tags:
        run.store.log_batch(run.info.run_id, tags=tags)
    run.store.update_run(run.info.run_id, status=outcome.status, end_time=now_ms())


def end_with_nested(run: ActiveRun, outcome: Outcome) -> None:
    """End a run after the runs that were started inside it and are still active."""
    for inner in stacks.nested_in(run):
        end(inner, outcome)
    end(run, outcome)


def end_cell(execution: Execution) -> None:
    """End the runs that a cell started and left active, where the cell raised or was interrupted.

    A run that an earlier cell started goes on: the next cell may still log to it.
    """
    if execution.error is None:
        _share_with_late_mlflow()
        return
    for run in stacks.everything():
        if run.cell is execution and run.process_id == os.getpid():
            end_quietly(run, outcome_of_cell(execution))


def _share_with_late_mlflow() -> None:
    """Share the runs of this thread with an MLflow that was imported after they were started."""
    if mlflow_loaded.innermost() is None:
        for run in stacks.own():
            if not mlflow_loaded.is_shared(run.info.run_id):
                _share(run)


def end_quietly(run: ActiveRun, outcome: Outcome) -> None:
    """End a run while the user's own exception is on its way, which matters more than ours."""
    try:
        end_with_nested(run, outcome)
    except TracksideError as error:
        say(f"run {run.info.run_name!r} could not be ended as {outcome.status}: {error.message}")


def _end_at_exit() -> None:
    for run in stacks.everything():
        if run.process_id == os.getpid():
            end_quietly(run, outcome_at_exit(is_attended=run.is_attended))
