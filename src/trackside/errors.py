"""Every error that a user of Trackside can meet.

TracksideError
├── InvalidValueError          a key, value, name or argument that cannot be accepted (also a ValueError)
│   ├── FilterError            a filter or an order that cannot be read, with the place in its text
│   ├── ParamChangedError      a param that already has another value
│   └── UnsafePathError        an artifact path that would leave its folder
├── NotFoundError              something named by id, name or path that is not there (also a LookupError)
│   ├── ExperimentNotFoundError
│   ├── RunNotFoundError
│   └── ArtifactNotFoundError
├── RunActiveError             a run is active where none may be, or the other way round
├── LifecycleError             the experiment or run is deleted, so it cannot be written
└── StoreError                 the place where runs live cannot do what was asked
    ├── UnknownStoreError      the tracking URI names no kind of store that Trackside knows
    ├── StoreUnreadableError   the file is damaged, or is not a tracking database
    ├── StoreReadOnlyError     no permission to write, or the file is of a form that Trackside must not write
    ├── StoreBusyError         another process held the store for too long, or the server asks to come back later
    ├── StoreUnreachableError  no answer from the server, or none that a tracking server gives; it may work later
    │   └── NoTrackingServerError  what answers there is no tracking server, or cannot be trusted
    ├── StoreRefusedError      the server understood what was asked and refused it; asking again will not help
    └── NotAuthorizedError     the server wants other credentials
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from types import TracebackType
from unicodedata import combining, east_asian_width

MOST_MISTYPED = 80
"""For longer words, nothing near is looked for."""


class TracksideError(Exception):
    """What is wrong, with its value and place, and what to do about it.

    Attributes:
        message: One sentence that says what is wrong with which value, where.
        hint: What the user can do, or an empty string where nothing helps.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\nhint: {self.hint}" if self.hint else self.message

    @property
    def code(self) -> str:
        """The name by which front ends and programs tell errors apart, such as ``RunNotFound``."""
        return type(self).__name__.removesuffix("Error")

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: the user's own lines, without Trackside's, then what is wrong and what to do about it."""
        cause, is_suppressed = self.__cause__, self.__suppress_context__
        self.__cause__ = None  # this hides the context as well
        try:
            formatter = sys.modules["IPython"].get_ipython().InteractiveTB
            own = _without_trackside(self.__traceback__)
            return list(formatter.structured_traceback(type(self), self, own, tb_offset=1))
        finally:
            self.__cause__, self.__suppress_context__ = cause, is_suppressed


class InvalidValueError(TracksideError, ValueError):
    """A key, value, name or argument that cannot be accepted."""


class FilterError(InvalidValueError):
    """A filter or an order that cannot be read.

    Attributes:
        text: What was to be read, whole.
        position: Where in it the trouble begins, counted in characters from 0.
        length: How many characters are in trouble; 1 at the end of the text.
    """

    def __init__(self, message: str, *, text: str = "", position: int = 0, length: int = 1, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.text = text
        self.position = position
        self.length = length

    def __str__(self) -> str:
        hint = f"hint: {self.hint}" if self.hint else ""
        return "\n".join(line for line in (self.message, *self.drawing(), hint) if line)

    def drawing(self, width: int = 76) -> tuple[str, str]:
        """The part of the text around the place, and carets below it; two lines of at most ``width`` columns."""
        first = self.text.rfind("\n", 0, self.position) + 1
        last = (self.text.find("\n", self.position) + 1 or len(self.text) + 1) - 1
        start = max(first, self.position - width // 2)
        end = min(last, start + width - 6)
        before, marked = "…" * (start > first), self.text[self.position : min(end, self.position + self.length)]
        shown = before + self.text[start:end] + "…" * (end < last)
        indent = columns_of(before + self.text[start : self.position])
        return f"    {plain(shown)}", f"    {' ' * indent}{'^' * max(1, columns_of(marked))}"


class ParamChangedError(InvalidValueError):
    """A param was logged again with another value; params keep their first value."""


class UnsafePathError(InvalidValueError):
    """An artifact path that would leave the folder it belongs to."""


class NotFoundError(TracksideError, LookupError):
    """Something named by id, name or path is not there."""


class ExperimentNotFoundError(NotFoundError):
    """The store has no experiment with this id or name."""


class RunNotFoundError(NotFoundError):
    """The store has no run with this id."""


class ArtifactNotFoundError(NotFoundError):
    """The run has no artifact at this path."""


class RunActiveError(TracksideError):
    """A run is active where none may be, or none is active where one must be."""


class LifecycleError(TracksideError):
    """The experiment or run is deleted, so it cannot be written."""


class StoreError(TracksideError):
    """The place where runs live cannot do what was asked."""


class UnknownStoreError(StoreError):
    """The tracking URI names no kind of store that Trackside knows."""


class StoreUnreadableError(StoreError):
    """The file is damaged, or is not a tracking database."""


class StoreReadOnlyError(StoreError):
    """No permission to write here, or the file is of a form that Trackside must not write."""


class StoreBusyError(StoreError):
    """Another process held the store for longer than Trackside waits, or the server asks to come back later."""


class StoreUnreachableError(StoreError):
    """No answer came from the server, or none that a tracking server gives. The same request may succeed later."""


class NoTrackingServerError(StoreUnreachableError):
    """What answers at this address is no tracking server, or cannot be trusted. The address may be wrong."""


class StoreRefusedError(StoreError):
    """The server understood what was asked and refused it. The same request will be refused again.

    Attributes:
        error_code: The server's own name for what is wrong, such as ``RESOURCE_DOES_NOT_EXIST``.
        reason: What the server said, whole.
    """

    def __init__(self, message: str, *, error_code: str = "", reason: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.error_code = error_code
        self.reason = reason


class NotAuthorizedError(StoreError):
    """The server does not accept the credentials, or they do not allow what was asked."""


def is_away(error: BaseException) -> bool:
    """Whether the store cannot be used now, and the same may work later without anybody changing anything."""
    return isinstance(error, StoreBusyError | StoreUnreachableError) and not isinstance(error, NoTrackingServerError)


def plain(text: str) -> str:
    """The text with a blank for whatever would move the cursor."""
    return "".join(char if char.isprintable() else " " for char in text)


def plain_lines(text: str) -> str:
    """As ``plain``, with the ends of lines kept."""
    return "\n".join(map(plain, text.split("\n")))


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant by one that is not known; empty where none is like it."""
    from difflib import get_close_matches

    words = {text.lower(): text for text in known}
    found = get_close_matches(word.lower(), words, n=1, cutoff=0.65) if len(word) <= MOST_MISTYPED else []
    return words[found[0]] if found else ""


def columns_of(text: str) -> int:
    """How many columns a text takes in a fixed-width font, in which East Asian letters are two wide."""
    return sum(0 if combining(char) else 1 + (east_asian_width(char) in "WF") for char in text)


def _without_trackside(trace: TracebackType | None) -> TracebackType | None:
    """The traceback without the frames of this package."""
    kept = []
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__", "").partition(".")[0] != "trackside":
            kept.append(trace)
        trace = trace.tb_next
    for step in reversed(kept):
        trace = TracebackType(trace, step.tb_frame, step.tb_lasti, step.tb_lineno)
    return trace
