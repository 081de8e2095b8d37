"""Counting what waits in a folder of journals, without holding any of them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from trackside.stores.journal import (
    FILES_SUFFIX,
    KEPT_SUFFIX,
    REFUSED_SUFFIX,
    SUFFIX,
    UnknownJournalError,
    find_journals,
    journal_root,
    peek,
    read_uri,
)
from trackside.stores.waiting import Waiting

if TYPE_CHECKING:
    from trackside.stores.journal import Journal


class WaitingCount:
    """Counts again only what changed since it last looked."""

    def __init__(self) -> None:
        self._seen: dict[Path, tuple[object, tuple[int, int]]] = {}

    def look(self, folder: Path, suffix: str, own: Journal | None, own_since: int, trouble: str) -> Waiting:
        """What waits in all journals of one kind.

        Args:
            folder: Where they are.
            suffix: Their kind.
            own: That of this process.
            own_since: Since when the oldest record in it waits, in milliseconds.
            trouble: Why this process could not deliver.
        """
        counts: dict[str, int] = {}
        times = []
        for path in find_journals(folder, suffix):
            is_own = own is not None and path == own.path
            count, since = (own.waiting, own_since) if own is not None and is_own else self._peek(path)
            if count:
                counts[path.stem] = count
                times.append(since)
        total, since_ms = sum(counts.values()), min(times, default=None)
        if suffix == FILES_SUFFIX:
            size = sum(size_kept(folder, stem) for stem in counts)
            return Waiting(files=total, file_bytes=size, since=since_ms, trouble=trouble)
        refused = tuple(sorted(folder.glob(f"*{REFUSED_SUFFIX}")))
        count_all = sum(self._peek(path)[0] for path in refused)
        return Waiting(total, since=since_ms, trouble=trouble, refused=count_all, refused_in=refused)

    def _peek(self, path: Path) -> tuple[int, int]:
        try:
            found = path.stat()
            state = (found.st_mtime_ns, found.st_size)
            if path not in self._seen or self._seen[path][0] != state:
                self._seen[path] = state, peek(path)
            return self._seen[path][1]
        except (OSError, UnknownJournalError):
            return 0, 0


def find_uris() -> list[str]:
    """The stores for which something waits or was refused on this machine."""
    uris = set()
    for path in journal_root().glob("*/*"):
        if path.suffix in (SUFFIX, FILES_SUFFIX, REFUSED_SUFFIX):
            with suppress(OSError, UnknownJournalError, ValueError):
                uris.add(read_uri(path))
    return sorted(uris - {""})


def size_kept(folder: Path, stem: str) -> int:
    """How large the files are that wait beside a journal."""
    size = 0
    for path in folder.glob(f"{stem}.*{KEPT_SUFFIX}"):
        with suppress(OSError):  # it was just delivered
            size += path.stat().st_size
    return size
