"""What is said where something cannot be written: that the disk is full, or what else the system says."""

from __future__ import annotations

import errno
import os
import re
import shutil
from typing import TYPE_CHECKING

from trackside.errors import StoreReadOnlyError

if TYPE_CHECKING:
    from pathlib import Path

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_SAYS_FULL = re.compile(
    r"no space left|not enough space|quota exceeded|file too large|os error (28|122|27)\b", re.IGNORECASE
)
FREE_SPACE = "Free some space, or choose a folder on another disk."


def write_error(place: Path, error: OSError, hint: str = "Choose another folder.") -> StoreReadOnlyError:
    """The error of a place that cannot be written.

    Args:
        place: Where something was to be written.
        error: What the system said.
        hint: What to do where the disk is not full.
    """
    reason = _reason(error)
    is_full = error.errno in _FULL or says_full(reason)
    return StoreReadOnlyError(f"{place} cannot be written: {reason}", hint=FREE_SPACE if is_full else hint)


def says_full(text: str) -> bool:
    """Whether these are the words of a program or a system whose disk is full."""
    return bool(_SAYS_FULL.search(text))


def _reason(error: OSError) -> str:
    """In the system's words; of a folder that was copied, those about the first file."""
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list):
        return str(error.args[0][0][-1])
    return error.strerror or (os.strerror(error.errno) if error.errno else str(error))
