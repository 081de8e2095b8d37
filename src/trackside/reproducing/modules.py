"""The local modules that a run imported: where they go in a clone, and where their content is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from trackside.errors import TracksideError
from trackside.notebook import git
from trackside.tracking import tag_names

if TYPE_CHECKING:
    from trackside.entities import Run
    from trackside.stores.base import Artifacts

MANIFEST = "notebook/modules.json"
FOLDER = PurePosixPath("modules")
MAX_MANIFEST = 5_000_000
MAX_COMMITTED = 200
"""How many modules are taken from a commit."""


def place_beside(path: PurePosixPath, run: Run) -> PurePosixPath:
    """Where a file that was kept below ``notebook`` goes, seen from the cloned notebook.

    Modules were kept by their path in the repository; those of the notebook's own folder go beside it.
    """
    if path.parts[:1] != FOLDER.parts:
        return path
    within, own = path.relative_to(FOLDER), _own_folder(run)
    return within.relative_to(own) if own.parts and own in within.parents else within


def is_safe(path: PurePosixPath) -> bool:
    """Whether a path stays in the folder that it starts from, on every system."""
    windows = PureWindowsPath(str(path))
    return bool(path.parts) and not path.is_absolute() and not windows.drive and ".." not in windows.parts


def read_committed(artifacts: Artifacts, run: Run, place: Path) -> dict[str, str]:
    """The modules that the run left to its commit, by where they go; without those that the repository here lacks."""
    told = _read_manifest(artifacts)
    commit, entries = told.get("commit"), told.get("modules")
    if not isinstance(commit, str) or not isinstance(entries, list):
        return {}
    paths = [str(one.get("path")) for one in entries if isinstance(one, dict) and one.get("content") == "in the commit"]
    found: dict[str, str] = {}
    for path in paths[:MAX_COMMITTED]:
        target = place_beside(FOLDER / path, run)
        content = git.read_file_at(place, commit, path) if is_safe(target) else None
        if content is not None:
            found[str(target)] = content
    return found


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
