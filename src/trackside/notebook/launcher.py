"""The process that started this kernel: a Jupyter server, `jupyter execute`, papermill, an editor."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

Answer = TypeVar("Answer")
Process = Any
"""A ``psutil.Process``."""

_KERNEL_FILE = re.compile(r"kernel-(?P<id>[0-9a-fA-F-]{8,})\.json$")
_GENERATIONS = 6
"""How many ancestors are looked at: a kernelspec may start its kernel through a shell or a wrapper."""


@dataclass(frozen=True, slots=True)
class Launcher:
    """What is known of the process that started this kernel; all of it unknown where that may not be looked at.

    Attributes:
        command: Its command line.
        directory: Its working directory.
        session_name: Its own JPY_SESSION_NAME, which its children inherit.
    """

    command: tuple[str, ...] = ()
    directory: Path | None = None
    session_name: str | None = None

    def resolve(self, argument: str) -> Path:
        """The absolute path of a file that the command line names."""
        path = Path(argument)
        return path if path.is_absolute() or self.directory is None else self.directory / path


def find_launcher() -> Launcher:
    """Looks at the processes above this one."""
    import psutil  # type: ignore[import-untyped, unused-ignore]

    own = psutil.Process()
    marks = _connection_files(_ask(own.cmdline) or ())
    for process in _ancestors(own):
        command = tuple(_ask(process.cmdline) or ())
        if not marks.intersection(_connection_files(command)):
            directory, variables = _ask(process.cwd), _ask(process.environ) or {}
            return Launcher(command, Path(directory) if directory else None, variables.get("JPY_SESSION_NAME"))
    return Launcher()


def kernel_id() -> str | None:
    """The id that a Jupyter server knows this kernel by, from the name of its connection file."""
    for argument in sys.argv:
        match = _KERNEL_FILE.search(argument)
        if match:
            return match["id"]
    return None


def _ancestors(process: Process) -> Iterator[Process]:
    for _ in range(_GENERATIONS):
        process = _ask(process.parent)
        if process is None:
            return
        yield process


def _connection_files(command: Sequence[str]) -> set[str]:
    """Names of connection files on a command line; a shell's ``-c`` argument may have one inside."""
    words = " ".join(command).split()
    return {os.path.basename(word.strip("'\";")) for word in words if ".json" in word}  # noqa: PTH119 - maybe foreign


def _ask(question: Callable[[], Answer]) -> Answer | None:
    """The answer of a process, or None where it may not be asked or is gone."""
    import psutil

    try:
        return question()
    except (psutil.Error, OSError):
        return None
