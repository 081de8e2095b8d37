"""The commit that a repository has checked out, read from its files in microseconds, without the `git` program."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_BRANCHES = "refs/heads/"
_Read = Callable[[Path], bytes]
_Stamp = tuple[int, int, int]
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
    return HeadReader().read(repository)


class HeadReader:
    """``read_head`` for who asks often: files are read again only when one of them was replaced, as git does it."""

    def __init__(self) -> None:
        self._repository: Path | None = None
        self._stamps: dict[Path, _Stamp | None] = {}
        self._head: GitHead | None = None

    def read(self, repository: Path) -> GitHead | None:
        """What the repository with this top folder has checked out now."""
        if repository != self._repository or any(_stamp(path) != seen for path, seen in self._stamps.items()):
            self._repository, self._stamps = repository, {}
            self._head = _find_head(repository, self._read)
        return self._head

    def _read(self, path: Path) -> bytes:
        self._stamps[path] = _stamp(path)  # before it is read, so that a change in between is noticed
        return path.read_bytes()


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - Path.stat takes longer
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _find_head(repository: Path, read: _Read) -> GitHead | None:
    try:
        own, common = _folders(repository / ".git", read)
        return _follow(own, common, read)
    except (OSError, UnicodeDecodeError):
        return None


def _folders(entry: Path, read: _Read) -> tuple[Path, Path]:
    """The folder that has HEAD, and the one that has the branches; a work tree shares the latter with others."""
    own = entry
    if entry.is_file():
        own = entry.parent / _text(read(entry)).removeprefix("gitdir:").strip()
    link = own / "commondir"
    return own, (own / _text(read(link)) if link.is_file() else own)


def _follow(own: Path, common: Path, read: _Read) -> GitHead | None:
    text, branch = _text(read(own / "HEAD")), None
    for _ in range(_MAX_LINKS):
        if _HASH.fullmatch(text):
            return GitHead(text, branch)
        name = text.removeprefix("ref:").strip()
        if not text.startswith("ref:") or ".." in name:
            return None
        branch = name.removeprefix(_BRANCHES) if name.startswith(_BRANCHES) else branch
        text = _read_reference(common, name, read)
    return None


def _read_reference(common: Path, name: str, read: _Read) -> str:
    try:
        return _text(read(common / name))
    except (FileNotFoundError, NotADirectoryError):
        packed = read(common / "packed-refs")
        found = re.search(rb"^([0-9a-f]{40,64}) " + re.escape(name.encode()) + rb"\r?$", packed, re.MULTILINE)
        return found[1].decode() if found else ""


def _text(data: bytes) -> str:
    return data.decode().strip()
