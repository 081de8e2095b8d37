"""How far a reproduction has come: its steps, what the programs say, and the way to stop it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import Enum

from trackside.reproducing.process import LAST_LINES, Cancel, CancelledError


class StepName(str, Enum):
    """What there is to do, in this order; not every reproduction does all of it."""

    READ = "read"
    PYTHON = "python"
    ENVIRONMENT = "environment"
    LIBRARIES = "libraries"
    KERNEL = "kernel"
    NOTEBOOK = "notebook"
    RUN = "run"
    COMPARE = "compare"


TITLES = {
    StepName.READ: "Reading what the run kept",
    StepName.PYTHON: "Finding Python",
    StepName.ENVIRONMENT: "Making an environment",
    StepName.LIBRARIES: "Installing libraries",
    StepName.KERNEL: "Registering the kernel",
    StepName.NOTEBOOK: "Writing the notebook",
    StepName.RUN: "Running the notebook",
    StepName.COMPARE: "Comparing with the original",
}
"""What each step is called."""
NEW_ENVIRONMENT = (StepName.PYTHON, StepName.ENVIRONMENT, StepName.LIBRARIES)


class StepState(str, Enum):
    """How far a step is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Step:
    """One step; ``note`` says what came of it, in a few words."""

    name: StepName
    state: StepState = StepState.WAITING
    note: str = ""


@dataclass(slots=True)
class Progress:
    """The steps and the log. May be read from any thread.

    Attributes:
        cancel: Stops the reproduction.
        listener: Called after each change, on the thread that works.
        tell: Called with each line of the log, and with each step as it begins.
    """

    cancel: Cancel = field(default_factory=Cancel)
    listener: Callable[[], object] = lambda: None
    tell: Callable[[str], object] = lambda _line: None
    _steps: list[Step] = field(default_factory=list)
    _log: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps in their order."""
        with self._lock:
            return tuple(self._steps)

    @property
    def lines(self) -> tuple[str, ...]:
        """The last 200 lines of the log."""
        with self._lock:
            return tuple(self._log)

    def expect(self, names: Sequence[StepName]) -> None:
        """Say what there is to do; what was done already stays done."""
        with self._lock:
            known = {step.name: step for step in self._steps}
            self._steps = [known.get(name, Step(name)) for name in names]
        self.listener()

    def log(self, line: str) -> None:
        """Add a line to the log."""
        with self._lock:
            self._log.append(line)
        self.tell(line)
        self.listener()

    @contextmanager
    def step(self, name: StepName) -> Iterator[None]:
        """Do a step; where it raises, the step has failed, or was cancelled."""
        self._set(name, StepState.RUNNING)
        try:
            self.cancel.check()
            self.tell(TITLES[name])
            yield
        except (CancelledError, KeyboardInterrupt):
            self._set(name, StepState.CANCELLED)
            raise
        except BaseException:
            self._set(name, StepState.FAILED)
            raise
        self._set(name, StepState.DONE)

    def note(self, name: StepName, text: str) -> None:
        """Say what came of a step, in a few words."""
        with self._lock:
            self._steps = [replace(step, note=text) if step.name is name else step for step in self._steps]
        self.listener()

    def skip(self, name: StepName, note: str) -> None:
        """Say that a step had nothing to do."""
        self._set(name, StepState.DONE)
        self.note(name, note)

    def _set(self, name: StepName, state: StepState) -> None:
        with self._lock:
            self._steps = [replace(step, state=state) if step.name is name else step for step in self._steps]
        self.listener()
