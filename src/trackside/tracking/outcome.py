"""How runs end: with which status, and with which error."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trackside.entities import RunStatus, Tag
from trackside.errors import TracksideError
from trackside.notebook import session as notebook_session
from trackside.tracking import tag_names

if TYPE_CHECKING:
    from trackside.notebook.session import Execution


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended. The error's type and message are empty where there was none."""

    status: RunStatus
    error_type: str = ""
    error_message: str = ""

    def tags(self) -> list[Tag]:
        """The tags that keep the error with the run."""
        if not self.error_type:
            return []
        message = self.error_message[: tag_names.MAX_TAG_VALUE]
        return [Tag(tag_names.ERROR_TYPE, self.error_type), Tag(tag_names.ERROR_MESSAGE, message)]


FINISHED = Outcome(RunStatus.FINISHED)
KERNEL_STOPPED = Outcome(
    RunStatus.KILLED, "KernelStopped", "the kernel was shut down or restarted while the run was active"
)


def outcome_of(error: BaseException | None) -> Outcome:
    """FINISHED without an error or after ``sys.exit(0)``, KILLED after an interrupt, else FAILED."""
    if error is None or (isinstance(error, SystemExit) and error.code in (None, 0)):
        return FINISHED
    is_stopped = isinstance(error, KeyboardInterrupt) or type(error).__name__ == "CancelledError"
    return Outcome(RunStatus.KILLED if is_stopped else RunStatus.FAILED, type(error).__name__, _text_of(error))


def outcome_of_cell(execution: Execution) -> Outcome:
    """How the runs end that a cell started and left active; FINISHED where it did not fail."""
    error = execution.error
    if error is None:
        return FINISHED
    return Outcome(RunStatus.KILLED if error.interrupted else RunStatus.FAILED, error.type, error.message)


def outcome_at_exit(*, is_attended: bool) -> Outcome:
    """How a run ends that is active when the process ends.

    KILLED where a kernel stops that people work with. A notebook that a program executes from top to bottom counts as
    a script: FAILED after the error that ended it, else FINISHED.
    """
    session = notebook_session.current()
    if session is not None and is_attended:
        return KERNEL_STOPPED
    if session is not None:
        return outcome_of_cell(session.executions[-1]) if session.executions else FINISHED
    return FINISHED if hasattr(sys, "ps1") else outcome_of(getattr(sys, "last_value", None))


def _text_of(error: BaseException) -> str:
    if isinstance(error, TracksideError):
        return error.message
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - the text of a user's exception is the user's code
        return ""
