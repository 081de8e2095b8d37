"""Programs that are run step by step: what they say goes to a log, and they can be stopped at any moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from trackside.errors import TracksideError
from trackside.notebook.urls import without_credentials_in

LAST_LINES = 200
STOP_S = 3.0
"""How long a program that is asked to stop may take before it is killed."""

Log = Callable[[str], object]


class CancelledError(TracksideError):
    """What was going on was stopped on request."""


@dataclass(slots=True)
class Cancel:
    """Whether to stop, and what to stop."""

    _event: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _process: subprocess.Popen[str] | None = None

    def cancel(self) -> None:
        """Stop the program that runs, with all that it started, and let nothing further begin."""
        with self._lock:
            self._event.set()
            if self._process is not None:
                _ask_to_stop(self._process)

    @property
    def is_set(self) -> bool:
        """Whether somebody asked to stop."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise CancelledError where somebody asked to stop."""
        if self.is_set:
            raise CancelledError("stopped on request")

    def follow(self, process: subprocess.Popen[str] | None) -> None:
        """Make this the program that is stopped."""
        with self._lock:
            self._process = process
            if process is not None and self.is_set:
                _ask_to_stop(process)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: its code, and the last lines that it wrote."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The last lines as one text."""
        return "\n".join(self.lines)


def run(
    command: Sequence[str],
    *,
    log: Log,
    cancel: Cancel,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    keep: Sequence[int] = (),
) -> Ended:
    """Run a program without a shell until it ends.

    Args:
        command: The program and its arguments.
        log: Gets each line as it comes, without credentials.
        cancel: Stops it.
        environment: All its variables; those of this process where left out.
        folder: Its working directory.
        keep: Open files that it inherits, such as locks; not on Windows.

    Raises:
        CancelledError: It was stopped.
    """
    cancel.check()
    process = _start(command, environment, folder, keep)
    with process:
        cancel.follow(process)
        try:
            lines = _read(process, log)
            code = process.wait()
        except BaseException:
            _ask_to_stop(process)
            raise
        finally:
            cancel.follow(None)
    cancel.check()
    return Ended(code, tuple(lines))


def _start(
    command: Sequence[str], environment: Mapping[str, str] | None, folder: Path | None, keep: Sequence[int]
) -> subprocess.Popen[str]:
    """Start a program at the head of a group of its own, so that it can be stopped with all that it starts."""
    return subprocess.Popen(  # noqa: S603 - no shell; arguments are ours or were checked
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(environment) if environment is not None else None,
        cwd=folder,
        text=True,
        encoding="utf-8",
        errors="replace",
        pass_fds=tuple(keep) if sys.platform != "win32" else (),
        start_new_session=sys.platform != "win32",
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


def _read(process: subprocess.Popen[str], log: Log) -> list[str]:
    lines: list[str] = []
    for line in process.stdout or ():
        text = without_credentials_in(line.rstrip())
        lines = [*lines[1 - LAST_LINES :], text]
        log(text)
    return lines


def _ask_to_stop(process: subprocess.Popen[str]) -> None:
    """Stop a program and all that it started; one that does not listen is killed after a while."""
    _signal(process, signal.SIGTERM)
    killer = threading.Timer(STOP_S, _kill, [process])
    killer.daemon = True
    try:
        killer.start()
    except RuntimeError:  # this process ends, and has no time to wait
        _kill(process)


def _kill(process: subprocess.Popen[str]) -> None:
    _signal(process, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)


def _signal(process: subprocess.Popen[str], number: signal.Signals) -> None:
    try:
        if sys.platform == "win32":
            process.terminate()
        else:
            os.killpg(process.pid, number)
    except (OSError, ProcessLookupError):
        return
