"""What stands behind a run, stored by one background thread: notebook revision, git state, environment.

Nothing here may delay or break the user's code. What fails is said in one line and kept in a tag of the run.
The thread does not survive a fork: a child process starts one of its own when it starts a run.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from trackside.entities import Tag
from trackside.errors import TracksideError
from trackside.notebook import environment, git
from trackside.notebook.modules import ModuleReader
from trackside.notebook.seeds import find_seeds
from trackside.tracking import tag_names
from trackside.tracking.leftovers import end_leftovers
from trackside.tracking.notices import say, say_once

if TYPE_CHECKING:
    from trackside.notebook.git import GitState
    from trackside.notebook.revision import Revision
    from trackside.notebook.session import NotebookSession
    from trackside.stores.base import Artifacts, Store

FINISH_WAIT_S = 30.0
"""The longest that the end of a run waits for what stands behind it to be stored."""
GIT_STATE_LIFE_S = 5.0
"""How long runs that start close together share one look at the repository."""

ENVIRONMENT_JSON = "environment/environment.json"
REQUIREMENTS = "environment/requirements.txt"
PATCH = "notebook/changes.patch"
REVISION_FOLDER = "notebook"
MODULES_JSON = "notebook/modules.json"
MODULES_FOLDER = "notebook/modules"


class _Worker:
    """One thread that does jobs in the order in which they come, started by the first of them."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._start_lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def do(self, job: Callable[[], None]) -> None:
        """Do a job soon; at once, on this thread, where the interpreter starts no more threads."""
        self._jobs.put(job)
        with self._start_lock:
            if self._thread is None:
                self._start()

    def _start(self) -> None:
        thread = threading.Thread(target=self._work, name="trackside-capture", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            self._jobs.get()()
        else:
            self._thread = thread

    def _work(self) -> None:
        while True:
            self._jobs.get()()


class _SharedGit:
    """The state of the repository around a file, looked at again only after a while."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._state: GitState | None = None
        self._read_at = float("-inf")

    def read(self, path: Path) -> GitState | None:
        if path != self._path or time.monotonic() - self._read_at > GIT_STATE_LIFE_S:
            self._path, self._state = path, git.read_state(path)
            self._read_at = time.monotonic()
        return self._state


_worker = _Worker()
_shared_git = _SharedGit()
_modules = ModuleReader()
_captured: set[str] = set()
_cleared: set[str] = set()
"""The stores in which what this kernel left behind was ended."""


def _start_anew() -> None:
    global _worker, _shared_git
    _worker, _shared_git = _Worker(), _SharedGit()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)


def in_background(job: Callable[[], None]) -> None:
    """Do a job after those that are waiting; the end of a run waits for it. The job must not raise."""
    _worker.do(job)


def is_captured(run_id: str) -> bool:
    """Whether this process has begun to capture what stands behind this run."""
    return run_id in _captured


class Executions:
    """In which of the kernel's executions a run goes on."""

    def __init__(self, earlier: str = "") -> None:
        """``earlier`` is what the run went on in before it was continued."""
        self._before = f"{earlier}, " if earlier else ""
        self._first = 0
        self._last = 0

    def until(self, executed: int) -> dict[str, str]:
        """The tag that says so, where it says something new."""
        if executed == self._last:
            return {}
        self._first, self._last = self._first or executed, executed
        now = f"{self._first}" if executed == self._first else f"{self._first}-{executed}"
        return {tag_names.EXECUTIONS: self._before + now}


class Capture:
    """What stands behind one run. ``begin`` and ``finish`` are called by the thread that runs the user's code."""

    def __init__(
        self,
        store: Store,
        run_id: str,
        *,
        session: NotebookSession | None,
        source_path: Path | None,
        given: Mapping[str, str],
    ) -> None:
        """Prepare; nothing is read or stored yet. Git tags that are among ``given`` are kept as they are."""
        self._store = store
        self._run_id = run_id
        self._session = session
        self._source_path = source_path
        self._given = frozenset(given)
        self._process_id = os.getpid()
        self._sha256 = ""
        self._modules_sha256 = ""
        self._executions = Executions(given.get(tag_names.EXECUTIONS, ""))

    def begin(self) -> None:
        """Capture in the background what can be known when the run starts."""
        _captured.add(self._run_id)
        executed = self._executed()
        _worker.do(lambda: self.store_all(executed))
        if self._session is not None and self._store.uri not in _cleared and not self._store.is_away:
            _cleared.add(self._store.uri)
            _worker.do(lambda: self._try("end of earlier runs", self._end_leftovers))

    def finish(self) -> None:
        """Capture the revision once more, and return when all is stored or ``FINISH_WAIT_S`` have passed."""
        if os.getpid() != self._process_id:
            return
        stored, executed = threading.Event(), self._executed()
        _worker.do(lambda: self._last(executed, stored))
        if not stored.wait(FINISH_WAIT_S):
            say(f"notebook and environment of run {self._run_id} are still being stored in the background")

    def _executed(self) -> int:
        """How much the notebook has executed now; what it executes later does not belong to this capture."""
        return self._session.executed if self._session else 0

    def store_all(self, executed: int) -> None:
        """Capture now, on the calling thread, what the notebook had executed up to this mark. Never raises."""
        _captured.add(self._run_id)
        self.store_revision(executed)
        self._try("git state", self._store_git)
        self._try("environment", self._store_environment)

    def store_revision(self, executed: int) -> None:
        """Capture the revision and the modules once more, now, if they are others by now. Never raises."""
        self._try("notebook revision", lambda: self._store_revision(executed))
        self._try("local modules", self._store_modules)

    def _last(self, executed: int, stored: threading.Event) -> None:
        try:
            self.store_revision(executed)
        finally:
            stored.set()

    def _try(self, what: str, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:  # noqa: BLE001 - the user's code goes on, whatever happened
            self._report(what, error)

    def _report(self, what: str, error: Exception) -> None:
        reason = error.message if isinstance(error, TracksideError) else f"{type(error).__name__}: {error}"
        say_once(f"the {what} could not be stored with the run: {reason}")
        text = f"{what}: {reason}"[: tag_names.MAX_TAG_VALUE]
        try:
            self._set_tags({tag_names.CAPTURE_ERROR: text})
        except Exception as second:  # noqa: BLE001 - the run cannot be written at all; the line above says why
            say_once(f"the run could not be tagged either: {type(second).__name__}: {second}")

    def _store_revision(self, executed: int) -> None:
        if self._session is None:
            return
        self._set_tags(self._executions.until(executed))
        revision = self._session.capture_revision(executed)
        if revision.sha256 == self._sha256:
            return
        path = f"{REVISION_FOLDER}/{revision.file_name}"
        tags = {tag_names.REVISION_SHA256: revision.sha256, tag_names.CODE_SHA256: revision.code_sha256}
        if revision.attachments_left_out:
            tags[tag_names.ATTACHMENTS_LEFT_OUT] = str(revision.attachments_left_out)
        try:
            self._artifacts().write_bytes(path, revision.text.encode())
            tags[tag_names.REVISION_PATH] = path
            tags[tag_names.SEEDS] = _seeds_of(revision)
            self._sha256 = revision.sha256
        finally:
            self._set_tags(tags)

    def _store_modules(self) -> None:
        """The modules that the notebook has imported from beside it, as they are now."""
        if self._session is None:
            return
        notebook = self._source_path or Path.cwd() / "console"
        found = _modules.read(notebook, environment.clean_sources())
        if found is None or found.sha256 == self._modules_sha256:
            return
        artifacts = self._artifacts()
        for path, content in found.files.items():
            artifacts.write_bytes(f"{MODULES_FOLDER}/{path}", content)
        artifacts.write_bytes(MODULES_JSON, found.manifest.encode())
        left_out = {tag_names.MODULES_LEFT_OUT: str(found.left_out)} if found.left_out else {}
        hashes = {tag_names.MODULES_SHA256: found.sha256, tag_names.MODULES_CODE_SHA256: found.code_sha256}
        self._set_tags({**hashes, **left_out})
        self._modules_sha256 = found.sha256

    def _store_git(self) -> None:
        state = _shared_git.read(self._source_path) if self._source_path else None
        if state is None:
            return
        tags = _git_tags(state)
        self._set_tags({key: value for key, value in tags.items() if value and key not in self._given})
        if state.patch:
            self._artifacts().write_bytes(PATCH, state.patch.encode())

    def _store_environment(self) -> None:
        found = environment.capture()
        self._set_tags({tag_names.ENVIRONMENT_SHA256: found.sha256})
        artifacts = self._artifacts()
        artifacts.write_bytes(ENVIRONMENT_JSON, found.json_text.encode())
        artifacts.write_bytes(REQUIREMENTS, found.requirements_text.encode())

    def _end_leftovers(self) -> None:
        if self._session is not None:
            experiment_id = self._store.get_run(self._run_id).info.experiment_id
            end_leftovers(self._store, experiment_id, self._session.kernel_id, is_own=is_captured)

    def _artifacts(self) -> Artifacts:
        return self._store.artifacts(self._run_id)

    def _set_tags(self, tags: Mapping[str, str]) -> None:
        if tags:
            self._store.log_batch(self._run_id, tags=[Tag(key, value) for key, value in tags.items()])


def _seeds_of(revision: Revision) -> str:
    """What the executed code seeds, or ``none``."""
    cells = revision.notebook["cells"]
    sources = [cell["source"] for cell in cells if "execution_order" in cell["metadata"].get("trackside", {})]
    return ", ".join(find_seeds(sources))[: tag_names.MAX_TAG_VALUE] or "none"


def _git_tags(state: GitState) -> dict[str, str]:
    return {
        tag_names.GIT_COMMIT: state.commit or "",
        tag_names.GIT_BRANCH: state.branch or "",
        tag_names.GIT_REMOTE: state.remote or "",
        tag_names.GIT_DIRTY: "true" if state.dirty else "false",
        tag_names.GIT_PATCH_CUT: "true" if state.patch_cut else "",
    }
