"""The kernels by which Jupyter finds an interpreter: those that are there, and those that reproducing registers."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from trackside.errors import InvalidValueError
from trackside.reproducing.disk import write_error

PREFIX = "trackside-"
_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")


def folder() -> Path:
    """The folder of the user's own kernels, which every Jupyter server of the user looks in."""
    from jupyter_core.paths import jupyter_data_dir

    return Path(jupyter_data_dir()) / "kernels"


def register(name: str, python: Path, display_name: str) -> None:
    """Make a kernel that starts this interpreter, or change it to do so.

    Raises:
        StoreReadOnlyError: It cannot be written.
    """
    if not _NAME.fullmatch(name) or not name.startswith(PREFIX):
        raise InvalidValueError(f"{name!r} is no name for a kernel of Trackside's")
    spec = {
        "argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": display_name,
        "language": "python",
        "metadata": {"debugger": True, "trackside": {"python": str(python)}},
    }
    target = folder() / name
    fresh = target / f".kernel-{os.getpid()}.json"
    try:
        target.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps(spec, indent=1) + "\n", encoding="utf-8")
        fresh.replace(target / "kernel.json")
    except OSError as error:
        raise write_error(target, error, "Choose another folder for kernels with JUPYTER_DATA_DIR.") from error


def remove(name: str) -> None:
    """Remove a kernel that was registered here; nothing happens where there is none."""
    if _NAME.fullmatch(name) and name.startswith(PREFIX):
        shutil.rmtree(folder() / name, ignore_errors=True)


def registered() -> dict[str, Path]:
    """The kernels that reproducing registered, with their interpreters."""
    found = ((place.name, _read(place)) for place in sorted(folder().glob(f"{PREFIX}*")))
    return {name: Path(str(spec["argv"][0])) for name, spec in found if spec}


def display_name_of(name: str) -> str:
    """What a kernel is called; its name where there is no such kernel here."""
    spec = next((spec for place in _places() if place.name == name and (spec := _read(place))), {})
    return str(spec.get("display_name", name))


def find_for(python: Path, likely: str = "") -> str:
    """The name of a kernel that starts this interpreter, or an empty text.

    Args:
        python: The interpreter.
        likely: A kernel's name to try first.
    """
    for place in sorted(_places(), key=lambda place: place.name != likely):
        spec = _read(place)
        if spec and _same(str(spec["argv"][0]), python):
            return place.name
    return ""


def _places() -> Iterator[Path]:
    from jupyter_core.paths import jupyter_path

    for directory in jupyter_path("kernels"):
        yield from (path for path in sorted(Path(directory).glob("*")) if path.is_dir())


def _read(place: Path) -> Mapping[str, Any] | None:
    try:
        spec = json.loads((place / "kernel.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    is_spec = isinstance(spec, dict) and isinstance(spec.get("argv"), list) and spec["argv"]
    return spec if is_spec else None


def _same(program: str, python: Path) -> bool:
    """Whether both are the interpreter of one environment; links lead out of environments and are not followed."""
    given = Path(program)
    return given.is_absolute() and given.parent == python.parent and given.name.startswith("python")
