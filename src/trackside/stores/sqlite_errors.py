"""What errors of SQLite and of the file system mean for a user of a tracking database."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from trackside.errors import InvalidValueError, StoreBusyError, StoreError, StoreReadOnlyError, StoreUnreadableError

_OTHER_URI_HINT = "Name another place: trackside.set_tracking_uri('sqlite:////a/folder/you/can/write/mlflow.db')."


def explained(cause: Exception, path: Path) -> Exception:
    """The error to raise instead of ``cause``; ``cause`` itself where only a programmer can make use of it."""
    if isinstance(cause, UnicodeEncodeError):
        return InvalidValueError(f"the text {cause.object[:60]!r} cannot be stored: it is not valid Unicode")
    if isinstance(cause, OSError):
        return _explained_os_error(cause, path)
    return _explained_sqlite_error(cause, path) if isinstance(cause, sqlite3.Error) else cause


def is_denied(cause: sqlite3.Error) -> bool:
    """Whether the file or its folder lack a permission."""
    text = str(cause)
    return "readonly" in text or "unable to open" in text


def _explained_os_error(cause: OSError, path: Path) -> StoreError:
    reason = cause.strerror or str(cause)
    return StoreReadOnlyError(f"the database {path} cannot be made or opened: {reason}", hint=_OTHER_URI_HINT)


def _explained_sqlite_error(cause: sqlite3.Error, path: Path) -> Exception:
    text = str(cause)
    if path.is_dir():
        return StoreUnreadableError(f"{path} is a folder, and no database", hint=_OTHER_URI_HINT)
    if "locked" in text or "locking protocol" in text:
        return StoreBusyError(
            f"another process kept {path} locked for too long ({text})",
            hint="See which program has the file open, wait until it has finished, and try again.",
        )
    if is_denied(cause):
        return StoreReadOnlyError(
            f"the database {path} or its folder cannot be written by this account ({text})", hint=_OTHER_URI_HINT
        )
    if "not a database" in text or "malformed" in text:
        return StoreUnreadableError(
            f"{path} is damaged, or is no SQLite database ({text})",
            hint="Trackside left it as it is. Restore a copy, or name another file with trackside.set_tracking_uri(…).",
        )
    if isinstance(cause, sqlite3.OperationalError | sqlite3.IntegrityError):
        return StoreError(f"the database {path} cannot be used: {text}")
    return cause
