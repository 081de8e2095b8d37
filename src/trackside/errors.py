"""Every error that a user of Trackside can meet.

TracksideError
├── InvalidValueError          a key, value, name or argument that cannot be accepted (also a ValueError)
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
    ├── StoreRefusedError      the server understood what was asked and refused it; asking again will not help
    └── NotAuthorizedError     the server wants other credentials
"""

from __future__ import annotations


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


class InvalidValueError(TracksideError, ValueError):
    """A key, value, name or argument that cannot be accepted."""


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
