"""What a kernel executed: each cell's source, when it ran, and how it ended."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Info = Any
"""IPython's ``ExecutionInfo`` or ``ExecutionResult``; some of their fields are missing in old versions."""


@dataclass(frozen=True, slots=True)
class CellError:
    """Why a cell failed.

    Attributes:
        type: Name of the exception's class.
        message: The exception's text.
        interrupted: Whether the user stopped the cell.
    """

    type: str
    message: str
    interrupted: bool = False


@dataclass(slots=True, eq=False)
class Execution:
    """One execution of one cell.

    Attributes:
        number: 1-based position among the kernel's executions.
        source: The cell as typed, magics included.
        cell_id: The front end's id of the cell; None where it has none (nbclient, consoles).
        started_ms: None for a cell that ran before Trackside was loaded.
        ended_ms: None while the cell runs, and for a cell that ran before Trackside was loaded.
        error: None while the cell runs, and when it ended well.
    """

    number: int
    source: str
    cell_id: str | None = None
    started_ms: int | None = None
    ended_ms: int | None = None
    error: CellError | None = None

    @property
    def ok(self) -> bool:
        """Whether the cell ended, without an error."""
        return self.ended_ms is not None and self.error is None


class ExecutionHistory:
    """The executions of one kernel, in the order in which they started.

    Only what the kernel keeps in its own history counts: silent requests and code that runs other code are left out.
    """

    def __init__(self, earlier_sources: Iterable[str] = ()) -> None:
        """Starts with the sources that the kernel ran before anyone listened."""
        self._executions = [Execution(number, source) for number, source in enumerate(earlier_sources, 1)]
        self._running: list[tuple[Info, Execution]] = []

    @property
    def executions(self) -> tuple[Execution, ...]:
        """Everything that ran or runs."""
        return tuple(self._executions)

    def __len__(self) -> int:
        return len(self._executions)

    @property
    def current(self) -> Execution | None:
        """The execution going on."""
        last = self._running[-1:]  # one step, as other threads ask while cells end
        return last[0][1] if last else None

    def begin(self, info: Info) -> Execution | None:
        """Takes down that a cell starts; None where it is not one that the kernel keeps."""
        if not _is_kept(info):
            return None
        execution = Execution(len(self._executions) + 1, info.raw_cell, _cell_id(info), _now_ms())
        self._executions.append(execution)
        self._running.append((info, execution))
        return execution

    def end(self, result: Info) -> Execution | None:
        """Takes down how a cell ended; None where it is not one that the kernel keeps."""
        info = getattr(result, "info", None)
        execution = self._pop(info) if result is not None else self._pop_last()
        if execution is None:
            return None
        execution.error = _error_of(result)
        execution.ended_ms = _now_ms()
        return execution

    def _pop(self, info: Info) -> Execution | None:
        for index, (begun, execution) in enumerate(self._running):
            if begun is info or (begun is None and _begun_as(execution, info)):
                del self._running[index:]
                return execution
        return self._pop_unannounced(info)

    def _pop_unannounced(self, info: Info) -> Execution | None:
        """A cell whose start was never announced; IPython also ends empty cells that it never started."""
        if info is None or not _is_kept(info):
            return None
        self.begin(info)
        return self._pop_last()

    def _pop_last(self) -> Execution | None:
        return self._running.pop()[1] if self._running else None

    def adopt(self, source: str, cell_id: str | None) -> Execution:
        """Takes down a cell that was already running when Trackside was loaded by it."""
        execution = Execution(len(self._executions) + 1, source, cell_id, _now_ms())
        self._executions.append(execution)
        self._running.append((None, execution))
        return execution


def _begun_as(execution: Execution, info: Info) -> bool:
    """Whether the execution, whose start was not announced, is what IPython now describes."""
    return info is not None and _is_kept(info) and bool(info.raw_cell == execution.source)


def _is_kept(info: Info) -> bool:
    if info.silent or not info.store_history:
        return False
    source = info.raw_cell
    return isinstance(source, str) and bool(source) and not source.isspace()


def _cell_id(info: Info) -> str | None:
    cell_id = getattr(info, "cell_id", None)
    return cell_id if isinstance(cell_id, str) and cell_id else None


def _error_of(result: Info) -> CellError | None:
    if result is None:
        return CellError("KeyboardInterrupt", "", interrupted=True)
    error = result.error_before_exec or result.error_in_exec
    if error is None:
        return None
    return CellError(type(error).__name__, _text_of(error), _is_interrupt(error))


def _is_interrupt(error: BaseException) -> bool:
    """Whether the user stopped the cell; one that awaits is cancelled."""
    from asyncio import CancelledError

    return isinstance(error, KeyboardInterrupt | CancelledError)


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - the text of a user's exception is the user's code
        return ""


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
