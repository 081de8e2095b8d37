"""The files of runs, in folders on this machine.

A file is written under another name first and then renamed, so that a reader never sees half of it. Paths that would
leave a run's folder are refused, symbolic links included.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from urllib.parse import unquote, urlsplit

from trackside.entities import FileInfo
from trackside.errors import (
    ArtifactNotFoundError,
    InvalidValueError,
    StoreReadOnlyError,
    StoreUnreachableError,
    UnknownStoreError,
    UnsafePathError,
)
from trackside.stores.pieces import Progress, copy, draft_of
from trackside.stores.shared_content import SHARED, write_shared
from trackside.stores.validation import short

_DRIVE = re.compile(r"/?[A-Za-z]:")
_SERVER_SCHEME = "mlflow-artifacts"
_SERVER_FOLDERS = ("mlartifacts", "mlruns")
"""Where `mlflow server` keeps the artifacts that it serves, beside its database, unless told otherwise."""
_SHARE_GONE = {
    *(errno.ENODEV, errno.ENXIO, errno.EIO, errno.ESTALE, errno.ETIMEDOUT),
    *(errno.ENOTCONN, errno.ECONNREFUSED, errno.ECONNRESET, errno.ECONNABORTED),
    *(errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ENETUNREACH, errno.ENETDOWN, errno.ENETRESET),
}
"""What systems say of a folder on another machine that does not answer."""


class LocalArtifacts:
    """The files of one run below a folder, which is made when the first file is written."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def list(self, path: str = "") -> tuple[FileInfo, ...]:
        """The files and directories directly in ``path``, by name; empty where nothing is there."""
        directory = self._inside(path)
        try:
            entries = sorted(directory.iterdir(), key=lambda entry: entry.name)
        except OSError:
            return ()
        prefix = f"{normal_path(path)}/" if normal_path(path) else ""
        found = (_file_info(entry, prefix + entry.name) for entry in entries if self._holds(entry))
        return tuple(file for file in found if file is not None)

    def read_bytes(self, path: str, *, max_bytes: int | None = None) -> bytes:
        """The content of a file."""
        file = self._require_file(path)
        size = file.stat().st_size
        if max_bytes is not None and size > max_bytes:
            raise InvalidValueError(f"artifact {short(path)} has {size} bytes; at most {max_bytes} were asked for")
        return file.read_bytes()

    def write_bytes(self, path: str, content: bytes) -> None:
        """Write a file whole, replacing one that is there."""
        with self._draft(path) as draft:
            if path.startswith(SHARED):
                write_shared(draft, self.root, normal_path(path), content)
            else:
                draft.write_bytes(content)

    def read_file(self, path: str, target: Path, *, progress: Progress | None = None) -> None:
        """Copy a file to a local path."""
        file = self._require_file(path)
        with draft_of(target) as draft:
            copy(file, draft, progress)

    def write_file(self, source: Path, path: str, *, progress: Progress | None = None) -> None:
        """Copy a local file to ``path``."""
        if not source.is_file():
            raise InvalidValueError(f"there is no file {str(source)!r} to keep as an artifact")
        with self._draft(path) as draft:
            copy(source, draft, progress)

    def local_path(self, path: str = "") -> Path | None:
        """Where the file or directory lies on this machine, or None where it does not."""
        file = self._inside(path)
        return file if file.exists() else None

    def _inside(self, path: str) -> Path:
        file = self.root / normal_path(path)
        if not self._holds(file):
            raise UnsafePathError(f"the artifact path {short(path)} leads out of {self.root} through a link")
        return file

    def _require_file(self, path: str) -> Path:
        file = self._inside(path)
        if not file.is_file():
            raise ArtifactNotFoundError(f"there is no artifact {short(path)} in {self.root}")
        return file

    def _holds(self, file: Path) -> bool:
        return Path(os.path.realpath(file)).is_relative_to(os.path.realpath(self.root))  # resolve() fails on loops

    @contextmanager
    def _draft(self, path: str) -> Iterator[Path]:
        """A file beside the run's folder that becomes the artifact when the block ends well."""
        if not normal_path(path):
            raise UnsafePathError(f"an artifact needs a name, got {short(path)}")
        target = self._inside(path)
        draft = self.root.parent / f".{secrets.token_hex(8)}.part"
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            yield draft
            draft.replace(target)
        except OSError as cause:
            raise _explained(cause, path, target) from cause
        finally:
            _remove(draft)


def normal_path(path: str) -> str:
    """An artifact path without empty and ``.`` parts.

    Raises:
        UnsafePathError: It is absolute, goes up, or would mean another place on another system.
    """
    if not isinstance(path, str):
        raise UnsafePathError(f"an artifact path must be text, got {path!r}")
    if "\0" in path or "\\" in path or path.startswith("/") or _DRIVE.match(path):
        raise UnsafePathError(
            f"the artifact path {short(path)} is not relative with forward slashes",
            hint="Write it as folder/name.txt.",
        )
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise UnsafePathError(f"the artifact path {short(path)} goes up with '..'", hint="Write it as folder/name.txt.")
    return "/".join(parts)


def checked_location(location: str) -> str:
    """A place for an experiment's artifacts as it is recorded: local paths absolute, URIs as they are."""
    if location.startswith("runs:"):
        raise InvalidValueError(f"the artifact location {short(location)} cannot lie in a run")
    if _scheme(location):
        return location.rstrip("/")
    return os.path.abspath(location)  # noqa: PTH100 - Path.absolute keeps `..`


