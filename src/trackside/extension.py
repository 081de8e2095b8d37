"""Loads Trackside into IPython: the magics, and in a kernel the notebook session and the sidebar's comm.

In a terminal there is no notebook: there it is the magics, and the history that runs keep as their revision.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside import magics
from trackside.settings import FOLDER_FILE

if TYPE_CHECKING:
    from trackside.notebook.session import Execution

IPython = Any

COMM_TARGET = "trackside"
COMPARE_TARGET = "trackside.compare"

_lock = threading.Lock()
_loaded: IPython = None


def load(ipython: IPython) -> None:
    """Register everything with this IPython shell. Called again, it does nothing."""
    global _loaded
    with _lock:
        if _loaded is ipython:
            return
        _follow_folder()
        if _is_kernel(ipython):
            _watch_notebook(ipython)
            ipython.kernel.comm_manager.register_target(COMM_TARGET, _comm_opens)
            ipython.kernel.comm_manager.register_target(COMPARE_TARGET, _compare_opens)
        else:
            _watch_terminal(ipython)
        magics.register(ipython)
        _loaded = ipython


def unload(ipython: IPython) -> None:
    """Take back what ``load`` did. Runs that are active stay active."""
    global _loaded
    with _lock:
        if _loaded is not ipython:
            return
        magics.unregister(ipython)
        _stop_watching()
        if _is_kernel(ipython):
            ipython.kernel.comm_manager.unregister_target(COMM_TARGET, _comm_opens)
            ipython.kernel.comm_manager.unregister_target(COMPARE_TARGET, _compare_opens)
        _loaded = None


def _is_kernel(ipython: IPython) -> bool:
    return getattr(getattr(ipython, "kernel", None), "comm_manager", None) is not None


def _watch_notebook(ipython: IPython) -> None:
    from trackside.notebook import session

    session.start(ipython).on_cell_end(_cell_ends)


def _follow_folder() -> None:
    """Where the kernel starts in the folder of a clone, its runs go beside the original's; others import nothing."""
    if not os.path.lexists(FOLDER_FILE):
        return
    from trackside.tracking import folder_store

    folder_store.follow(Path.cwd())


def _watch_terminal(ipython: IPython) -> None:
    from trackside.notebook import session

    session.start_terminal(ipython)


def _stop_watching() -> None:
    from trackside.notebook import session

    current = session.watched()
    if current is not None:
        current.stop()


def _cell_ends(execution: Execution) -> None:
    """End the runs that a failed cell left active; before any run was started there is nothing loaded to ask."""
    runs = sys.modules.get("trackside.tracking.run")
    if runs is not None:
        runs.end_cell(execution)


def _comm_opens(comm: Any, message: Mapping[str, Any]) -> None:
    """Hand a labextension's comm to the sidebar's host, which is imported only now."""
    try:
        from trackside.widgets import host

        host.connect(comm, message)
    except Exception as error:  # noqa: BLE001 - the panel shows it
        comm.send({"kind": "panel.failed", "message": f"{type(error).__name__}: {error}", "hint": ""})


def _compare_opens(comm: Any, message: Mapping[str, Any]) -> None:
    """Hand the comm of a comparison to it; where nothing was compared yet there is none."""
    shown = sys.modules.get("trackside.widgets.compare_widget")
    if shown is None:
        comm.close()
    else:
        shown.connect(comm, message)
