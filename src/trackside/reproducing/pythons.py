"""The Pythons that a new environment can be made with: those found on this machine, and those that uv can fetch."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from trackside.reproducing import downloads
from trackside.reproducing.installers import ask, find_uv

ASK_S = 30.0
"""The longest that a program on this machine may take to answer; from a cold or shared disk that is seconds."""
OLDEST = (3, 10)
"""The oldest that Trackside runs on."""
_PROGRAM = re.compile(r"(python|pypy)[0-9.]*[tw]*(\.exe)?", re.IGNORECASE)
_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
_SAY_VERSION = "import platform; print(platform.python_implementation(), platform.python_version())"


@dataclass(frozen=True, slots=True)
class Python:
    """A Python that can be had.

    Attributes:
        id: The interpreter's path, or the version that is to be downloaded.
        version: Such as ``3.11.7``.
        is_found: Whether it is on this machine.
        is_exact: Whether it is the version that was wanted.
    """

    id: str
    version: str
    is_found: bool
    is_exact: bool


def find_pythons(wanted: str, known: str = "") -> tuple[Python, ...]:
    """The Pythons to choose from, the nearest to what is wanted first; of each version one.

    One that would have to be downloaded is among them only if the place where it lies answers.

    Args:
        wanted: A version such as ``3.11.7``; empty for any.
        known: The path of an interpreter that a run recorded, to look at before all others.
    """
    found: dict[str, Python] = {}
    for path in dict.fromkeys(_places(wanted, known)):
        version = _version_of(path, _changed(path))
        if version and not is_too_old(version):
            found.setdefault(version, Python(str(path), version, is_found=True, is_exact=version == wanted))
    is_needed = not is_too_old(wanted) and not any(python.is_exact for python in found.values())
    offer = downloads.find_offer(wanted) if is_needed else None
    if offer is not None and not downloads.fault_of(offer):
        version = offer.version
        found.setdefault(version, Python(version, version, is_found=False, is_exact=version == wanted))
    return tuple(sorted(found.values(), key=lambda python: distance(python, wanted)))


def find_recorded(told: str) -> Path | None:
    """The interpreter that a run recorded, if it is there and may be started.

    Anyone may have written the run, and a plan already asks the interpreter what it has. So it must be called like a
    Python, lie on this machine, and belong with its environment to this user, to the administrator, or to whoever owns
    this Python: what lies in a shared folder may have been put there for this.
    """
    program = Path(told)
    if not is_here(told) or not _PROGRAM.fullmatch(program.name) or not os.access(program, os.X_OK):
        return None
    return program if all(map(_is_trusted, (program, program.parent, program.parent.parent))) else None


def is_here(told: str) -> bool:
    """Whether the path that a run recorded is that of a file on this machine; shared folders are not looked at."""
    is_path = Path(told).is_absolute() and not told.startswith(("//", "\\\\"))
    return is_path and os.path.isfile(told)  # noqa: PTH113 - Path raises where a folder may not be looked at


def find_fault(wanted: str, choices: Collection[Python]) -> str:
    """Why none of the choices is the wanted version, in words; empty where one is."""
    if not wanted or any(python.is_exact for python in choices):
        return ""
    if is_too_old(wanted):
        return "Trackside does not run on it"
    if find_uv() is None:
        return "it is not on this machine, and uv, which could fetch it, is not installed"
    offer = downloads.find_offer(wanted)
    is_offered = offer is not None and offer.version == wanted
    fault = downloads.fault_of(offer) if offer is not None and is_offered else "uv does not offer it"
    return f"it is not on this machine, and {fault}"


def is_too_old(version: str) -> bool:
    """Whether Trackside does not run on this version."""
    return bool(version) and parts_of(version)[:2] < OLDEST


def parts_of(version: str) -> tuple[int, ...]:
    """The numbers of a version; what is no version comes before all others."""
    match = _VERSION.match(version)
    return tuple(int(part or 0) for part in match.groups()) if match else (0, 0, 0)


def distance(python: Python, wanted: str) -> tuple[bool, int, bool, int, bool]:
    """Sorts the same version first, then the same 3.x, where what is there comes before what must be fetched."""
    own, other = parts_of(python.version), parts_of(wanted or sys.version)
    minors = abs(own[1] - other[1])
    return (own != other, minors, not python.is_found, abs(own[2] - other[2]), own[1] < other[1])


def _places(wanted: str, known: str) -> Iterator[Path]:
    """Interpreters that may be there; virtual environments lead to the Python that they were made with."""
    recorded = find_recorded(known)
    if recorded is not None:
        yield recorded
    yield Path(getattr(sys, "_base_executable", None) or sys.executable)
    minor = ".".join(str(part) for part in parts_of(wanted)[:2])
    yield from _on_path([f"python{minor}"] if wanted else [])
    yield from sorted(_of_version_managers(), key=lambda path: minor not in str(path))
    yield from _on_path([f"python3.{number}" for number in range(OLDEST[1], 16)])
    yield from _on_path(["python3"])


def _is_trusted(place: Path) -> bool:
    """Whether only this user, the administrator and the owner of this Python can have made it, link and target."""
    if not hasattr(os, "geteuid"):
        return True
    owners = {0, os.geteuid(), Path(sys.executable).stat().st_uid}
    return {place.lstat().st_uid, place.stat().st_uid} <= owners


def _on_path(names: list[str]) -> Iterator[Path]:
    """All of these names: a virtual environment hides the system's Python of the same 3.x."""
    for name in names:
        for folder in os.get_exec_path():
            found = shutil.which(name, path=folder)
            if found and "shims" not in Path(found).parts:
                yield Path(found)


def _of_version_managers() -> Iterator[Path]:
    """Where pyenv, uv, asdf and mise put the Pythons that people install with them."""
    home = Path.home()
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    roots = (
        Path(os.environ.get("PYENV_ROOT") or home / ".pyenv") / "versions",
        Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python"),
        home / ".asdf" / "installs" / "python",
        data / "mise" / "installs" / "python",
    )
    name = "python.exe" if sys.platform == "win32" else "bin/python3"
    for root in roots:
        yield from sorted(path for path in root.glob(f"*/{name}") if _is_recent(path, root))


def _is_recent(path: Path, root: Path) -> bool:
    match = _VERSION.search(path.relative_to(root).parts[0])
    return match is not None and (int(match[1]), int(match[2])) >= OLDEST


def _changed(path: Path) -> int:
    """When the file was changed; -1 where there is none."""
    try:
        return path.stat().st_mtime_ns if path.is_absolute() else -1
    except OSError:
        return -1


@lru_cache(maxsize=64)
def _version_of(path: Path, changed: int) -> str:
    """The version of a CPython, or an empty text where this is none that works. Asked for once."""
    if changed < 0:
        return ""
    answer = ask([str(path), "-I", "-c", _SAY_VERSION], ASK_S) or ""
    implementation, _, version = answer.strip().partition(" ")
    return version if implementation == "CPython" else ""
