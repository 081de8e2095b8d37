"""The local modules that a notebook has imported: files that no package index has.

Most lie in the notebook's own folder or repository; others in folders that the code put on Python's path, or where an
editable install has them. Of each the hash is kept; its content too, unless a commit has the file as it is. Modules
that were installed, and those of Python itself, are part of the environment instead.

What is kept is what was imported: a file that was edited since, and not imported again, is kept as it was.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import sysconfig
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
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
_FOREIGN = "of others"
_MISSING = {_TOO_LARGE, _UNREADABLE}
_NOT_LOCAL = {"trackside", "__main__"}


@dataclass(frozen=True, slots=True, eq=False)
class LocalModules:
    """The local modules of a kernel.

    Attributes:
        manifest: JSON: ``root`` (what the paths start at: ``repository`` or ``folder``), ``commit`` where that is a
            repository, ``cut`` (whether something is missing), and ``modules``, each with ``name``, ``path``,
            ``sha256``, ``bytes`` and ``content``: ``kept``, ``in the commit``, ``too large``, ``unreadable`` or
            ``of others`` (from outside of the root, and not this user's to write). A module from outside has
            ``folder``, where it was, and as its path where an import finds it by its name. One whose file was edited
            after the import has ``edited_since`` (true).
        files: The content of those that are kept, by their path.
        sha256: Hash of the manifest.
        code_sha256: Hash of the modules alone, the same wherever they are kept.
        left_out: How many modules are neither kept nor in the commit.
    """

    manifest: str
    files: Mapping[str, bytes] = field(repr=False)
    sha256: str
    code_sha256: str
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class _Imported:
    """A module and its file. ``mark`` is another object after the module was imported again."""

    name: str
    file: Path
    path: str
    folder: str
    mark: object = field(compare=False)


@dataclass(frozen=True, slots=True)
class _File:
    """A module's file as it was imported; without a hash where it cannot be read."""

    name: str
    path: str
    folder: str
    size: int | None = None
    sha256: str | None = None
    is_edited: bool = False
    is_foreign: bool = False
    content: bytes | None = field(default=None, compare=False, repr=False)


@dataclass(slots=True)
class _Seen:
    """What a file was when the module was seen for the first time since it was imported."""

    mark: object
    state: tuple[int, int]
    found: _File

    def is_outdated(self, state: tuple[int, int], mark: object) -> bool:
        """Whether to look again: the file changed, or is by now imported as it was changed."""
        return self.state != state or (self.found.is_edited and self.mark is not mark)


class ModuleReader:
    """Reads the local modules around a notebook; a file that did not change is not read again."""

    def __init__(self) -> None:
        self._seen: dict[Path, _Seen] = {}
        self._last: tuple[tuple[object, ...], LocalModules] | None = None

    def read(self, notebook: Path, recorded: Collection[Path] = ()) -> LocalModules | None:
        """What the process has imported and was not installed; None where there is nothing.

        Args:
            notebook: Whose folder or repository it is.
            recorded: Folders outside of that whose state is known otherwise: sources of editable installs.
        """
        repository = _find_repository(notebook.parent)
        root = repository or notebook.parent
        files = [self._look_at(module) for module in _find_local(root, recorded)]
        if not files:
            return None
        key = (root, *files)
        if self._last is None or self._last[0] != key:
            self._last = key, _build(root, files, is_repository=repository is not None)
        return self._last[1]

    def _look_at(self, module: _Imported) -> _File:
        known = self._seen.get(module.file)
        try:
            status = module.file.stat()
            state = (status.st_mtime_ns, status.st_size)
            if known is None or known.is_outdated(state, module.mark):
                known = self._seen[module.file] = _Seen(module.mark, state, _since_import(known, module))
        except OSError:
            return _File(module.name, module.path, module.folder)
        known.mark = module.mark
        return replace(known.found, name=module.name, path=module.path, folder=module.folder)


def _since_import(known: _Seen | None, module: _Imported) -> _File:
    """The file as it is, or as it was before it changed where the module was not imported again."""
    now = _read(module)
    if known is None or known.mark is not module.mark or known.found.sha256 == now.sha256:
        return now
    return replace(known.found, is_edited=True)


def _read(module: _Imported) -> _File:
    found = _File(module.name, module.path, module.folder)
    is_foreign = bool(module.folder) and not os.access(module.file, os.W_OK)
    with module.file.open("rb") as stream:
        content = stream.read(MAX_FILE_BYTES + 1)
        digest, size = hashlib.sha256(content), len(content)
        while chunk := stream.read(MAX_FILE_BYTES):
            digest.update(chunk)
            size += len(chunk)
    kept = content if size <= MAX_FILE_BYTES and not is_foreign else None
    return replace(found, size=size, sha256=digest.hexdigest(), is_foreign=is_foreign, content=kept)


def _build(root: Path, files: Sequence[_File], *, is_repository: bool) -> LocalModules:
    paths = [file.path for file in files if not file.folder]
    commit, committed = git.read_committed(root, paths) if is_repository else (None, frozenset[str]())
    kept: dict[str, bytes] = {}
    entries = [_entry(file, committed, kept) for file in files[:MAX_MODULES]]
    left_out = max(0, len(files) - MAX_MODULES) + sum(entry["content"] in _MISSING for entry in entries)
    manifest = {
        "root": "repository" if is_repository else "folder",
        "commit": commit,
        "cut": left_out > 0,
        "modules": entries,
    }
    text = json.dumps(manifest, indent=1, sort_keys=True) + "\n"
    code = json.dumps([(file.path, file.sha256) for file in files])
    return LocalModules(text, kept, _hash(text), _hash(code), left_out)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _entry(file: _File, committed: frozenset[str], kept: dict[str, bytes]) -> dict[str, object]:
    """What the manifest says of a file, whose content is added to what is kept if it has to be."""
    is_committed = file.path in committed and not file.folder and not file.is_edited
    entry: dict[str, object] = {
        "name": file.name,
        "path": file.path,
        "bytes": file.size,
        "sha256": file.sha256,
        "content": _IN_COMMIT if is_committed else _keep(file, kept),
    }
    extra = {"folder": file.folder, "edited_since": file.is_edited}
    return entry | {key: value for key, value in extra.items() if value}


def _keep(file: _File, kept: dict[str, bytes]) -> str:
    """Adds a file's content to what is kept, if there is room; what became of it."""
    if file.size is None:
        return _UNREADABLE
    if file.is_foreign:
        return _FOREIGN
    if file.content is None or file.size + sum(map(len, kept.values())) > MAX_BYTES:
        return _TOO_LARGE
    kept[file.path] = file.content
    return _KEPT


def _find_local(root: Path, recorded: Collection[Path]) -> list[_Imported]:
    """The imported modules that were not installed: first those below the folder, by name, then the others."""
    below = str(root / "_")[:-1]
    installed = {sys.prefix, sys.base_prefix, *map(sysconfig.get_path, ("stdlib", "purelib", "platlib"))}
    elsewhere = tuple(str(Path(path, "_"))[:-1] for path in installed if path)
    others = tuple(str(folder / "_")[:-1] for folder in recorded)
    inside: list[_Imported] = []
    outside: list[_Imported | None] = []
    for name, file, mark in _find_files():
        if file.startswith(below) and not file.startswith(elsewhere):
            path = Path(file).relative_to(root)
            if not _is_installed(path):
                inside.append(_Imported(name, Path(file), path.as_posix(), "", mark))
        elif not file.startswith((below, *elsewhere, *others)) and not _is_installed(Path(file)):
            outside.append(_from_outside(name, Path(file), mark))
    taken = {module.path for module in inside}
    found = [module for module in outside if module is not None and module.path not in taken]
    return [*sorted(inside, key=attrgetter("name")), *sorted(found, key=attrgetter("name"))]


def _from_outside(name: str, file: Path, mark: object) -> _Imported | None:
    """The module with the path at which an import finds it by its name."""
    parts = name.split(".")
    if parts[0] in _NOT_LOCAL or not all(part.isidentifier() for part in parts) or not file.is_file():
        return None
    is_package = file.stem == "__init__"
    path = Path(*parts, file.name) if is_package else Path(*parts).with_suffix("".join(file.suffixes))
    above = len(parts) if is_package else len(parts) - 1
    folder = file.parents[min(above, len(file.parents) - 1)]
    return _Imported(name, file, path.as_posix(), str(folder), mark)


def _is_installed(path: Path) -> bool:
    return bool(_INSTALLED.intersection(path.parts)) or any(part.startswith(".") for part in path.parts)


def _find_files() -> Iterator[tuple[str, str, object]]:
    """Name and file of each module that is imported, and what another import would replace.

    The modules' attributes are not asked for: modules may compute them, which would run their code.
    """
    for name, module in sys.modules.copy().items():
        if not issubclass(type(module), ModuleType):  # some objects among the modules only say that they are one
            continue
        known = object.__getattribute__(module, "__dict__")
        file = known.get("__file__")
        if isinstance(file, str) and os.path.isabs(file):  # noqa: PTH117 - thousands of them, and this is quick
            whole = os.path.normpath(file) if ".." in file else file
            yield name, whole, known.get("__spec__") or module


def _find_repository(folder: Path) -> Path | None:
    return next((place for place in (folder, *folder.parents) if (place / ".git").exists()), None)
