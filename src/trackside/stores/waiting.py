"""What is kept on this machine for a store that cannot be used now."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

USUAL_S = 2.0
"""In this time a store that can be used has what was logged to it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits until the store can take it, and what the store has refused for good."""

    records: int = 0
    """Calls that logged something or started a run."""
    files: int = 0
    """Artifacts."""
    file_bytes: int = 0
    """Their size."""
    since: int | None = None
    """When the oldest of it was logged, or a little later, in milliseconds; None where nothing waits."""
    trouble: str = ""
    """Why this process could not deliver it; empty where it could, or has not tried."""
    refused: int = 0
    """Records that the store refused for good; they are kept, and not tried again."""
    refused_in: tuple[Path, ...] = ()
    """The files that hold them."""

    @property
    def count(self) -> int:
        """How much waits, records and files."""
        return self.records + self.files

    @property
    def is_late(self) -> bool:
        """Whether something waits longer than it takes to deliver it."""
        return self.since is not None and self.since < (time.time() - USUAL_S) * 1000

    @property
    def text(self) -> str:
        """Such as ``3 records and 1 file (12.5 kB)``."""
        files = f"{counted(self.files, 'file')} ({_size(self.file_bytes)})"
        return " and ".join([counted(self.records, "record")] * bool(self.records) + [files] * bool(self.files))


def together(parts: Iterable[Waiting]) -> Waiting:
    """All of it."""
    several = list(parts)
    return Waiting(
        records=sum(part.records for part in several),
        files=sum(part.files for part in several),
        file_bytes=sum(part.file_bytes for part in several),
        since=min((part.since for part in several if part.since is not None), default=None),
        trouble=next((part.trouble for part in several if part.trouble), ""),
        refused=sum(part.refused for part in several),
        refused_in=tuple(path for part in several for path in part.refused_in),
    )


def counted(count: int, what: str) -> str:
    """Such as ``1 file`` or ``2 files``."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def _size(size: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:,.1f} GB"
