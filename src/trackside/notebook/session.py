"""The notebook session: what one kernel runs, watched through IPython's hooks.

Start it with `start(ipython)` and find it with `current()`. The hooks cost a few microseconds a cell. One that fails
says so once, in one line, and is taken off; the user's cell never notices.
"""

from __future__ import annotations

import os
import sys
import threading
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside.notebook import identity, revision
from trackside.notebook.content import Content, FileReader, Origin, with_attachments
from trackside.notebook.history import CellError, Execution, ExecutionHistory
from trackside.notebook.launcher import kernel_id
from trackside.notebook.live import FrontEnds, LiveNotebook

if TYPE_CHECKING:
    from trackside.notebook.revision import Revision

__all__ = ["CellError", "Execution", "NotebookSession", "current", "start"]

IPython = Any
CellCallback = Callable[[Execution], object]
IdCallback = Callable[[str], object]

_session: NotebookSession | None = None
_terminal: NotebookSession | None = None


def current() -> NotebookSession | None:
    """The session of this kernel, or None outside of one."""
    return _session


def watched() -> NotebookSession | None:
    """The session of this kernel, or of this terminal: what runs keep as their revision."""
    return _session or _terminal


def start_terminal(ipython: IPython) -> NotebookSession:
    """Starts watching IPython in a terminal, which is no notebook; its history makes the revisions of its runs."""
    global _terminal
    if _terminal is None or _terminal.ipython is not ipython:
        if _terminal is not None:
            _terminal.stop()
        _terminal = NotebookSession(ipython)
    return _terminal


def start(ipython: IPython) -> NotebookSession:
    """Starts watching a kernel. Called again, it returns the session that is there."""
    global _session
    if _session is None or _session.ipython is not ipython:
        if _session is not None:
            _session.stop()
        _session = NotebookSession(ipython)
    return _session


