"""Runs that a kernel left RUNNING when it ended without a word: killed, crashed, out of memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from trackside.entities import RunStatus, Tag
from trackside.stores.base import RunQuery
from trackside.tracking import tag_names
from trackside.tracking.values import now_ms

if TYPE_CHECKING:
    from trackside.entities import Run
    from trackside.stores.base import Store

MAX_LOOKED_AT = 200
"""How many of the experiment's latest runs are looked at."""
CLOCK_ERROR_S = 1.0
KERNEL_DIED = (
    Tag(tag_names.ERROR_TYPE, "KernelDied"),
    Tag(tag_names.ERROR_MESSAGE, "the kernel ended without ending the run"),
)


def end_leftovers(store: Store, experiment_id: str, kernel_id: str, *, is_own: Callable[[str], bool]) -> None:
    """End as KILLED what an earlier process of this kernel left RUNNING in an experiment.

    A Jupyter server gives a kernel that it restarts the id of the one that died, and no two processes have the same
    id at the same time. So a run with this id that started before this process did cannot be going on. A run that
    ``is_own`` by its id is of this process, whatever the clocks say.
    """
    started = _process_started_ms()
    latest = store.search_runs(RunQuery((experiment_id,), max_results=MAX_LOOKED_AT))
    left = [run.info.run_id for run in latest if _is_left_over(run, kernel_id, started)]
    for left_over in left:
        if is_own(left_over):
            continue
        store.log_batch(left_over, tags=KERNEL_DIED)
        store.update_run(left_over, status=RunStatus.KILLED, end_time=now_ms())


def _is_left_over(run: Run, kernel_id: str, started_ms: float) -> bool:
    is_running = run.info.status is RunStatus.RUNNING and run.info.start_time is not None
    is_of_kernel = run.data.tags.get(tag_names.KERNEL_ID) == kernel_id
    return is_running and is_of_kernel and (run.info.start_time or 0) < started_ms


def _process_started_ms() -> float:
    """When this process started, or a little later: the system's own figure is up to a second off."""
    import psutil  # type: ignore[import-untyped, unused-ignore]

    started: float = psutil.Process().create_time()
    return (started + CLOCK_ERROR_S) * 1000
