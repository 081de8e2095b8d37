"""Waits in a kernel that just started, at almost no cost, and loads Trackside when it is first needed.

That is when the first cell runs, or when the labextension opens its comm. Magics work from the first cell on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from trackside import settings

COMM_TARGET = "trackside"
CELL_MAGIC = "%%track"

IPython = Any


def prepare(ipython: IPython) -> None:
    """Arrange that Trackside is loaded when it is needed. Never raises; does nothing where it is disabled."""
    if ipython is None or settings.DISABLED.is_on():
        return
    try:
        _Waiting(ipython).start()
    except Exception as error:  # noqa: BLE001 - the kernel starts in any case
        _report(error)


class _Waiting:
    """Stands in for the extension until it is loaded."""

    def __init__(self, ipython: IPython) -> None:
        self._ipython = ipython
        self._comms: Any = getattr(getattr(ipython, "kernel", None), "comm_manager", None)
        self._is_over = False

    def start(self) -> None:
        self._ipython.events.register("pre_run_cell", self._cell_begins)
        self._ipython.input_transformers_cleanup.append(self._transform)
        if self._comms is not None:
            self._comms.register_target(COMM_TARGET, self._comm_opens)

    def _cell_begins(self, info: Any) -> None:
        """Load, and tell the hooks of the extension of this cell too, which they came too late for."""
        callbacks: list[Callable[[Any], None]] = self._ipython.events.callbacks["pre_run_cell"]
        before = list(callbacks)
        self._load()
        for callback in callbacks:
            if callback not in before:
                callback(info)

    def _transform(self, lines: list[str]) -> list[str]:
        """Load before a first cell that begins with ``%%track``, which needs the extension's own transformer."""
        if self._is_over or not lines or not lines[0].startswith(CELL_MAGIC):
            return lines
        self._load()
        for transform in self._ipython.input_transformers_cleanup:
            lines = transform(lines)
        return lines

    def _comm_opens(self, comm: Any, message: Mapping[str, Any]) -> None:
        self._load()
        target = self._comms.targets.get(COMM_TARGET)
        if target is not None and target != self._comm_opens:
            target(comm, message)

    def _load(self) -> None:
        if self._is_over:
            return
        self._is_over = True
        try:
            self._stop()
            from trackside import extension

            extension.load(self._ipython)
        except Exception as error:  # noqa: BLE001 - the user's cell runs in any case
            _report(error)

    def _stop(self) -> None:
        if self._cell_begins in self._ipython.events.callbacks["pre_run_cell"]:
            self._ipython.events.unregister("pre_run_cell", self._cell_begins)
        if self._transform in self._ipython.input_transformers_cleanup:
            self._ipython.input_transformers_cleanup.remove(self._transform)


def _report(error: Exception) -> None:
    sys.stderr.write(f"Trackside could not be loaded: {type(error).__name__}: {error}\n")
