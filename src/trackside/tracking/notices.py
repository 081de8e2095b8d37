"""One line on standard error for what went wrong beside the user's own code."""

from __future__ import annotations

import sys

from trackside.errors import plain

_said: set[str] = set()


def say(text: str) -> None:
    """Write one line, whatever line ends the text has; nothing where there is no standard error."""
    if sys.stderr is not None:
        sys.stderr.write(f"Trackside: {' '.join(plain(text).split())}\n")


def say_once(text: str) -> None:
    """Like ``say``, but each text only once in a process."""
    if text not in _said:
        _said.add(text)
        say(text)
