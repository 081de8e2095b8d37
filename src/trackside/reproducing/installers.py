"""The programs that make environments and fill them: ``uv`` where it is installed, else ``venv`` and ``pip``.

Both keep to the user's own configuration. Where only pip is configured, uv is told the same through its environment.
"""

from __future__ import annotations

import configparser
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trackside.errors import TracksideError

if TYPE_CHECKING:
    from trackside.reproducing.process import Ended

_FROM_PIP = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}
"""What pip calls a setting, and the variable in which uv looks for it."""
OWN_OF_UV = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_CONFIG_FILE", "UV_FIND_LINKS")
_NOISE = re.compile(r"^(WARNING|warning|DEPRECATION|\[notice\]|Using Python|Looking in)")
_FRAME = " \t\u00d7\u251c\u2500\u2570\u25b6\u2502"
_GIST_LINES = 3
_WIDTH = 400


class InstallError(TracksideError):
    """Libraries could not be installed.

    Attributes:
        libraries: The names of those that the installer complains about; it may work without them.
    """

    def __init__(self, message: str, *, libraries: Sequence[str] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.libraries = tuple(libraries)


@dataclass(frozen=True, slots=True)
class Installer:
    """A program that makes environments and installs libraries.

    Attributes:
        name: ``uv`` or ``pip``.
        program: The path of uv; that of this interpreter for pip.
    """

    name: str
    program: str

    @property
    def environment(self) -> dict[str, str]:
        """The variables that the program gets."""
        kept = {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "PYTHONHOME")}
        if self.name == "pip":
            return {**kept, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PIP_REQUIRE_VIRTUALENV": "0"}
        return {**_as_pip_is_told(), **kept, "UV_NO_PROGRESS": "1", "NO_COLOR": "1", "UV_PYTHON_INSTALL_BIN": "0"}

    def make_environment(self, python: str, folder: Path) -> list[str]:
        """The command that makes an empty environment."""
        if self.name == "uv":
            return [self.program, "venv", "--no-project", "--no-python-downloads", "--python", python, str(folder)]
        return [python, "-m", "venv", str(folder)]

    def install(self, python: Path, requirements: Path, *, with_dependencies: bool) -> list[str]:
        """The command that installs the lines of a file."""
        alone = [] if with_dependencies else ["--no-deps"]
        if self.name == "uv":
            options = ["--python", str(python), *alone, *_no_index()]
            return [self.program, "pip", "install", *options, "-r", str(requirements)]
        return [str(python), "-m", "pip", "install", "--progress-bar", "off", *alone, "-r", str(requirements)]

    def look_up(self, python: str, requirements: Path) -> list[str]:
        """The command that only finds out what could be installed."""
        if self.name == "uv":
            options = ["--dry-run", "--no-deps", "--reinstall", "--python", python, "--break-system-packages"]
            options += _no_index()
            return [self.program, "pip", "install", *options, "-r", str(requirements)]
        options = ["--dry-run", "--no-deps", "--ignore-installed", "--progress-bar", "off"]
        return [self.program, "-m", "pip", "install", *options, "-r", str(requirements)]


def find_installer() -> Installer:
    """Uv where it is installed beside this Python or on the path, else pip."""
    uv = find_uv()
    return Installer("uv", uv) if uv else Installer("pip", sys.executable)


def find_uv() -> str | None:
    """The program uv, or None."""
    name = "uv.exe" if sys.platform == "win32" else "uv"
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.is_file() else shutil.which("uv")
    return found if found and Path(found).is_absolute() else None


def gist_of(lines: Iterable[str]) -> str:
    """What an installer's last lines say went wrong, in one line."""
    told = [line.strip(_FRAME) for line in lines if line.strip() and not _NOISE.match(line)]
    blamed = [line for line in told if re.match(r"(error|cause|ERROR)\b", line)]
    chosen = (blamed or told)[:_GIST_LINES]
    text = ". ".join(re.sub(r"^(error|cause|ERROR):\s*", "", line).rstrip(" .") for line in chosen)
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"


def reason_of(ended: Ended) -> str:
    """What went wrong with an installer, in one line, also where it said nothing."""
    said = gist_of(ended.lines)
    if ended.code >= 0:
        return said or f"it ended with code {ended.code}"
    return f"it was ended from outside with {signal.Signals(-ended.code).name}{f'; {said}' if said else ''}"


def blamed_in(lines: Iterable[str], names: Iterable[str]) -> list[str]:
    """Those of the libraries that an installer's last lines complain about, in the order in which it names them."""
    text = "\n".join(line for line in lines if not _NOISE.match(line)).lower()
    places = {name: match.start() for name in names if (match := _mention(name).search(text))}
    return sorted(places, key=lambda name: places[name])


def is_network_fault(text: str) -> bool:
    """Whether an installer's words say that the index could not be asked at all."""
    return bool(_NETWORK.search(text))


_NETWORK = re.compile(
    r"failed to fetch|error sending request|connection (refused|reset|broken)|name or service not known|dns error|"
    r"temporary failure in name resolution|timed out|network (is unreachable|was disabled|unreachable)|"
    r"failed to establish a new connection|max retries exceeded|no route to host",
    re.IGNORECASE,
)


def _mention(name: str) -> re.Pattern[str]:
    spelled = re.escape(name).replace(r"\-", "[-_.]")
    return re.compile(rf"(?<![a-z0-9_.-]){spelled}(?![a-z0-9_-]|\.[a-z])")


def _as_pip_is_told() -> dict[str, str]:
    """Variables for uv that say what pip is configured to do; none where uv is configured itself."""
    if _is_configured():
        return {}
    told = {variable: value for key, variable in _FROM_PIP.items() if (value := _pip_setting(key))}
    return {**told, "UV_INDEX_STRATEGY": "unsafe-best-match"} if told else {}


def _no_index() -> list[str]:
    """The option for which uv has no variable, where pip is told so."""
    is_told = not _is_configured() and _pip_setting("no-index").lower() in ("1", "true", "yes", "on")
    return ["--no-index"] if is_told else []


def _is_configured() -> bool:
    """Whether uv is told itself where to look."""
    return any(os.environ.get(name) for name in OWN_OF_UV) or _has_own_file()


def _has_own_file() -> bool:
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    roaming = Path(os.environ["APPDATA"]) if os.environ.get("APPDATA") else home
    places = (home / "uv" / "uv.toml", Path("/etc/uv/uv.toml"), roaming / "uv" / "uv.toml")
    return any("index" in place.read_text(errors="replace") for place in places if place.is_file())


def _pip_setting(key: str) -> str:
    given = os.environ.get(f"PIP_{key.upper().replace('-', '_')}")
    if given:
        return given
    settings = _pip_file()
    return next((" ".join(part[key].split()) for part in settings if key in part), "")


def _pip_file() -> list[Mapping[str, str]]:
    """The sections of pip's configuration that hold for installing, the strongest first."""
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    name = "pip.ini" if sys.platform == "win32" else "pip.conf"
    roaming = os.environ.get("APPDATA")
    user = Path(roaming) / "pip" / name if roaming else home / "pip" / name
    chosen = os.environ.get("PIP_CONFIG_FILE")
    last = [Path(chosen)] if chosen else []
    places = [Path("/etc") / name, Path.home() / ".pip" / name, user, Path(sys.prefix) / name, *last]
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read([place for place in places if chosen != os.devnull], encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return []
    return [parser[section] for section in ("install", "global") if parser.has_section(section)]


def ask(command: Sequence[str], seconds: float, environment: Mapping[str, str] | None = None) -> str | None:
    """What a program answers, or None where it fails or takes longer."""
    try:
        done = subprocess.run(  # noqa: S603 - no shell; programs that were found, with arguments of ours
            list(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=True,
            env=dict(environment) if environment is not None else None,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace")
