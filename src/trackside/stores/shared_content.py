"""Files that many runs have alike, notebooks and environments, are stored once: as hard links to one file.

For whoever reads them they are ordinary files. Each is written under another name first, so that writing one again
never changes another run's; where links cannot be made, runs have copies.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

SHARED = ("notebook/", "environment/")
"""The folders of a run whose files other runs often have as well."""
_MOST_KNOWN = 64

_known: dict[bytes, Path] = {}
"""Where this process wrote which content last, by its hash."""


def write_shared(draft: Path, target: Path, content: bytes) -> None:
    """Write a file that will be moved to ``target``, as a link to another one with this content if there is one."""
    digest = hashlib.sha256(content).digest()
    known = _known.pop(digest, None)
    if known is None or not _link(known, draft, content):
        draft.write_bytes(content)
    _known[digest] = target
    if len(_known) > _MOST_KNOWN:
        del _known[next(iter(_known))]


def _link(known: Path, draft: Path, content: bytes) -> bool:
    """Whether a link was made; not to a file that somebody changed since."""
    try:
        if known.read_bytes() != content:
            return False
        os.link(known, draft)
    except OSError:
        return False
    return True