class NotebookSession:
    """One kernel and the notebook it runs. Everything may be used from any thread.

    Attributes:
        ipython: The kernel's shell.
        kernel_id: The id by which a Jupyter server knows the kernel, else one made here.
    """

    def __init__(self, ipython: IPython) -> None:
        self.ipython = ipython
        self.kernel_id = kernel_id() or uuid.uuid4().hex
        self._directory = Path.cwd()
        self._front_ends = FrontEnds()
        self._history = _history_of(ipython)
        self._file = FileReader()
        self._lock = threading.RLock()
        self._path: Path | None = None
        self._root: Path | None = None
        self._assigned: str | None = None
        self._told: set[str] = set()
        self._on_identified: list[IdCallback] = []
        self._on_cell_end: list[CellCallback] = []
        self._revision: tuple[tuple[object, ...], Revision] | None = None
        self._reported = False
        ipython.events.register("pre_run_cell", self._begin)
        ipython.events.register("post_run_cell", self._end)

    def stop(self) -> None:
        """Stops watching. What was seen stays readable."""
        global _session, _terminal
        for event, hook in (("pre_run_cell", self._begin), ("post_run_cell", self._end)):
            if hook in self.ipython.events.callbacks[event]:
                self.ipython.events.unregister(event, hook)
        if _session is self:
            _session = None
        if _terminal is self:
            _terminal = None

    # What ran

    @property
    def executions(self) -> tuple[Execution, ...]:
        """What the kernel executed, in order, with what it executes now."""
        return self._history.executions

    @property
    def executed(self) -> int:
        """How many cells were executed, the running one included: a mark for `capture_revision`."""
        return len(self._history)

    @property
    def current_cell(self) -> Execution | None:
        """The execution going on, or None."""
        return self._history.current

    def on_cell_end(self, callback: CellCallback) -> None:
        """Calls ``callback(execution)`` on the user's thread when a cell ends; its ``error`` tells how."""
        self._on_cell_end.append(callback)

    # Which notebook

    @property
    def path(self) -> Path | None:
        """The notebook's absolute path now, or None where nothing tells it (yet)."""
        live = self._live()
        with self._lock:
            if live is not None:
                return self._follow(live.path)
            if self._path is None:
                self._path = identity.find_notebook_path(self.ipython)
            return self._path

    @property
    def display_path(self) -> str:
        """The notebook's path as shown to people, with ``/``; an empty text where it is unknown.

        It starts at the server's root, else at the directory where the launcher or the kernel was started, else it
        is absolute.
        """
        live = self._live()
        if live is not None:
            return live.path
        path = self.path
        if path is None:
            return ""
        roots = [directory for directory in self._directories() if directory in path.parents]
        shown = path.relative_to(roots[0]) if roots else path
        return shown.as_posix().encode("utf-8", "replace").decode()

    @property
    def is_live(self) -> bool:
        """Whether a front end is connected that can keep the notebook's id."""
        return self._live() is not None

    @property
    def notebook_id(self) -> str | None:
        """The id that was assigned here, else the one the notebook carries, or None."""
        if self._assigned is not None:
            return self._assigned
        live = self._live()
        return live.notebook_id if live is not None else self.content().notebook_id

    @property
    def kernelspec(self) -> str:
        """Name of the kernelspec that the notebook asks for, or an empty text where that is unknown."""
        live = self._live()
        return (live.content() if live is not None else self.content()).kernelspec

    def assign_id(self, *, replace: bool = False) -> str:
        """Gives the notebook an id if it has none, and tells the listeners, who keep it in the notebook.

        Args:
            replace: Make a new id in any case, because the notebook is a copy of another.
        """
        with self._lock:
            known = None if replace else self.notebook_id
            if known is not None:
                return known
            self._assigned = uuid.uuid4().hex
            self._told.clear()
        self._tell_id(self._assigned)
        return self._assigned

    def adopt_id(self, notebook_id: str) -> None:
        """Gives the notebook the id under which it is known already, and tells the listeners."""
        with self._lock:
            if self.notebook_id == notebook_id:
                return
            self._assigned = notebook_id
            self._told.clear()
        self._tell_id(notebook_id)

    def on_identified(self, callback: IdCallback) -> None:
        """Calls ``callback(notebook_id)`` when the notebook is given an id, and again for a front end without it."""
        self._on_identified.append(callback)

    # Front ends

    def sync(self, message: Mapping[str, Any], host: str = "") -> None:
        """Takes in a ``notebook.sync`` message.

        Args:
            message: As ``js/src/lab/protocol.ts`` describes it.
            host: Which front end sent it, such as the comm's id.

        Raises:
            InvalidValueError: The message is malformed.
        """
        live = self._front_ends.sync(message, host)
        with self._lock:
            self._follow(live.path)
        assigned = self._assigned
        if assigned is not None and live.notebook_id != assigned and host not in self._told:
            self._told.add(host)
            self._tell_id(assigned)

    def host_closed(self, host: str = "") -> None:
        """Forgets a front end that went away."""
        live = self._live()
        if live is not None:
            with self._lock:
                self._path = self._follow(live.path)
        self._front_ends.close(host)

    # Revision

    def content(self) -> Content:
        """The notebook as it is now: from the front end with edits that are not saved, else from its file."""
        live = self._live()
        if live is not None:
            return with_attachments(live.content(), self.path, self._file)
        path = self.path
        return self._file.read(path) if path is not None else _NOWHERE

    def capture_revision(self, executed: int | None = None) -> Revision:
        """The notebook as it was executed. Never raises; to be called in the background, as it may wait 0.5 s.

        Args:
            executed: Leave out what was executed later than this mark (see the attribute of this name).
        """
        executions = self.executions[:executed]
        try:
            self._await_front_end(executions)
            return self._build(executions)
        except Exception as error:  # noqa: BLE001 - a run without its notebook is better than no run
            self._report("reading the notebook", error)
            note = f"built from the history, because reading the notebook failed: {type(error).__name__}: {error}"
            return revision.build(Content(Origin.HISTORY, note=note), executions)

    def _await_front_end(self, executions: tuple[Execution, ...]) -> None:
        running = executions[-1] if executions else None
        if running is not None and running.cell_id is not None and running is self.current_cell and self.is_live:
            self._front_ends.wait_for(running.cell_id)

    def _build(self, executions: tuple[Execution, ...]) -> Revision:
        live, content = self._live(), self.content()
        key = (live or content, len(executions), self.display_path, self.notebook_id)
        known = self._revision
        if known is not None and known[0] == key:
            return known[1]
        built = revision.build(content, executions, path=self.display_path, notebook_id=self.notebook_id)
        self._revision = (key, built)
        return built

    # Parts

    def _live(self) -> LiveNotebook | None:
        running = self.current_cell
        return self._front_ends.find(running.cell_id if running is not None else None)

    def _follow(self, live_path: str) -> Path | None:
        """The absolute path of what the front end calls ``live_path``, also after the notebook was renamed."""
        if self._root is None:
            known = self._path or identity.find_notebook_path(self.ipython)
            self._root = identity.find_root(live_path, known, self._directories())
        return self._root / live_path if self._root is not None else None

    def _directories(self) -> list[Path]:
        """Where paths may start: the server's root, the launcher's directory, the kernel's."""
        launched = identity.launcher_of(os.getpid()).directory
        known = [self._root, launched, self._directory]
        return [path for path in known if path is not None and path != Path(path.anchor)]

    def _begin(self, info: Any) -> None:
        try:
            self._history.begin(info)
        except Exception as error:  # noqa: BLE001 - the user's cell runs in any case
            self._switch_off("pre_run_cell", error)

    def _end(self, result: Any) -> None:
        try:
            execution = self._history.end(result)
            if execution is None:
                return
            self._front_ends.cell_ended(execution.cell_id, failed=execution.error is not None)
        except Exception as error:  # noqa: BLE001
            self._switch_off("post_run_cell", error)
            return
        for callback in tuple(self._on_cell_end):
            self._call(self._on_cell_end, callback, execution)

    def _call(self, callbacks: list[Any], callback: Callable[[Any], object], argument: object) -> None:
        try:
            callback(argument)
        except Exception as error:  # noqa: BLE001
            callbacks.remove(callback)
            _say(f"{getattr(callback, '__qualname__', callback)} failed and was switched off", error)

    def _tell_id(self, notebook_id: str) -> None:
        for callback in tuple(self._on_identified):
            self._call(self._on_identified, callback, notebook_id)

    def _switch_off(self, hook: str, error: Exception) -> None:
        self.stop()
        self._report(f"watching cells ({hook})", error)

    def _report(self, what: str, error: Exception) -> None:
        if not self._reported:
            self._reported = True
            _say(f"{what} failed and was switched off", error)

    def replace_locks(self) -> None:
        """Makes new locks, in a child process whose parent's other threads may have held the old ones."""
        self._lock = threading.RLock()
        self._front_ends.replace_locks()


