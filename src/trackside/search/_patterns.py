"""LIKE and ILIKE: ``%`` stands for any text, ``_`` for one character, and nothing can be escaped, as in MLflow.

ILIKE takes only the 26 letters of ASCII as equal in both sizes, as SQLite does. Both see a text only as far as its
first NUL character.
"""

from __future__ import annotations

import re
import string

MAX_PATTERN_BYTES = 50_000
"""What SQLite takes for a pattern."""

_TO_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_TO_GLOB = str.maketrans({"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"})


def to_glob(pattern: str) -> str:
    """The same pattern for SQLite's GLOB, which no setting of the connection makes blind to upper and lower case."""
    return pattern.translate(_TO_GLOB)


def lowered(text: str) -> str:
    """The text with A to Z made small."""
    return text.translate(_TO_LOWER)


def fits(text: str, pattern: str) -> bool:
    """Whether a text is as a LIKE pattern says, in time proportional to their lengths at the worst."""
    text, pattern = text.partition("\0")[0], pattern.partition("\0")[0]
    first, *others = (_Piece(piece) for piece in pattern.split("%"))
    if not others:
        return first.length == len(text) and first.is_at(text, 0)
    *middle, last = others
    position = first.length
    end = len(text) - last.length
    if position > end or not first.is_at(text, 0) or not last.is_at(text, end):
        return False
    for piece in middle:
        position = piece.find(text, position, end)
        if position < 0:
            return False
    return True


class _Piece:
    """A part of a pattern without ``%``."""

    def __init__(self, text: str) -> None:
        self.length = len(text)
        self._form = re.compile(re.escape(text).replace("_", "."), re.DOTALL)

    def is_at(self, text: str, position: int) -> bool:
        return self._form.match(text, position) is not None

    def find(self, text: str, position: int, end: int) -> int:
        """Behind its first place from ``position`` on and before ``end``, or -1."""
        found = self._form.search(text, position, end)
        return found.end() if found else -1
