"""What can be done with the files of a run, in whatever store it lives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from trackside.entities import FileInfo
    from trackside.stores.pieces import Progress


class Artifacts(Protocol):
    """The files of one run. Paths are relative to the run's artifact root, with ``/`` on every system."""

    def list(self, path: str = "") -> tuple[FileInfo, ...]:
        """The files and directories directly in ``path``, by name; empty where nothing is there."""
        ...

    def read_bytes(self, path: str, *, max_bytes: int | None = None) -> bytes:
        """The content of a file.

        Raises:
            ArtifactNotFoundError: There is no such file.
            InvalidValueError: The file is larger than ``max_bytes``.
        """
        ...

    def write_bytes(self, path: str, content: bytes) -> None:
        """Write a file whole, replacing one that is there; a reader never sees half of it."""
        ...

    def read_file(self, path: str, target: Path, *, progress: Progress | None = None) -> None:
        """Copy a file to a local path, in pieces; where that fails, what was there stays.

        Raises:
            ArtifactNotFoundError: There is no such file.
            InvalidValueError: The local file cannot be written.
        """
        ...

    def write_file(self, source: Path, path: str, *, progress: Progress | None = None) -> None:
        """Copy a local file to ``path``, in pieces. ``progress`` begins anew where a server is sent it again."""
        ...

    def local_path(self, path: str = "") -> Path | None:
        """Where the file or directory lies on this machine, or None where it does not."""
        ...
