"""Where a notebook lies, in words that other users of the same store share."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """Where a notebook lies on this machine.

    Attributes:
        path: The absolute path.
        repository: Root of the git repository around it, or None.
        display_path: The path as it is shown to people.
    """

    path: Path
    repository: Path | None
    display_path: str

    @property
    def location(self) -> str:
        """What tells this notebook from others: ``<repository>/<path in it>``, as in every clone, else the path."""
        if self.repository is None:
            return self.path.as_posix()
        return (Path(self.repository.name) / self.path.relative_to(self.repository)).as_posix()

    @property
    def title(self) -> str:
        """The name that the notebook's experiment gets."""
        return self.display_path if self.repository is None else self.location

    def find_path(self, location: str) -> Path | None:
        """The path that another notebook's location has on this machine; None for a repository that is not here."""
        if Path(location).is_absolute():
            return Path(location)
        if self.repository is not None and location.startswith(f"{self.repository.name}/"):
            return self.repository.parent / location
        return None


def find_place(path: Path, display_path: str) -> Place:
    """The place of a notebook."""
    return Place(path, find_repository(path), display_path)


def find_repository(path: Path) -> Path | None:
    """The nearest folder around ``path`` that has a ``.git`` (a folder, or a file in work trees), or None."""
    folder, inner = os.path.split(path)
    while inner:
        if os.path.exists(f"{folder}/.git"):  # noqa: PTH110 - asked for each cell: Path takes four times as long
            return Path(folder)
        folder, inner = os.path.split(folder)
    return None
