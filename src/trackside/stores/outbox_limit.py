"""How much may wait on this machine."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from trackside.settings import OUTBOX_LIMIT
from trackside.stores.waiting_count import size_kept

if TYPE_CHECKING:
    from trackside.stores.journal import Journal


class OutboxLimit:
    """The limit of one journal and the files beside it, as the setting was when the journal was made."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._limit = _read_limit()
        self._kept = 0

    def require(self) -> None:
        """Raise OSError where more waits than may. What waits already is delivered all the same."""
        if self._waiting() > self._limit:
            self._kept = size_kept(self._journal.path.parent, self._journal.path.stem)
            if self._waiting() > self._limit:
                raise OSError(
                    errno.ENOSPC,
                    f"more than the {self._limit / 1e6:,g} MB that {OUTBOX_LIMIT.name} allows wait already",
                )

    def note_file(self, size: int) -> None:
        """A file of this many bytes was kept."""
        self._kept += size

    def _waiting(self) -> int:
        return self._journal.end - self._journal.delivered + self._kept


def _read_limit() -> float:
    """The setting, in bytes; a text that is no number counts as the default."""
    try:
        return float(OUTBOX_LIMIT.read()) * 1e6
    except ValueError:
        return float(OUTBOX_LIMIT.default) * 1e6
