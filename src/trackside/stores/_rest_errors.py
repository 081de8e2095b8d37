"""A tracking server's refusals as the errors that all stores raise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from trackside.errors import (
    ExperimentNotFoundError,
    InvalidValueError,
    LifecycleError,
    NotFoundError,
    ParamChangedError,
    RunNotFoundError,
    StoreRefusedError,
    TracksideError,
)
from trackside.stores.validation import short

_SAME_NAME = ("UNIQUE constraint", "duplicate key", "Duplicate entry", "already exists")
_DELETED = ("must be in the 'active' state", "non-active experiment", "Current state is deleted")
_PARAM_CHANGED = "Changing param value"
_CHANGE = re.compile(r"\{'key': (?P<key>.*?), 'old_value': (?P<old>.*?), 'new_value': (?P<new>.*?)\}", re.DOTALL)
_BAD_ID = re.compile(
    r"Invalid experiment ID|parameter '(experiment_id|run_id)'|foreign key constraint"
    r"|invalid input syntax for type integer",  # PostgreSQL, of an id without digits
    re.IGNORECASE,
)


class NameTakenError(InvalidValueError):
    """Another experiment has the name; the store looks which, and says so."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request is about: an experiment, a run, or an experiment's name."""

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind} {short(self.id)}"


@contextmanager
def refusals_about(subject: Subject) -> Iterator[None]:
    """Raise what the server refuses in the block as the error that fits."""
    try:
        yield
    except StoreRefusedError as refusal:
        raise explained(refusal, subject) from None


def explained(refusal: StoreRefusedError, subject: Subject) -> TracksideError:
    """The error that fits a refusal; the refusal itself where none does."""
    said, reason = refusal.message, refusal.reason
    if any(words in reason for words in _DELETED):
        return LifecycleError(f"{subject} is deleted ({said})", hint="Restore it to write to it.")
    if _PARAM_CHANGED in reason:
        return _param_changed(said, reason, subject)
    if refusal.error_code == "RESOURCE_DOES_NOT_EXIST" or _BAD_ID.search(reason):
        return _not_found(said, reason, subject)
    if refusal.error_code == "RESOURCE_ALREADY_EXISTS" or _is_taken(refusal):
        return NameTakenError(f"there is an experiment with this name already ({said})", hint="Choose another name.")
    if refusal.error_code in {"INVALID_PARAMETER_VALUE", "BAD_REQUEST"}:
        return InvalidValueError(f"the server does not accept this for {subject}: {said}")
    return refusal


def _is_taken(refusal: StoreRefusedError) -> bool:
    return refusal.error_code == "BAD_REQUEST" and any(words in refusal.reason for words in _SAME_NAME)


def _param_changed(said: str, reason: str, subject: Subject) -> ParamChangedError:
    """The server lists all that changed in a notation of its own; the first is enough to find the slip."""
    hint = "Params keep their first value. Log this one under another key, or in a new run."
    change = _CHANGE.search(reason)
    if change is None:
        return ParamChangedError(f"a param of {subject} has another value already ({said})", hint=hint)
    key, old, new = change.group("key", "old", "new")
    return ParamChangedError(f"param {key} of {subject} is {old} already and cannot become {new}", hint=hint)


def _not_found(said: str, reason: str, subject: Subject) -> NotFoundError:
    if reason.startswith("No tag"):
        return NotFoundError(f"{subject} has no such tag ({said})")
    if subject.kind == "run":
        return RunNotFoundError(f"there is no {subject} ({said})")
    return ExperimentNotFoundError(f"there is no {subject} ({said})")
