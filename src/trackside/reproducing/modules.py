"""The local modules that a run imported: where they go in a clone, and where their content is."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Mapping, Sequence
from importlib.machinery import PathFinder, all_suffixes
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from trackside.errors import TracksideError
from trackside.notebook import distributions, git
from trackside.reproducing.libraries import OWN
from trackside.tracking import tag_names

if TYPE_CHECKING:
    from trackside.entities import Run
    from trackside.stores.base import Artifacts

MANIFEST = "notebook/modules.json"
FOLDER = PurePosixPath("modules")
MAX_MANIFEST = 5_000_000
MAX_COMMITTED = 200
"""How many modules are taken from a commit."""


Places = Mapping[PurePosixPath, PurePosixPath]
"""Of modules by the path under which they were kept: where an import by their name finds them."""


def place_beside(path: PurePosixPath, run: Run, places: Places) -> PurePosixPath:
    """Where a file that was kept below ``notebook`` goes, seen from the cloned notebook.

    Modules were kept by their path in the repository. They go where the notebook's folder is enough to import them,
    because the folders that the code puts on Python's path are others in the clone; those whose name does not tell
    that go beside the notebook if they were in its own folder.
    """
    if path.parts[:1] != FOLDER.parts:
        return path
    within, own = path.relative_to(FOLDER), _own_folder(run)
    return places.get(within) or (within.relative_to(own) if own.parts and own in within.parents else within)


def read_places(artifacts: Artifacts) -> Places:
    """Where the modules of a run go by their names."""
    entries = _read_manifest(artifacts).get("modules")
    found: dict[PurePosixPath, PurePosixPath] = {}
    for one in entries if isinstance(entries, list) else ():
        if isinstance(one, dict):
            path = PurePosixPath(str(one.get("path")))
            place = _place_by_name(path, str(one.get("name")))
            found |= {path: place} if place is not None else {}
    return found


def _place_by_name(path: PurePosixPath, name: str) -> PurePosixPath | None:
    """The end of a module's path that an import by its name asks for; None where the name asks for another file."""
    parts = name.split(".")
    above = parts if path.name.startswith("__init__.") else parts[:-1]
    place = PurePosixPath(*above, path.name)
    is_named = path.name.startswith((f"{parts[-1]}.", "__init__."))
    return place if is_named and path.parts[-len(place.parts) :] == place.parts else None


def is_safe(path: PurePosixPath) -> bool:
    """Whether a path stays in the folder that it starts from, on every system."""
    windows = PureWindowsPath(str(path))
    return bool(path.parts) and not path.is_absolute() and not windows.drive and ".." not in windows.parts


def read_committed(artifacts: Artifacts, run: Run, place: Path, places: Places) -> dict[str, str]:
    """The modules that the run left to its commit, by where they go; without those that the repository here lacks."""
    told = _read_manifest(artifacts)
    commit, entries = told.get("commit"), told.get("modules")
    if not isinstance(commit, str) or not isinstance(entries, list):
        return {}
    paths = [str(one.get("path")) for one in entries if isinstance(one, dict) and one.get("content") == "in the commit"]
    found: dict[str, str] = {}
    for path in paths[:MAX_COMMITTED]:
        target = place_beside(FOLDER / path, run, places)
        content = git.read_file_at(place, commit, path) if is_safe(target) else None
        if content is not None:
            found[str(target)] = content
    return found


def find_shadows(files: Collection[str]) -> tuple[str, ...]:
    """The files of a clone that are called like an installed package.

    A kernel looks for packages in its own folder first, Trackside's and its own among them; so it would run such a file
    as soon as it starts. Python's own modules come before the folder.
    """
    sites = [str(site) for site in distributions.find_sites(sys.path)]
    modules = {file: _module_of(PurePosixPath(file), files) for file in files}
    return tuple(file for file, module in modules.items() if module == OWN or _is_in(module, sites))


def _is_in(module: str, sites: Sequence[str]) -> bool:
    return module != "" and PathFinder.find_spec(module, sites) is not None


def _module_of(path: PurePosixPath, files: Collection[str]) -> str:
    """The module that an import from the clone's folder finds in a file; empty where that is none."""
    if len(path.parts) == 1:
        return path.name.partition(".")[0] if path.name.endswith(tuple(all_suffixes())) else ""
    is_package = any(file.startswith(f"{path.parts[0]}/__init__.") for file in files)
    return path.parts[0] if is_package else ""


def _read_manifest(artifacts: Artifacts) -> Mapping[str, Any]:
    try:
        told = json.loads(artifacts.read_bytes(MANIFEST, max_bytes=MAX_MANIFEST))
    except (TracksideError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _own_folder(run: Run) -> PurePosixPath:
    """The notebook's folder in its repository; empty where it lies at the top, or in none."""
    location = PurePosixPath(run.data.tags.get(tag_names.NOTEBOOK_PATH, ""))
    return PurePosixPath(*location.parts[1:-1]) if not location.is_absolute() else PurePosixPath()