_NOWHERE = Content(Origin.HISTORY)


def _after_fork() -> None:
    for session in (_session, _terminal):
        if session is not None:
            session.replace_locks()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _history_of(ipython: IPython) -> ExecutionHistory:
    """The history so far, and the cell that is running if it is the one that loads Trackside."""
    sources = list(getattr(getattr(ipython, "history_manager", None), "input_hist_raw", ("",)))[1:]
    request = _request_of(ipython)
    running = bool(sources) and _is_running(ipython, sources, request)
    history = ExecutionHistory(sources[:-1] if running else sources)
    if running:
        cell_id = request.get("metadata", {}).get("cellId")
        history.adopt(sources[-1], cell_id if isinstance(cell_id, str) else None)
    return history


def _is_running(ipython: IPython, sources: list[str], request: Mapping[str, Any]) -> bool:
    """Whether the last of the sources is still running."""
    if request.get("content", {}).get("code") == sources[-1]:
        return True
    last = getattr(ipython, "last_execution_result", None)
    if last is None:
        return True
    return bool(last.info.store_history) and last.execution_count != len(sources)


def _request_of(ipython: IPython) -> Mapping[str, Any]:
    """The message that the kernel handles on this thread, if it asks to execute a cell."""
    kernel: Any = getattr(ipython, "kernel", None)
    request = kernel.get_parent() if hasattr(kernel, "get_parent") else None
    if not isinstance(request, Mapping) or request.get("content", {}).get("silent", True):
        return {}
    return request


def _say(what: str, error: Exception) -> None:
    sys.stderr.write(f"trackside: {what}: {type(error).__name__}: {error}\n")
