"""Trackside's own copy goes along into each environment, so that runs made there are tracked as they are here."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Collection, Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path, PurePosixPath

from trackside.notebook.distributions import normalise
from trackside.reproducing.libraries import KERNEL, OWN

_PACKAGE = Path(__file__).parents[1]
_STARTUP = "etc/ipython/startup/50-trackside.py"
_LEFT_BEHIND = shutil.ignore_patterns("__pycache__", "*.pyc", "*.map", "labextension")


def version() -> str:
    """The version that is installed here."""
    return distribution(OWN).version


def requirements(present: Collection[str]) -> list[str]:
    """What a kernel with Trackside needs, without what is present."""
    from packaging.requirements import Requirement

    needed = [Requirement(line) for line in distribution(OWN).requires or ()]
    lines = [str(one) for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
    names = {normalise(Requirement(line).name): line for line in [*KERNEL, *lines]}
    return [line for name, line in names.items() if name not in present]


def put_into(environment: Path) -> None:
    """Copy the installed Trackside, its entry points and its startup file into a virtual environment."""
    installed = distribution(OWN)
    site = _site_of(environment)
    shutil.copytree(_PACKAGE, site / OWN, ignore=_LEFT_BEHIND, dirs_exist_ok=True)
    information = site / f"{OWN}-{installed.version}.dist-info"
    information.mkdir(exist_ok=True)
    for name in ("METADATA", "entry_points.txt"):
        text = installed.read_text(name)
        if text:
            (information / name).write_text(text, encoding="utf-8")
    (information / "INSTALLER").write_text("trackside\n", encoding="utf-8")
    (information / "RECORD").write_text(f"{OWN}/__init__.py,,\n", encoding="utf-8")
    _put_startup(installed, environment)


def _put_startup(installed: Distribution, environment: Path) -> None:
    """The file that loads Trackside when a kernel starts."""
    source = next((path for path in _startups(installed) if path.is_file()), None)
    if source is not None:
        target = environment / _STARTUP
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def _startups(installed: Distribution) -> Iterator[Path]:
    """Where it may lie: in the sources, and where wheels put it."""
    yield _PACKAGE / "startup" / PurePosixPath(_STARTUP).name
    for file in installed.files or ():
        if file.as_posix().endswith(_STARTUP):
            yield Path(str(file.locate()))
    yield Path(sys.prefix) / _STARTUP


def _site_of(environment: Path) -> Path:
    if sys.platform == "win32":
        return environment / "Lib" / "site-packages"
    return next(iter(sorted(environment.glob("lib/python3.*/site-packages"))))