def usable_location(recorded: str, default: str) -> str:
    """Where a new run of an experiment keeps its artifacts.

    That is where the experiment says, unless this machine has no such place because the database was made on another
    system, was moved, or belongs to a server: then ``default``.
    """
    if _scheme(recorded) not in ("", "file"):
        return default if _scheme(recorded) == _SERVER_SCHEME else recorded.rstrip("/")
    path = _native(recorded)
    return recorded.rstrip("/") if path is not None and _base_exists(path) else default


def find_root(recorded: str, own_id: str, default_location: str) -> Path:
    """The folder of a run's or a model's artifacts on this machine, which need not exist yet.

    Where the recorded path is not there, the same run's folder is looked for beside the database.

    Args:
        recorded: Where the artifacts were when they were recorded.
        own_id: The id of the run or model, which is part of that place.
        default_location: Where a database at this place would keep the artifacts of the run's experiment.

    Raises:
        UnknownStoreError: The artifacts are at a place that is no folder, such as a bucket.
    """
    if _scheme(recorded) not in ("", "file", _SERVER_SCHEME):
        raise UnknownStoreError(
            f"the artifacts of {own_id} are at {short(recorded)}, which is no folder on this machine"
        )
    path = _native(recorded)
    if path is not None and path.is_dir():
        return path
    home = Path(_native(default_location) or default_location)
    if found := _find_moved(_parts(recorded), own_id, home.parent.parent):
        return found
    if _is_relative(recorded) and Path(recorded).is_dir():  # MLflow 1 meant its working directory
        return Path(recorded).absolute()
    return path if path is not None and _base_exists(path.parent.parent) else home / own_id / "artifacts"


def named_folder(artifact_uri: str) -> Path | None:
    """The folder that an artifact URI names, there or not; None where it names none that this system can have."""
    return _native(artifact_uri) if _scheme(artifact_uri) in ("", "file") else None


def _find_moved(parts: tuple[str, ...], run_id: str, folder: Path) -> Path | None:
    """The longest end of a recorded path, with the run's id in it, that exists below a folder."""
    if run_id not in parts or ".." in parts:
        return None
    ends = [parts[start:] for start in range(parts.index(run_id) + 1)]
    tops = ("", *_SERVER_FOLDERS)
    candidates = (folder.joinpath(top, *end) for end in ends for top in tops)
    return next((candidate for candidate in candidates if candidate.is_dir()), None)


def _base_exists(location: Path) -> bool:
    """Whether the folder in which an experiment's artifacts were to be collected can be there on this machine."""
    return location.is_dir() or location.parent.is_dir() or location.parent.parent.is_dir()


def _scheme(location: str) -> str:
    return "" if _DRIVE.match(location) else urlsplit(location).scheme.lower()


def _native(location: str) -> Path | None:
    """A recorded local place as a path of this system, or None where it is one of another system."""
    scheme = _scheme(location)
    if scheme == _SERVER_SCHEME:
        return None
    text = _path_in_uri(location) if scheme == "file" else location
    is_windows = bool(_DRIVE.match(text)) or text.startswith("\\\\")
    if is_windows is not (os.name == "nt"):
        return None
    path = Path(text)
    return path if path.is_absolute() else None


def _is_relative(location: str) -> bool:
    return bool(location) and not _scheme(location) and not PureWindowsPath(location).anchor


def _path_in_uri(location: str) -> str:
    text = unquote(urlsplit(location).path)
    return text[1:] if text.startswith("/") and _DRIVE.match(text) else text


def _parts(location: str) -> tuple[str, ...]:
    """The names along a recorded path of any system, without its root."""
    scheme = _scheme(location)
    text = _path_in_uri(location) if scheme else location
    is_windows = bool(_DRIVE.match(text)) or "\\" in text
    path = PureWindowsPath(text.lstrip("/")) if is_windows else PurePosixPath(text)
    return tuple(part for part in path.parts if part != path.anchor)


def _file_info(entry: Path, path: str) -> FileInfo | None:
    """What is at ``entry``; None for a link that leads nowhere, and for a file that was just removed."""
    try:
        found = entry.stat()
    except OSError:
        return None
    is_dir = stat.S_ISDIR(found.st_mode)
    return FileInfo(path, is_dir, None if is_dir else found.st_size)


def _explained(cause: OSError, path: str, target: Path) -> Exception:
    reason = cause.strerror or str(cause)
    if isinstance(cause, PermissionError) or "Read-only" in reason:
        return StoreReadOnlyError(
            f"no permission to write the artifact {short(path)} to {target}",
            hint="Make the folder writable, or name another store with trackside.set_tracking_uri(…).",
        )
    if cause.errno in _SHARE_GONE or _is_behind_broken_link(target):
        return StoreUnreachableError(
            f"the artifact {short(path)} cannot be written to {target} now: {reason}",
            hint="Is the shared folder mounted, and can this machine reach the one that shares it?",
        )
    return InvalidValueError(f"the artifact {short(path)} cannot be written to {target}: {reason}")


def _is_behind_broken_link(target: Path) -> bool:
    return any(folder.is_symlink() and not folder.exists() for folder in target.parents)


def _remove(draft: Path) -> None:
    try:
        draft.unlink(missing_ok=True)
    except OSError:  # the folder was never made
        return
