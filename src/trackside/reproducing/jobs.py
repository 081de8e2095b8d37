"""Reproductions that go on in the background, each on a thread of its own."""

from __future__ import annotations

import atexit
import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from trackside.errors import NotFoundError, TracksideError
from trackside.reproducing.process import CancelledError
from trackside.reproducing.progress import Progress
from trackside.reproducing.reproduction import Options, Reproduction, reproduce_run

if TYPE_CHECKING:
    from trackside.entities import Run
    from trackside.stores.base import Store

logger = logging.getLogger("trackside")
MAX_KEPT = 20
END_S = 4.0
"""How long the end of the process waits for what it stops; Jupyter kills kernels after 5 seconds."""
Listener = Callable[["Job"], object]


class JobState(str, Enum):
    """How far a job is."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(slots=True, eq=False)
class Job:
    """A reproduction that goes on, or has ended.

    Attributes:
        id: By which it is found again.
        run: The run that is reproduced.
        progress: Its steps and its log.
        state: Whether it goes on.
        done: What came of it; set as soon as the clone can be opened.
        error: What went wrong, or None.
        started_time: In milliseconds.
        ended_time: In milliseconds, or None while it goes on.
    """

    run: Run
    progress: Progress
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    state: JobState = JobState.RUNNING
    done: Reproduction | None = None
    error: Exception | None = None
    started_time: int = field(default_factory=lambda: int(time.time() * 1000))
    ended_time: int | None = None
    _thread: threading.Thread | None = None

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it has ended; whether it has."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self.state is not JobState.RUNNING

    def start(self, store: Store, options: Options, on_change: Listener) -> None:
        """Begin, in the background."""
        self.progress.listener = lambda: on_change(self)
        self._thread = threading.Thread(
            target=self._work, args=(store, options, on_change), name="trackside-reproduce", daemon=True
        )
        self._thread.start()

    def _work(self, store: Store, options: Options, on_change: Listener) -> None:
        try:
            self.done = reproduce_run(store, self.run, options, self.progress, on_clone=self._cloned)
            state = JobState.DONE
        except CancelledError:
            state = JobState.CANCELLED
        except Exception as error:
            if not isinstance(error, TracksideError):
                logger.exception("Reproducing a run failed")
            self.error, state = error, JobState.FAILED
        self.ended_time = int(time.time() * 1000)
        self.state = state
        on_change(self)

    def _cloned(self, done: Reproduction) -> None:
        self.done = done
        self.progress.listener()


class Jobs:
    """The reproductions of this process. May be used from any thread."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def start(self, store: Store, run: Run, options: Options, on_change: Listener) -> Job:
        """Begin to reproduce a run; ``on_change`` is called after each step and line, on the job's thread."""
        job = Job(run, Progress())
        with self._lock:
            if not self._jobs:
                atexit.register(self.stop)
            self._jobs[job.id] = job
            ended = [old for old in self._jobs.values() if old.state is not JobState.RUNNING]
            for old in ended[: max(0, len(self._jobs) - MAX_KEPT)]:
                del self._jobs[old.id]
        job.start(store, options, on_change)
        return job

    def cancel(self, job_id: str) -> None:
        """Stop a job; nothing happens where it has ended. Raises NotFoundError where there is none."""
        self.require(job_id).progress.cancel.cancel()

    def stop(self) -> None:
        """Stop all of them because the process ends, and wait a little until nothing half-made is left."""
        going = [job for job in self.latest_first() if job.state is JobState.RUNNING]
        for job in going:
            job.progress.cancel.cancel()
        end = time.monotonic() + END_S
        for job in going:
            job.wait(max(0.0, end - time.monotonic()))

    def require(self, job_id: str) -> Job:
        """The job with this id. Raises NotFoundError where there is none."""
        with self._lock:
            found = self._jobs.get(job_id)
        if found is None:
            raise NotFoundError(f"this kernel has no reproduction {job_id!r:.40}", hint="It may have restarted.")
        return found

    def latest_first(self) -> list[Job]:
        """All of them."""
        with self._lock:
            return list(reversed(self._jobs.values()))


jobs = Jobs()
