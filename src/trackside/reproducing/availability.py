"""Which of a run's libraries cannot be had any more, asked before anything is installed."""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

from trackside.reproducing import kept
from trackside.reproducing.installers import (
    Installer,
    InstallError,
    blamed_in,
    find_installer,
    gist_of,
    is_network_fault,
)
from trackside.reproducing.libraries import Library, Origin, read_libraries
from trackside.reproducing.matching import find_pythons_like
from trackside.reproducing.process import Cancel, CancelledError, run

if TYPE_CHECKING:
    from trackside.stores.base import Store

TIME_S = 60.0
MAX_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Availability:
    """What the package index said.

    Attributes:
        missing: Lines that cannot be had.
        fault: Why there may be more; None where the index answered for all lines.
    """

    missing: tuple[str, ...]
    fault: InstallError | None = None


def check(installer: Installer, python: str, libraries: Sequence[Library], *, seconds: float = TIME_S) -> Availability:
    """Ask the index for all libraries, and look for files and folders; nothing is installed.

    Args:
        installer: Who asks.
        python: The interpreter that they are for.
        libraries: What the run had.
        seconds: The longest that this may take.
    """
    gone = [library.line for library in libraries if library.origin is Origin.PATH and _is_gone(library)]
    cancel = Cancel()
    clock = threading.Timer(seconds, cancel.cancel)
    clock.daemon = True
    clock.start()
    try:
        found = _ask(installer, python, [one for one in libraries if one.origin is Origin.INDEX], cancel)
    finally:
        clock.cancel()
    return replace(found, missing=(*gone, *found.missing))


def check_run(store: Store, run_id: str) -> Availability:
    """The same for all that a run had installed."""
    environment = kept.read_environment(store.artifacts(run_id))
    if environment is None:
        return Availability(())
    python = next((one.id for one in find_pythons_like(environment) if one.is_found), sys.executable)
    return check(find_installer(), python, read_libraries(environment.requirements))


def _ask(installer: Installer, python: str, libraries: Sequence[Library], cancel: Cancel) -> Availability:
    """Ask for all; take out what is complained about, and ask again."""
    left, missing = list(libraries), list[str]()
    for _ in range(MAX_ROUNDS):
        if not left:
            break
        try:
            code, lines = _look_up(installer, python, left, cancel)
        except CancelledError:
            return Availability(tuple(missing), InstallError("the package index took too long to answer"))
        if code == 0:
            break
        blamed = set(blamed_in(lines, [library.name for library in left]))
        if is_network_fault("\n".join(lines)) or not blamed:
            return Availability(tuple(missing), InstallError(f"the package index gave no answer: {gist_of(lines)}"))
        missing += [library.line for library in left if library.name in blamed]
        left = [library for library in left if library.name not in blamed]
    return Availability(tuple(missing))


def _look_up(
    installer: Installer, python: str, libraries: Iterable[Library], cancel: Cancel
) -> tuple[int, tuple[str, ...]]:
    with tempfile.TemporaryDirectory(prefix="trackside-") as folder:
        file = Path(folder) / "requirements.txt"
        file.write_text("".join(f"{library.line}\n" for library in libraries), encoding="utf-8")
        command = installer.look_up(python, file)
        ended = run(command, log=lambda _line: None, cancel=cancel, environment=installer.environment)
    return ended.code, ended.lines


def _is_gone(library: Library) -> bool:
    place = library.line.rpartition("@ ")[2].removeprefix("-e").strip()
    parts = urlsplit(place)
    path = url2pathname(parts.path) if parts.scheme.endswith("file") else place
    return not Path(path).exists()
