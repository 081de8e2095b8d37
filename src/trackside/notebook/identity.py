"""Which notebook this kernel runs, and whether a notebook is a copy of another.

A kernel is not told its notebook. It is found, in this order, by:

1. ``TRACKSIDE_NOTEBOOK``, which the user sets;
2. VS Code's variable ``__vsc_ipynb_file__``;
3. ``JPY_SESSION_NAME``, which Jupyter servers set, unless it was inherited: a kernel that `jupyter execute` starts from
   a cell has the variable of that cell's notebook, as the process that started it has;
4. the command line of the process that started the kernel (`jupyter execute`, nbconvert, papermill), when the notebook
   it names has the source that was executed;
5. ``IPYNB_FILE``, on the same condition;
6. for a kernel without a person at it (nbclient used as a library): the one notebook in the working directory that has
   every source that was executed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from trackside.errors import InvalidValueError
from trackside.notebook.content import read_file
from trackside.notebook.launcher import Launcher, find_launcher
from trackside.notebook.overlay import comparable
from trackside.settings import NOTEBOOK

IPython = Any
"""An ``InteractiveShell``."""

_MAX_NEIGHBOURS = 50
_OUTPUT_OPTION = re.compile(r"-o|--output(-[a-z]+)?|--NbConvertApp\.output_[a-z]+|--NbClientApp\.output_base")
_SUFFIX = ".ipynb"
_RUNNERS = {"jupyter-execute", "jupyter-nbconvert", "nbconvert", "papermill"}


def find_notebook_path(ipython: IPython) -> Path | None:
    """The absolute path of the notebook that this kernel runs, or None where nothing tells it (yet).

    Before anything was executed, and while several notebooks would do, the answer may still be None; ask again later.
    """
    told = NOTEBOOK.read() or _text_in(ipython.user_ns, "__vsc_ipynb_file__")
    if told:
        return _absolute(told)
    launcher = launcher_of(os.getpid())
    session_path = find_session_path(launcher)
    if session_path is not None:
        return session_path
    sources = executed_sources(ipython)
    named = _find_named(launcher, sources) or _find_neighbour(ipython, sources)
    return _absolute(named) if named is not None else None


@lru_cache(maxsize=1)
def launcher_of(process_id: int) -> Launcher:  # noqa: ARG001 - makes a forked child look anew
    """The process that started this one, looked up once."""
    return find_launcher()


def find_session_path(launcher: Launcher) -> Path | None:
    """The path in ``JPY_SESSION_NAME``, if a Jupyter server set it for this kernel and it is a notebook's."""
    name = os.environ.get("JPY_SESSION_NAME")
    if not name or name == launcher.session_name or _runner(launcher.command):
        return None
    path = _absolute(name)
    return path if path.suffix == _SUFFIX or path.is_file() else None


def find_root(live_path: str, known: Path | None, directories: Iterable[Path]) -> Path | None:
    """The server's root directory, below which the front end's path lies.

    Args:
        live_path: The notebook's path as the front end has it, with ``/``.
        known: The notebook's absolute path as it was when the kernel started; it may have been renamed since.
        directories: Where the server may have been started, the likeliest first.
    """
    parts = Path(live_path).parts
    if known is not None and known.parts[-len(parts) :] == parts:
        return Path(*known.parts[: -len(parts)])
    candidates = [*directories, *(known.parents if known is not None else ())]
    return next((directory for directory in candidates if (directory / live_path).is_file()), None)


def is_copy_of(original_path: str | Path, own_path: str | Path | None, notebook_id: str) -> bool:
    """Whether the notebook at ``own_path`` is a copy: the original is still there, elsewhere, with the same id.

    Args:
        original_path: Where the notebook with this id was; a relative path is taken from the working directory.
        own_path: Where this notebook is, or None where that is unknown.
        notebook_id: The id that this notebook carries.
    """
    if own_path is None:
        return False
    original, own = Path(original_path), Path(own_path)
    try:
        if not original.is_file() or (own.exists() and original.samefile(own)) or _same(original, own):
            return False
        return read_file(original).notebook_id == notebook_id
    except (InvalidValueError, OSError, ValueError):
        return False


