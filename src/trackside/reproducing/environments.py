"""The environments that reproducing makes: shared by what is in them, listed and removed by ``trackside env``.

Each lies at its final place from the start, because virtual environments cannot be moved, under a lock that is held by
this process and the installer that it started. A file written last says that it is complete; what lacks the file, and
is not locked, is what somebody left who was killed, and is removed whenever somebody looks.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside import settings
from trackside.errors import NotFoundError
from trackside.reproducing import kernelspecs
from trackside.reproducing.disk import write_error
from trackside.stores import _file_lock

if TYPE_CHECKING:
    from trackside.reproducing.process import Cancel

RECORD = "trackside-environment.json"
WAIT_S = 0.2
_KEY = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Contents:
    """What an environment holds.

    Attributes:
        python: The version, such as ``3.11.7``.
        lines: What was installed, as lines of a ``requirements.txt``.
        trackside: The version of Trackside in it.
    """

    python: str
    lines: tuple[str, ...]
    trackside: str

    @property
    def key(self) -> str:
        """The same for the same contents."""
        told = json.dumps([self.python, sorted(self.lines), self.trackside, sys.platform])
        return hashlib.sha256(told.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class MadeEnvironment:
    """An environment that is complete.

    Attributes:
        key: By which it is named and removed.
        folder: Where it lies.
        python: The version of its Python.
        libraries: How many lines were installed.
        kernel: Name of the kernel that runs in it.
        made_for: The run that it was made for.
        created_time: In milliseconds.
    """

    key: str
    folder: Path
    python: str
    libraries: int
    kernel: str
    made_for: str = ""
    created_time: int = 0
    lines: tuple[str, ...] = field(default=(), repr=False)

    @property
    def program(self) -> Path:
        """The interpreter."""
        return program_of(self.folder)

    @property
    def size_bytes(self) -> int:
        """Bytes of its files, each counted once; much of it may be shared with the installer's cache."""
        files = {(info.st_dev, info.st_ino): info.st_size for info in _walk(self.folder)}
        return sum(files.values())

    @property
    def display_name(self) -> str:
        """What its kernel is called."""
        return _display_name(self.python, self.key)


def root() -> Path:
    """The folder of all environments."""
    import platformdirs

    chosen = settings.ENVIRONMENTS_DIR.read()
    return Path(chosen).absolute() if chosen else platformdirs.user_data_path("trackside") / "environments"


def program_of(folder: Path) -> Path:
    """The interpreter of a virtual environment."""
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def kernel_of(key: str) -> str:
    """The name of an environment's kernel."""
    return f"{kernelspecs.PREFIX}{key}"


def find_environment(key: str) -> MadeEnvironment | None:
    """The complete environment of this key; its kernel is registered again where somebody removed that."""
    found = _read(root() / key) if _KEY.fullmatch(key) else None
    if found is not None and not (kernelspecs.folder() / found.kernel / "kernel.json").is_file():
        kernelspecs.register(found.kernel, found.program, found.display_name)
    return found


def list_environments() -> tuple[MadeEnvironment, ...]:
    """The complete ones, the latest first. What others left half-made is removed."""
    sweep()
    found = [made for place in _places() if (made := _read(place))]
    return tuple(sorted(found, key=lambda made: -made.created_time))


def remove_environment(key: str) -> MadeEnvironment:
    """Remove an environment with its kernel; the beginning of the key is enough where one begins so.

    Raises:
        NotFoundError: There is none, or there are several.
    """
    found = [made for made in list_environments() if key and made.key.startswith(key.removeprefix(kernelspecs.PREFIX))]
    if len(found) != 1:
        told = "several environments begin" if found else "no environment begins"
        raise NotFoundError(f"{told} with {key!r}", hint="`trackside env list` lists them")
    made = found[0]
    kernelspecs.remove(made.kernel)
    (made.folder / RECORD).unlink(missing_ok=True)
    _remove_folder(made.folder)
    _lock_file(made.key).unlink(missing_ok=True)
    return made


def sweep() -> None:
    """Remove what was left half-made, and kernels whose interpreter is not there any more."""
    for place in _places():
        if not (place / RECORD).is_file():
            with _try_lock(place.name) as lock:
                if lock is not None and not (place / RECORD).is_file():
                    kernelspecs.remove(kernel_of(place.name))
                    _remove_folder(place)
    for name, python in kernelspecs.registered().items():
        if not python.exists():
            kernelspecs.remove(name)


@contextmanager
def building(key: str, cancel: Cancel) -> Iterator[tuple[Path, int]]:
    """A new folder for an environment, and the lock on it, an open file that installers inherit.

    Waits for another process that makes the same one. Whatever goes wrong inside, nothing stays of the folder; so the
    caller calls ``complete`` last. What somebody else completed meanwhile is not touched: look for it first.

    Raises:
        StoreReadOnlyError: The folder cannot be made or written.
    """
    folder = root() / key
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        sweep()
        with _wait_for_lock(key, cancel) as lock:
            try:
                if not (folder / RECORD).is_file():
                    _remove_folder(folder)
                yield folder, lock
            finally:
                if not (folder / RECORD).is_file():
                    kernelspecs.remove(kernel_of(key))
                    _remove_folder(folder)
    except OSError as error:
        raise write_error(root(), error, f"Choose another folder with {settings.ENVIRONMENTS_DIR.name}.") from error


def complete(key: str, contents: Contents, made_for: str) -> MadeEnvironment:
    """Say that an environment is complete, and register its kernel."""
    folder = root() / key
    kernel = kernel_of(key)
    made = MadeEnvironment(
        key, folder, contents.python, len(contents.lines), kernel, made_for, int(time.time() * 1000), contents.lines
    )
    kernelspecs.register(kernel, made.program, made.display_name)
    fresh = folder / f"{RECORD}.new"
    fresh.write_text(json.dumps({**asdict(made), "folder": str(folder)}, indent=1) + "\n", encoding="utf-8")
    fresh.replace(folder / RECORD)
    return made


def _display_name(python: str, key: str) -> str:
    return f"Python {python} (reproduced, {key[:6]})"


def _read(folder: Path) -> MadeEnvironment | None:
    try:
        told: dict[str, Any] = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        made = MadeEnvironment(**{**told, "key": folder.name, "folder": folder, "lines": tuple(told["lines"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return made if made.program.exists() else None


def _places() -> Sequence[Path]:
    return [place for place in sorted(root().glob("*")) if _KEY.fullmatch(place.name) and place.is_dir()]


def _walk(folder: Path) -> Iterator[os.stat_result]:
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                yield os.lstat(os.path.join(place, name))  # noqa: PTH118 - environments have many files


def _remove_folder(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _lock_file(key: str) -> Path:
    return root() / f"{key}.lock"


@contextmanager
def _try_lock(key: str) -> Iterator[int | None]:
    """The lock, or None where another process has it."""
    descriptor = os.open(_lock_file(key), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield descriptor if _file_lock.try_lock(descriptor) else None
    finally:
        os.close(descriptor)


@contextmanager
def _wait_for_lock(key: str, cancel: Cancel) -> Iterator[int]:
    while True:
        with _try_lock(key) as lock:
            if lock is not None:
                yield lock
                return
        cancel.check()
        time.sleep(WAIT_S)
