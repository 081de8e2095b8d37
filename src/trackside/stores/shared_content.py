"""Files that many runs have alike, notebooks and environments, are stored once: as hard links to one file.

For whoever reads them they are ordinary files. Each is written under another name first, so that writing one again
never changes another run's; where links cannot be made, runs have copies. What runs of earlier processes have, after
a kernel was restarted, is found in the newest folders beside the run's own.
"""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path

SHARED = ("notebook/", "environment/")
"""The folders of a run whose files other runs often have as well."""
_MOST_KNOWN = 64
_MOST_SEARCHED = 100
"""So many runs of earlier processes are looked at, the newest ones."""

_known: dict[bytes, Path] = {}
"""Where this process wrote which content last, by its hash."""


def write_shared(draft: Path, root: Path, path: str, content: bytes) -> None:
    """Write a file that will be moved to ``path`` below ``root``, as a link to another run's if one has this content.

    Args:
        draft: Where it is written.
        root: The run's own folder of artifacts.
        path: The file's place in it.
        content: What is to be in it.
    """
    digest = hashlib.sha256(content).digest()
    known = _known.pop(digest, None) or _find_earlier(root, path, len(content))
    if known is None or not _link(known, draft, content):
        draft.write_bytes(content)
    _known[digest] = root / path
    if len(_known) > _MOST_KNOWN:
        del _known[next(iter(_known))]


def _find_earlier(root: Path, path: str, size: int) -> Path | None:
    """The same file of another run, if it is as large."""
    candidates = (folder / root.name / path for folder in _earlier_runs(root.parent.parent))
    return next((file for file in candidates if _size_of(file) == size), None)


@lru_cache(maxsize=8)
def _earlier_runs(place: Path) -> tuple[Path, ...]:
    """The newest folders of runs, as they were when this process looked for the first time."""
    try:
        with os.scandir(place) as entries:
            found = [(entry.stat().st_mtime_ns, entry.path) for entry in entries if entry.is_dir()]
    except OSError:
        return ()
    return tuple(Path(path) for _, path in sorted(found, reverse=True)[:_MOST_SEARCHED])


def _size_of(file: Path) -> int:
    try:
        return file.lstat().st_size
    except OSError:
        return -1


def _link(known: Path, draft: Path, content: bytes) -> bool:
    """Whether a link was made; not to a file that somebody changed since, and not to what is a link elsewhere."""
    try:
        if known.is_symlink() or known.read_bytes() != content:
            return False
        os.link(known, draft)
    except OSError:
        return False
    return True
