"""The lines of a run's ``requirements.txt``: what each installs, from where, and whether somebody must agree to it.

The file comes with the run, so anyone may have written it. A line is only ever one argument or one line of a file that
an installer reads; it never reaches a shell. Whatever does not come from the package index by its name needs a tick.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from trackside.errors import InvalidValueError
from trackside.notebook.distributions import normalise

if TYPE_CHECKING:
    from packaging.requirements import Requirement

MAX_LINES = 5_000
MAX_LINE = 2_000
KERNEL = ("ipykernel",)
"""What an environment needs to be a kernel."""
OWN = "trackside"

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_FOREIGN = re.compile(r"# (?P<name>[a-z0-9-]{1,100})==(?P<version>\S{1,100}) +\(not a version that pip can install\)")
"""The comment in which `trackside.notebook.requirements` writes down what conda or a Linux distribution installed."""
_EDITABLE = re.compile(r"(-e|--editable)[ =]+(?P<place>\S+)")
_OPTION = re.compile(
    r"--pre|--no-index|--prefer-binary|"
    r"(-i|--index-url|--extra-index-url|-f|--find-links|--only-binary|--no-binary)[ =]+(?!-)\S+"
)
"""The options that can be agreed to, one in a line; others could make an installer read or write anywhere."""
_ARCHIVE = re.compile(r"\.(whl|zip|tar|tgz|tbz|tlz|txz|tar\.\w+)$", re.IGNORECASE)
"""How names of files end that an installer takes from its working folder."""
_SCHEMES = {
    "http",
    "https",
    "file",
    "git+https",
    "git+http",
    "git+ssh",
    "git+file",
    "hg+https",
    "svn+https",
    "bzr+https",
}


class Origin(str, Enum):
    """Where a line takes a library from."""

    INDEX = "index"
    URL = "url"
    PATH = "path"
    OPTION = "option"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Library:
    """One line of what a run had installed.

    Attributes:
        name: Normalised, as package indexes spell it; empty for an option.
        version: The exact version, or an empty text.
        line: As the installer gets it.
        origin: Where it comes from.
        reason: Why it cannot be installed, or an empty text.
    """

    name: str
    version: str
    line: str
    origin: Origin
    reason: str = ""

    @property
    def needs_tick(self) -> bool:
        """Whether it is only installed if somebody agrees to this very line."""
        return self.origin is not Origin.INDEX


def read_libraries(text: str) -> tuple[Library, ...]:
    """What a ``requirements.txt`` asks for; Trackside itself is left out, because its own copy goes along.

    Raises:
        InvalidValueError: There are more than 5,000 lines.
    """
    lines = [line.strip() for line in text.splitlines()]
    kept = [line for line in lines if line and (not line.startswith("#") or _FOREIGN.fullmatch(line))]
    if len(kept) > MAX_LINES:
        raise InvalidValueError(f"the run lists {len(kept):,} libraries; at most {MAX_LINES:,} are read")
    return tuple(library for library in map(read_line, kept) if library.name != OWN)


def read_line(line: str) -> Library:
    """What one line asks for."""
    foreign = _FOREIGN.fullmatch(line)
    if foreign:
        name, version = foreign["name"], foreign["version"]
        return Library(name, version, f"{name}=={version}", Origin.INVALID, "not a version that pip can install")
    if len(line) > MAX_LINE or not line.isprintable():
        return _invalid(line[:MAX_LINE], "too long, or with characters that cannot be shown")
    if "${" in line:
        return _invalid(line, "installers put a variable of this machine in place of ${…}, which may be a secret")
    editable = _EDITABLE.fullmatch(line)
    if editable:
        return _read_place(line, _name_in(editable["place"]), "", editable["place"])
    if line.startswith("-"):
        is_known = _OPTION.fullmatch(line) is not None
        return Library("", "", line, Origin.OPTION) if is_known else _invalid(line, f"the option {line!r:.80}")
    if " --" in line or "\\" in line:
        return _invalid(line, "options and continued lines are not taken over")
    return _read_requirement(line)


def choose(
    libraries: Iterable[Library], allowed: Collection[str], without: Collection[str]
) -> tuple[list[Library], list[str]]:
    """What is installed, and what of the run's libraries is left out, by name or as a line.

    Args:
        libraries: What the run had.
        allowed: Lines that need a tick and got one.
        without: Names to go on without.
    """
    unwanted = {normalise(name) for name in without}
    chosen: list[Library] = []
    left_out: list[str] = []
    for library in libraries:
        is_allowed = not library.needs_tick or library.line in allowed
        if library.origin is not Origin.INVALID and is_allowed and library.name not in unwanted:
            chosen.append(library)
        else:
            left_out.append(library.name or library.line)
    return chosen, left_out


def require_names(names: Iterable[str]) -> tuple[str, ...]:
    """The names, normalised. Raises InvalidValueError for one that no library can have."""
    for name in names:
        if not _NAME.fullmatch(name):
            raise InvalidValueError(f"{name!r:.80} is no name of a library")
    return tuple(normalise(name) for name in names)


def _read_requirement(line: str) -> Library:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        requirement = Requirement(line)
    except InvalidRequirement:
        place = line if _looks_like_place(line) else ""
        return _read_place(line, "", "", place) if place else _invalid(line, f"no requirement: {line!r:.80}")
    name = normalise(requirement.name)
    if requirement.url or (_ARCHIVE.search(requirement.name) and not requirement.specifier):
        return _read_place(line, name, "", requirement.url or requirement.name)
    return Library(name, _exact_version(requirement), line, Origin.INDEX)


def _read_place(line: str, name: str, version: str, place: str) -> Library:
    """A line that installs from an address or a folder."""
    parts = urlsplit(place)
    is_drive = len(parts.scheme) == 1
    if ".." in PurePosixPath(unquote(parts.path)).parts or ".." in PureWindowsPath(place).parts:
        return Library(name, version, line, Origin.INVALID, "a path with ../ may lead anywhere")
    if _is_on_another_machine(place):
        return Library(name, version, line, Origin.INVALID, "a folder of another machine")
    if parts.scheme and not is_drive and parts.scheme not in _SCHEMES:
        return Library(name, version, line, Origin.INVALID, f"{parts.scheme}: is no address that libraries come from")
    is_path = is_drive or not parts.scheme or parts.scheme.endswith("file")
    return Library(name, version, line, Origin.PATH if is_path else Origin.URL)


def _is_on_another_machine(place: str) -> bool:
    """Whether it is a shared folder: Windows sends the user's password hash to whoever is asked for one."""
    parts = urlsplit(place)
    is_file = not parts.scheme or parts.scheme.endswith("file")
    slashes = unquote(parts.path).replace("\\", "/")
    return is_file and (parts.netloc not in ("", "localhost") or slashes.startswith("//"))


def _exact_version(requirement: Requirement) -> str:
    specifiers = list(requirement.specifier)
    is_exact = len(specifiers) == 1 and specifiers[0].operator in ("==", "===")
    return specifiers[0].version if is_exact else ""


def _name_in(place: str) -> str:
    """The name that the end of an address tells, or an empty text."""
    egg = re.search(r"[#&]egg=([A-Za-z0-9._-]+)", place)
    last = PurePosixPath(unquote(urlsplit(place).path)).name
    name = egg[1] if egg else last
    return normalise(name) if _NAME.fullmatch(name) else ""


def _looks_like_place(line: str) -> bool:
    return " " not in line and ("/" in line or line.startswith("."))


def _invalid(line: str, reason: str) -> Library:
    return Library("", "", line, Origin.INVALID, reason)
