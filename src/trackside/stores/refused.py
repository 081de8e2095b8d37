"""What stores refused, and is kept on this machine: sent again when somebody asks for it."""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING

from trackside.stores.journal import (
    FILES_SUFFIX,
    REFUSED_SUFFIX,
    SUFFIX,
    UnknownJournalError,
    journal_folder,
    read_waiting,
)
from trackside.stores.records import FileKept, step_of

if TYPE_CHECKING:
    from pathlib import Path


def let_wait_again(uri: str) -> None:
    """Let what this store refused wait like the rest, so that the next delivery tries it again.

    What is refused again is kept again.
    """
    folder = journal_folder(uri)
    for path in folder.glob(f"*{REFUSED_SUFFIX}"):
        with suppress(OSError, UnknownJournalError):  # another process is at it; it is kept as it is
            path.rename(folder / f"{os.getpid()}-{uuid.uuid4().hex[:8]}{_kind_of(path)}")


def _kind_of(path: Path) -> str:
    """The suffix of the journal that such records come from: files wait apart from the rest."""
    first = next(iter(read_waiting(path)), None)
    return FILES_SUFFIX if first is not None and isinstance(step_of(first).change, FileKept) else SUFFIX
