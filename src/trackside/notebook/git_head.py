"""The commit that a repository has checked out, read from its files in microseconds, without the `git` program."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_BRANCHES = "refs/heads/"
_MAX_LINKS = 5
"""How many references may lead from one to the next."""


@dataclass(frozen=True, slots=True)
class GitHead:
    """What is checked out. ``branch`` is None where no branch is."""

    commit: str
    branch: str | None


def read_head(repository: Path) -> GitHead | None:
    """What the repository with this top folder has checked out.

    Returns:
        None where there is no commit yet, and for repositories that keep their references in another way than files;
        ``git.read_state`` knows more and takes longer.
    """
    try:
        own, common = _folders(repository / ".git")
        return _follow(own, common)
    except (OSError, UnicodeDecodeError):
        return None


def _folders(entry: Path) -> tuple[Path, Path]:
    """The folder that has HEAD, and the one that has the branches; a work tree shares the latter with others."""
    own = entry
    if entry.is_file():
        own = entry.parent / _read(entry).removeprefix("gitdir:").strip()
    link = own / "commondir"
    return own, (own / _read(link) if link.is_file() else own)


def _follow(own: Path, common: Path) -> GitHead | None:
    text, branch = _read(own / "HEAD"), None
    for _ in range(_MAX_LINKS):
        if _HASH.fullmatch(text):
            return GitHead(text, branch)
        name = text.removeprefix("ref:").strip()
        if not text.startswith("ref:") or ".." in name:
            return None
        branch = name.removeprefix(_BRANCHES) if name.startswith(_BRANCHES) else branch
        text = _read_reference(common, name)
    return None


def _read_reference(common: Path, name: str) -> str:
    try:
        return _read(common / name)
    except (FileNotFoundError, NotADirectoryError):
        packed = (common / "packed-refs").read_bytes()
        found = re.search(rb"^([0-9a-f]{40,64}) " + re.escape(name.encode()) + rb"\r?$", packed, re.MULTILINE)
        return found[1].decode() if found else ""


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()