def executed_sources(ipython: IPython) -> list[str]:
    """What the kernel keeps in its own history, the running cell included."""
    history = getattr(ipython, "history_manager", None)
    return [source for source in getattr(history, "input_hist_raw", ())[1:] if source.strip()]


def _find_named(launcher: Launcher, sources: Sequence[str]) -> Path | None:
    """The notebook that the launcher's command line or ``IPYNB_FILE`` names and that has what was executed."""
    named = [launcher.resolve(argument) for argument in _notebook_arguments(launcher.command)]
    if _runner(launcher.command) == "papermill":
        return next((path for path in named if _hits(path, sources)), None)
    path = _best(named, sources)
    told = os.environ.get("IPYNB_FILE")
    return path or (_best([_absolute(told)], sources) if told else None)


def _runner(command: Sequence[str]) -> str:
    """Which program that executes notebooks the command line starts, or an empty text."""
    return next((name for name in (Path(argument).stem for argument in command[:3]) if name in _RUNNERS), "")


def _notebook_arguments(command: Sequence[str]) -> list[str]:
    """The notebooks that a command line reads; those that execute notebooks take names without suffix too."""
    arguments = [
        argument
        for before, argument in zip(("", *command), command, strict=False)
        if not argument.startswith("-") and not _OUTPUT_OPTION.fullmatch(before)
    ]
    if not _runner(command):
        return [argument for argument in arguments if argument.endswith(_SUFFIX)]
    return [argument if argument.endswith(_SUFFIX) else argument + _SUFFIX for argument in arguments]


def _best(paths: Iterable[Path], sources: Sequence[str]) -> Path | None:
    """The path whose notebook has most of the executed sources; None where several are equally good."""
    hits = {path: _hits(path, sources) for path in dict.fromkeys(paths)}
    most = max(hits.values(), default=0)
    best = [path for path, count in hits.items() if count == most]
    return best[0] if most and len(best) == 1 else None


def _find_neighbour(ipython: IPython, sources: Sequence[str]) -> Path | None:
    if not sources or not is_unattended(ipython):
        return None
    paths = sorted(Path.cwd().glob(f"*{_SUFFIX}"))[:_MAX_NEIGHBOURS]
    complete = [path for path in paths if _hits(path, sources) == len(sources)]
    return complete[0] if len(complete) == 1 else None


def is_unattended(ipython: IPython) -> bool:
    """Whether the code that runs was sent by a program that cannot answer questions, as nbclient and papermill are."""
    kernel: Any = getattr(ipython, "kernel", None)
    request = kernel.get_parent() if hasattr(kernel, "get_parent") else {}
    content = request.get("content", {}) if isinstance(request, Mapping) else {}
    return "code" in content and not content.get("allow_stdin", True)


def _hits(path: Path, sources: Sequence[str]) -> int:
    """How many of the sources are cells of the notebook."""
    try:
        status = path.stat()
        cells = _cells_in(path, status.st_mtime_ns, status.st_size)
    except (InvalidValueError, OSError, ValueError):
        return 0
    return sum(comparable(source) in cells for source in sources)


@lru_cache(maxsize=_MAX_NEIGHBOURS)
def _cells_in(path: Path, modified_ns: int, size: int) -> frozenset[str]:  # noqa: ARG001 - tell a changed file apart
    return frozenset(comparable(cell["source"]) for cell in read_file(path).cells if cell["cell_type"] == "code")


def _same(first: Path, second: Path) -> bool:
    return os.path.normcase(first.absolute()) == os.path.normcase(second.absolute())


def _absolute(path: str | Path) -> Path:
    return Path(os.path.abspath(Path(path).expanduser()))  # noqa: PTH100 - keeps links, takes out `..`


def _text_in(namespace: Mapping[str, Any], name: str) -> str:
    value = namespace.get(name)
    return value if isinstance(value, str) else ""
