"""The state of the git repository around a notebook, read with the `git` program.

Nothing is written and no lock is taken. A repository's own configuration may come from anywhere, so nothing in it is
run: no hooks, no file system monitor, no external diff, no text conversion, no content filters that the repository
itself defines (those of the user's own configuration, such as Git LFS, work), no fetching of missing objects.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from trackside.notebook.urls import without_credentials

TIMEOUT_S = 3.0
"""The longest that one call of the program may take."""
MAX_PATCH_BYTES = 1024 * 1024

_MOST_PATHS = 200
"""How many files are named in one call."""
_CUT_NOTE = b"Not all changes are here: together they are longer than 1 MB, or git took longer than 3 s.\n\n"
_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_SAFE_CONFIG = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "safe.bareRepository": "explicit",
}
_SAFE_ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "LC_ALL": "C",
}
_FOREIGN_ENVIRONMENT = re.compile(
    r"GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX|NAMESPACE|COMMON_DIR|OBJECT_.*|ALTERNATE_.*|EXTERNAL_.*|DIFF_.*)"
)
"""Variables that point git at another repository, as they are set while a hook runs, or at a program."""
_HASH = re.compile(r"[0-9a-f]{7,64}")
_PATCH_OPTIONS = (
    "--binary",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-relative",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--submodule=short",
    "--ignore-submodules=dirty",
)


@dataclass(frozen=True, slots=True)
class GitState:
    """Where a repository stood.

    Attributes:
        root: The top directory of the working tree.
        commit: The commit that is checked out, or None in a repository without one.
        branch: None where no branch is checked out.
        remote: URL of ``origin``, or of the first remote, without credentials; None where there is none.
        dirty: The commit is not what ran: a tracked file was changed, or the commit does not have the notebook
            (untracked or ignored), or there is no commit. Other untracked files do not count.
        path_in_repository: Path of the notebook from ``root``, with ``/``.
        patch: The changes of tracked files against the commit, staged or not, as `git apply` takes them. Bytes
            that are not UTF-8 are replaced.
        patch_cut: The patch was longer than 1 MB; the files that did not fit are left out, and its first line says so.
    """

    root: Path
    commit: str | None
    branch: str | None
    remote: str | None
    dirty: bool
    path_in_repository: str
    patch: str = field(default="", repr=False)
    patch_cut: bool = False


def read_state(path: Path, *, with_patch: bool = True) -> GitState | None:
    """Reads the repository that a file or directory lies in.

    Returns:
        None where there is no `git` program, no repository, or git does not answer in time or refuses to.
    """
    repository = _find_repository(path)
    if repository is None:
        return None
    try:
        return _read(repository, "" if repository.directory == path else path.name, with_patch)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def read_commit(path: Path, commit: str) -> str | None:
    """What a commit of the repository around a file or directory changed: its message and its patch, of at most 1 MB.

    Returns:
        None where there is no such repository or it does not have the commit, which is given by its hash.
    """
    repository = _find_repository(path)
    if repository is None or not _HASH.fullmatch(commit):
        return None
    try:
        _make_safe(repository)
        repository.ask("cat-file", "-e", f"{commit}^{{commit}}")
        text, _ = repository.ask_much(MAX_PATCH_BYTES, "show", *_PATCH_OPTIONS, "--format=fuller", commit, "--")
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return text.decode("utf-8", "replace")


def read_file_at(path: Path, commit: str, name: str) -> str | None:
    """A file as a commit of the repository around a file or directory has it.

    Args:
        path: Where to look for the repository.
        commit: By its hash.
        name: Where the file lies: from the top of the repository, or with the repository's name before that; or a
            path of which the end is such a place, if only one file of the commit fits.

    Returns:
        None where there is no such repository, commit or file.
    """
    repository = _find_repository(path)
    if repository is None or not _HASH.fullmatch(commit):
        return None
    try:
        _make_safe(repository)
        tracked = repository.ask("ls-tree", "-r", "-z", "--full-tree", "--name-only", commit).split("\0")
        fitting = _fitting(tracked, name)
        return repository.ask("cat-file", "blob", f"{commit}:{fitting}") if fitting else None
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def _fitting(tracked: Sequence[str], name: str) -> str:
    """The tracked file that is meant by a name that may begin above or below the top of the repository."""
    above = [file for file in tracked if file and f"/{name}".endswith(f"/{file}")]
    below = [file for file in tracked if file.endswith(f"/{name}")]
    return max(above, key=len, default=below[0] if len(below) == 1 else "")


def read_committed(root: Path, paths: Sequence[str]) -> tuple[str | None, frozenset[str]]:
    """Which files of a repository the commit that is checked out has as they are.

    Args:
        root: The top directory of the working tree.
        paths: Files, from there, with ``/``.

    Returns:
        The commit and those of the files; None and nothing where git does not tell.
    """
    repository = _find_repository(root)
    if repository is None:
        return None, frozenset()
    try:
        _make_safe(repository)
        commit = repository.ask("rev-parse", "--verify", "-q", "HEAD^{commit}").strip()
        tracked: set[str] = set()
        for start in range(0, len(paths), _MOST_PATHS):
            wanted = [f":(literal){path}" for path in paths[start : start + _MOST_PATHS]]
            tracked.update(repository.ask("ls-files", "-z", "--", *wanted).split("\0"))
        changed = repository.ask("diff", "--name-only", "-z", "--no-ext-diff", "--no-textconv", "--no-relative", commit)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None, frozenset()
    return commit, frozenset(tracked & set(paths) - set(changed.split("\0")))


def _find_repository(path: Path) -> _Repository | None:
    """To ask git where a file or directory lies, or None where there is no `git` program or no such directory."""
    directory = path if path.is_dir() else path.parent
    program = shutil.which("git")
    if program is None or not Path(program).is_absolute() or not directory.is_dir():
        return None
    return _Repository(program, directory)


class _Repository:
    """Calls the `git` program in one directory."""

    def __init__(self, program: str, directory: Path) -> None:
        self.directory = directory
        self._program = program
        self._config = dict(_SAFE_CONFIG)
        self._environment = {
            name: value for name, value in os.environ.items() if not _FOREIGN_ENVIRONMENT.fullmatch(name)
        } | _SAFE_ENVIRONMENT

    def ask(self, *arguments: str, accept: Sequence[int] = (0,)) -> str:
        """The program's answer, where it ends with one of the accepted codes."""
        done = subprocess.run(  # noqa: S603 - an absolute program, no shell, options set here
            self._command(arguments),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        if done.returncode not in accept:
            raise subprocess.CalledProcessError(done.returncode, arguments)
        return done.stdout.decode("utf-8", "surrogateescape")

    def ask_much(self, limit: int, *arguments: str) -> tuple[bytes, bool]:
        """The first bytes of a long answer, and whether that is all of it."""
        with subprocess.Popen(  # noqa: S603 - as above
            self._command(arguments),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            clock = threading.Timer(TIMEOUT_S, process.kill)
            clock.start()
            try:
                answer = process.stdout.read(limit + 1) if process.stdout else b""
                is_all = len(answer) <= limit and process.wait() == 0
            finally:
                clock.cancel()
                process.kill()
        return answer[:limit], is_all

    def override(self, name: str, value: str) -> None:
        """Makes all later calls see this value of a configuration variable."""
        if "=" in name:
            raise ValueError(f"git cannot be told to override {name!r}")
        self._config[name] = value

    def _command(self, arguments: Sequence[str]) -> list[str]:
        options = [part for name, value in self._config.items() for part in ("-c", f"{name}={value}")]
        return [self._program, "--no-optional-locks", "-C", str(self.directory), *options, *arguments]


def _read(repository: _Repository, name: str, with_patch: bool) -> GitState:
    top, _, prefix = repository.ask("rev-parse", "--show-toplevel", "--show-prefix").partition("\n")
    path = (prefix.removesuffix("\n") + name).rstrip("/")
    repository.directory = Path(top)
    remote = _make_safe(repository)
    status = repository.ask(
        "status", "--porcelain=v2", "--branch", "-z", "--untracked-files=no", "--ignore-submodules=dirty"
    )
    heads = dict(_heads(status))
    commit = heads.get("branch.oid", "(initial)")
    commit_or_none = None if commit == "(initial)" else commit
    changed = any(entry and not entry.startswith("#") for entry in status.split("\0"))
    patch, cut = _read_patch(repository, commit_or_none) if changed and with_patch else ("", False)
    return GitState(
        root=Path(top),
        commit=commit_or_none,
        branch=_clean(heads.get("branch.head", "").replace("(detached)", "")) or None,
        remote=_clean(without_credentials(remote)) or None,
        dirty=changed or commit_or_none is None or not _is_tracked(repository, path),
        path_in_repository=_clean(path) or ".",
        patch=patch,
        patch_cut=cut,
    )


def _make_safe(repository: _Repository) -> str:
    """Switches off the filters that the repository defines, and returns the URL of its remote."""
    wanted = r"^(remote\..*\.url|filter\..*\.(clean|smudge|process|required))$"
    fields = repository.ask("config", "--show-scope", "-z", "--get-regexp", wanted, accept=(0, 1)).split("\0")
    urls: dict[str, str] = {}
    trusted: dict[str, str] = {}
    for scope, entry in zip(fields[::2], fields[1::2], strict=False):
        key, _, value = entry.partition("\n")
        if key.startswith("remote."):
            urls.setdefault(key, value)
        elif scope in ("local", "worktree"):
            repository.override(key, trusted.get(key, "false" if key.endswith(".required") else ""))
        else:
            trusted[key] = value
    return urls.get("remote.origin.url") or next(iter(urls.values()), "")


def _heads(status: str) -> Iterator[tuple[str, str]]:
    for entry in status.split("\0"):
        if entry.startswith("# "):
            key, _, value = entry[2:].partition(" ")
            yield key, value


def _is_tracked(repository: _Repository, path: str) -> bool:
    """Whether the index has the file; a directory counts as tracked."""
    if not path or (repository.directory / path).is_dir():
        return True
    return bool(repository.ask("ls-files", "-z", "--", f":(literal){path}"))


def _read_patch(repository: _Repository, commit: str | None) -> tuple[str, bool]:
    """The patch, and whether files were left out; `git apply` skips the line that says so."""
    patch, is_all = repository.ask_much(MAX_PATCH_BYTES, "diff", *_PATCH_OPTIONS, commit or _EMPTY_TREE, "--")
    if not is_all:
        patch = _CUT_NOTE + patch[: patch.rfind(b"\ndiff --git ") + 1]
    return patch.decode("utf-8", "replace"), not is_all


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
