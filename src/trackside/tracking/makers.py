"""What made a run that is RUNNING, and whether it still goes on; runs whose maker is gone can be closed."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from trackside.entities import RunStatus, Tag
from trackside.errors import LifecycleError, RunActiveError
from trackside.notebook import kernels
from trackside.notebook import session as notebook_session
from trackside.tracking import session, tag_names
from trackside.tracking.capture import is_captured
from trackside.tracking.leftovers import KERNEL_DIED
from trackside.tracking.values import now_ms

if TYPE_CHECKING:
    from trackside.entities import Run


_CLOSED = (Tag(tag_names.ERROR_TYPE, "Closed"), Tag(tag_names.ERROR_MESSAGE, "the run was closed by hand"))


class Maker(str, Enum):
    """Where the process is that made a run."""

    ENDED = "ended"
    """The run has ended, so it does not matter."""
    HERE = "here"
    """It is this process."""
    ELSEWHERE = "elsewhere"
    """It is another kernel, which lives."""
    GONE = "gone"
    """It was a kernel that lives no more."""
    UNKNOWN = "unknown"
    """It may live: a script, or a kernel of another machine."""


def find_maker(run: Run, *, is_server: bool) -> Maker:
    """Where the process is that made a run, as far as this machine can tell.

    A kernel that is not known here is gone if the store is no server but a file, which is on this machine as a rule.
    """
    if run.info.status is not RunStatus.RUNNING:
        return Maker.ENDED
    notebook = notebook_session.current()
    kernel_id = run.data.tags.get(tag_names.KERNEL_ID, "")
    if is_captured(run.info.run_id) or (notebook is not None and kernel_id == notebook.kernel_id):
        return Maker.HERE
    lives = kernels.is_alive(kernel_id)
    if lives is None:
        is_local = kernels.is_server_id(kernel_id) and not is_server
        return Maker.GONE if is_local else Maker.UNKNOWN
    return Maker.ELSEWHERE if lives else Maker.GONE


def close_run(run_id: str) -> None:
    """End a run as FAILED that stayed RUNNING, because what made it is gone.

    Raises:
        RunActiveError: It goes on in this process or in another kernel that lives.
        LifecycleError: It has ended already.
    """
    store = session.current_store()
    run = store.get_run(run_id)
    maker = find_maker(run, is_server=store.is_server)
    if maker is Maker.ENDED:
        raise LifecycleError(f"the run {run.info.run_name!r} has ended already: it is {run.info.status}")
    if maker is Maker.HERE:
        raise RunActiveError(
            f"the run {run.info.run_name!r} goes on in this notebook", hint="Interrupt it, or call end_run()."
        )
    if maker is Maker.ELSEWHERE:
        raise RunActiveError(
            f"the run {run.info.run_name!r} goes on in another kernel",
            hint="Interrupt it there, or shut that kernel down.",
        )
    told = KERNEL_DIED if maker is Maker.GONE else _CLOSED
    store.log_batch(run_id, tags=told)
    store.update_run(run_id, status=RunStatus.FAILED, end_time=now_ms())
