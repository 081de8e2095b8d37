"""The files of runs in object stores, through ``fsspec`` where it is installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from trackside import settings
from trackside.entities import FileInfo
from trackside.errors import (
    ArtifactNotFoundError,
    InvalidValueError,
    StoreUnreachableError,
    TracksideError,
    UnknownStoreError,
    UnsafePathError,
)
from trackside.stores.artifacts import normal_path
from trackside.stores.pieces import Progress, draft_of
from trackside.stores.validation import short

PACKAGES = {"s3": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs", "abfss": "adlfs", "oss": "ossfs"}
"""The package that ``fsspec`` needs for each kind of object store."""


class ObjectArtifacts:
    """The files of one run in an object store. Credentials are found as the store's own package finds them.

    Args:
        uri: The run's place there, such as ``s3://bucket/1/run/artifacts``.
        filesystem: Another connection than ``fsspec`` would make.

    Raises:
        UnknownStoreError: It is no object store that Trackside knows, or a package is missing.
    """

    def __init__(self, uri: str, *, filesystem: Any = None) -> None:
        self.uri = uri.rstrip("/")
        self._files = filesystem or _open(self.uri)

    def list(self, path: str = "") -> tuple[FileInfo, ...]:
        """The files and directories directly in ``path``, by name; empty where nothing is there."""
        prefix = normal_path(path)
        place = self._place(prefix)
        with self._explained(path):
            try:
                found = self._files.ls(place, detail=True)
            except (FileNotFoundError, NotADirectoryError):
                return ()
        own = self._files._strip_protocol(place)  # how fsspec's own code normalises names
        files = [_read_file(entry, prefix) for entry in found if entry["name"].rstrip("/") != own]
        return tuple(sorted(files, key=lambda file: file.path))

    def read_bytes(self, path: str, *, max_bytes: int | None = None) -> bytes:
        """The content of a file."""
        place = self._place(path)
        with self._explained(path):
            size = int(self._files.info(place).get("size") or 0)
            if max_bytes is not None and size > max_bytes:
                raise InvalidValueError(f"artifact {short(path)} has {size} bytes; at most {max_bytes} were asked for")
            content = self._files.cat_file(place)
        return bytes(content)

    def write_bytes(self, path: str, content: bytes) -> None:
        """Write a file whole, replacing one that is there."""
        with self._explained(path):
            self._files.pipe_file(self._target(path), content)

    def read_file(self, path: str, target: Path, *, progress: Progress | None = None) -> None:
        """Copy a file to a local path, in pieces."""
        place = self._place(path)
        with draft_of(target) as draft, self._explained(path):
            if self._files.isdir(place):
                raise ArtifactNotFoundError(f"there is no artifact {short(path)} in {self.uri}, but a folder")
            self._files.get_file(place, str(draft), callback=_callback(progress))

    def write_file(self, source: Path, path: str, *, progress: Progress | None = None) -> None:
        """Copy a local file to ``path``, in pieces."""
        if not source.is_file():
            raise InvalidValueError(f"there is no file {str(source)!r} to keep as an artifact")
        with self._explained(path):
            self._files.put_file(str(source), self._target(path), callback=_callback(progress))

    def local_path(self, path: str = "") -> Path | None:
        """None: the files are in the object store."""
        normal_path(path)
        return None

    def _place(self, path: str) -> str:
        return "/".join(part for part in (self.uri, normal_path(path)) if part)

    def _target(self, path: str) -> str:
        if not normal_path(path):
            raise UnsafePathError(f"an artifact needs a name, got {short(path)}")
        return self._place(path)

    @contextmanager
    def _explained(self, path: str) -> Iterator[None]:
        """Each kind of store raises errors of its own; turn all of them into Trackside's."""
        try:
            yield
        except TracksideError:
            raise
        except (FileNotFoundError, IsADirectoryError):
            raise ArtifactNotFoundError(f"there is no artifact {short(path)} in {self.uri}") from None
        except Exception as cause:
            raise StoreUnreachableError(
                f"{self.uri} could not be used for the artifact {short(path)}: {type(cause).__name__}: {cause}",
                hint="Can this machine reach the object store, and does it have credentials for it?",
            ) from cause


def _open(uri: str) -> Any:
    scheme = urlsplit(uri).scheme
    package = PACKAGES.get(scheme)
    if package is None:
        raise UnknownStoreError(
            f"the artifacts at {short(uri, 200)} are at a place that Trackside does not know: {scheme!r}",
            hint=f"Known are folders, tracking servers that serve artifacts, and {', '.join(PACKAGES)}.",
        )
    try:
        import fsspec  # type: ignore[import-not-found,import-untyped,unused-ignore]

        return fsspec.filesystem(scheme, **_options(scheme))
    except ImportError as error:
        raise UnknownStoreError(
            f"the artifacts at {short(uri, 200)} need a package that is not installed: {error}",
            hint=f"pip install {package}",
        ) from None


def _callback(progress: Progress | None) -> Any:
    from fsspec.callbacks import Callback  # type: ignore[import-not-found,import-untyped,unused-ignore]

    return Callback(hooks={"progress": lambda size, value, **_: progress(value, size)} if progress else {})


def _options(scheme: str) -> dict[str, Any]:
    endpoint = settings.S3_ENDPOINT.read()
    return {"endpoint_url": endpoint} if scheme == "s3" and endpoint else {}


def _read_file(entry: dict[str, Any], prefix: str) -> FileInfo:
    name = str(entry["name"]).rstrip("/").rpartition("/")[2]
    path = f"{prefix}/{name}" if prefix else name
    if entry["type"] == "directory":
        return FileInfo(path, is_dir=True)
    return FileInfo(path, is_dir=False, file_size=int(entry.get("size") or 0))
