"""The local modules that a notebook has imported: files of its own folder or repository, which no package index has.

Of each the hash is kept; its content too, unless the commit of the repository has the file as it is. Modules that were
installed, and those of Python itself, are part of the environment instead.
"""

from __future__ import annotations

import hashlib
import json
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from trackside.notebook import git

MAX_FILE_BYTES = 1024 * 1024
"""A larger file is not kept, only its hash."""
MAX_BYTES = 10 * 1024 * 1024
"""When so much is kept, other files are not."""
MAX_MODULES = 500

_INSTALLED = {"site-packages", "dist-packages"}
_IN_COMMIT, _KEPT, _TOO_LARGE, _UNREADABLE = "in the commit", "kept", "too large", "unreadable"
_MISSING = {_TOO_LARGE, _UNREADABLE}


@dataclass(frozen=True, slots=True, eq=False)
class LocalModules:
    """The local modules of a kernel.

    Attributes:
        manifest: JSON: ``root`` (what the paths start at: ``repository`` or ``folder``), ``commit`` where that is a
            repository, ``cut`` (whether something is missing), and ``modules``, each with ``name``, ``path``,
            ``sha256``, ``bytes`` and ``content``: ``kept``, ``in the commit``, ``too large`` or ``unreadable``.
        files: The content of those that are kept, by their path.
        sha256: Hash of the manifest.
    """

    manifest: str
    files: Mapping[str, bytes] = field(repr=False)
    sha256: str


@dataclass(frozen=True, slots=True)
class _File:
    """A module's file; without a hash where it cannot be read."""

    name: str
    path: str
    size: int | None = None
    sha256: str | None = None


class ModuleReader:
    """Reads the local modules around a notebook; a file that did not change is not read again."""

    def __init__(self) -> None:
        self._hashes: dict[Path, tuple[tuple[int, int], str]] = {}
        self._last: tuple[tuple[object, ...], LocalModules] | None = None

    def read(self, notebook: Path) -> LocalModules | None:
        """What the process has imported from the folder of a notebook, or from its repository; None where nothing."""
        repository = _find_repository(notebook.parent)
        root = repository or notebook.parent
        files = [self._look_at(name, path, root) for name, path in sorted(_find_local(root))]
        if not files:
            return None
        key = (root, *files)
        if self._last is None or self._last[0] != key:
            self._last = key, _build(root, files, is_repository=repository is not None)
        return self._last[1]

    def _look_at(self, name: str, file: Path, root: Path) -> _File:
        path = file.relative_to(root).as_posix()
        try:
            status = file.stat()
            seen = (status.st_mtime_ns, status.st_size)
            known = self._hashes.get(file)
            if known is None or known[0] != seen:
                known = self._hashes[file] = (seen, _hash_of(file))
        except OSError:
            return _File(name, path)
        return _File(name, path, status.st_size, known[1])


def _build(root: Path, files: Sequence[_File], *, is_repository: bool) -> LocalModules:
    paths = [file.path for file in files]
    commit, committed = git.read_committed(root, paths) if is_repository else (None, frozenset[str]())
    kept: dict[str, bytes] = {}
    entries = [
        {
            "name": file.name,
            "path": file.path,
            "bytes": file.size,
            "sha256": file.sha256,
            "content": _IN_COMMIT if file.path in committed else _keep(root, file, kept),
        }
        for file in files[:MAX_MODULES]
    ]
    manifest = {
        "root": "repository" if is_repository else "folder",
        "commit": commit,
        "cut": len(files) > MAX_MODULES or any(entry["content"] in _MISSING for entry in entries),
        "modules": entries,
    }
    text = json.dumps(manifest, indent=1, sort_keys=True) + "\n"
    return LocalModules(text, kept, hashlib.sha256(text.encode()).hexdigest())


def _keep(root: Path, file: _File, kept: dict[str, bytes]) -> str:
    """Adds a file's content to what is kept, if there is room; what became of it."""
    if file.size is None:
        return _UNREADABLE
    if file.size > MAX_FILE_BYTES or file.size + sum(map(len, kept.values())) > MAX_BYTES:
        return _TOO_LARGE
    try:
        kept[file.path] = (root / file.path).read_bytes()
    except OSError:
        return _UNREADABLE
    return _KEPT


def _find_local(root: Path) -> Iterator[tuple[str, Path]]:
    """The imported modules whose files lie below a folder and were not installed there."""
    start = str(root / "_")[:-1]
    installed = {sys.prefix, *map(sysconfig.get_path, ("stdlib", "purelib"))}
    elsewhere = tuple(str(Path(path, "_"))[:-1] for path in installed if path)
    for name, module in sys.modules.copy().items():
        file = _file_of(module)
        if file is None or not file.startswith(start) or file.startswith(elsewhere):
            continue
        path = Path(file)
        inner = path.relative_to(root).parts
        if not _INSTALLED.intersection(inner) and not any(part.startswith(".") for part in inner):
            yield name, path


def _file_of(module: object) -> str | None:
    """The file of a module. Its attributes are not asked for: modules may compute them, which would run their code."""
    if not issubclass(type(module), ModuleType):  # some objects among the modules only say that they are one
        return None
    file = object.__getattribute__(module, "__dict__").get("__file__")
    return file if isinstance(file, str) and Path(file).is_absolute() else None


def _find_repository(folder: Path) -> Path | None:
    return next((place for place in (folder, *folder.parents) if (place / ".git").exists()), None)


def _hash_of(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(1024 * 1024):
            digest.update(chunk)
    return digest.hexdigest()
