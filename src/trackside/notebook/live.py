"""The notebook as connected front ends have it now, unsaved edits included."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trackside.errors import InvalidValueError
from trackside.notebook.content import Cell, Content, Origin, join_source

WAIT_S = 0.5
"""The longest that anyone waits for a front end to send the cell that runs."""


@dataclass(frozen=True, slots=True, eq=False)
class LiveNotebook:
    """What one front end told of its notebook.

    Attributes:
        path: Path from the server's root, with ``/``.
        notebook_id: The notebook's own id, or None where it has none yet.
        cells: The cells by their id; ``order`` has the ids in notebook order.
    """

    path: str
    notebook_id: str | None
    metadata: Mapping[str, Any]
    order: tuple[str, ...]
    cells: Mapping[str, Cell]

    def content(self) -> Content:
        """The notebook's cells in order; an id whose cell never arrived is left out."""
        cells = [{**self.cells[cell_id], "id": cell_id} for cell_id in self.order if cell_id in self.cells]
        return Content(Origin.FRONT_END, cells, self.metadata)


def merge(known: LiveNotebook | None, message: Mapping[str, Any]) -> LiveNotebook:
    """The notebook after a ``notebook.sync`` message, which carries only the cells that changed.

    Raises:
        InvalidValueError: The message is not as ``js/src/lab/protocol.ts`` describes it.
    """
    changed = {cell_id: _cell(cell) for cell_id, cell in _typed(message, "cells", dict).items()}
    cells = {**(known.cells if known else {}), **changed}
    order = _texts(message, "order")
    return LiveNotebook(
        path=_typed(message, "path", str),
        notebook_id=_typed(message, "notebook_id", str) if message.get("notebook_id") else None,
        metadata=_typed(message, "metadata", dict),
        order=order,
        cells={cell_id: cells[cell_id] for cell_id in order if cell_id in cells},
    )


def _typed(message: Mapping[str, Any], key: str, kind: type) -> Any:
    value = message.get(key)
    if not isinstance(value, kind):
        raise InvalidValueError(f"notebook.sync has no valid {key!r}: {value!r:.80}")
    return value


def _texts(message: Mapping[str, Any], key: str) -> tuple[str, ...]:
    values = _typed(message, key, list)
    if not all(isinstance(value, str) for value in values):
        raise InvalidValueError(f"notebook.sync has no valid {key!r}: {values!r:.80}")
    return tuple(values)


def _cell(cell: Mapping[str, Any]) -> Cell:
    try:
        source = join_source(cell["source"])
        return {"cell_type": cell["cell_type"], "source": source, "metadata": dict(cell["metadata"])}
    except (TypeError, KeyError, ValueError) as error:
        raise InvalidValueError(f"notebook.sync has an invalid cell: {cell!r:.80}") from error


class FrontEnds:
    """The front ends that are connected to this kernel, and what they still owe. Safe to use from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._notebooks: dict[str, LiveNotebook] = {}
        self._active: str | None = None
        self._announced: Counter[str] = Counter()
        self._missed = False

    def sync(self, message: Mapping[str, Any], host: str) -> LiveNotebook:
        """Takes in a ``notebook.sync`` message and wakes who waits for it."""
        notebook = merge(self._notebooks.get(host), message)
        scheduled = _texts(message, "scheduled")
        with self._changed:
            self._notebooks[host] = notebook
            self._announced.update(scheduled)
            self._missed = False
            if scheduled or self._active not in self._notebooks:
                self._active = host
            self._changed.notify_all()
        return notebook

    def close(self, host: str) -> None:
        """Forgets a front end that went away."""
        with self._changed:
            self._notebooks.pop(host, None)
            if self._active not in self._notebooks:
                self._active = next(iter(self._notebooks), None)
            self._changed.notify_all()

    def find(self, cell_id: str | None) -> LiveNotebook | None:
        """The notebook that has the cell, else the one whose cells ran last; None where no front end is connected."""
        with self._changed:
            notebooks = dict(self._notebooks)
            active = notebooks.get(self._active) if self._active is not None else None
        if active is None or cell_id is None or cell_id in active.cells:
            return active
        return next((notebook for notebook in notebooks.values() if cell_id in notebook.cells), active)

    def cell_ended(self, cell_id: str | None, *, failed: bool) -> None:
        """Settles the announcement of a cell; after a failure the queue is dropped, and so are its announcements."""
        with self._changed:
            if failed:
                self._announced.clear()
            elif cell_id is not None and self._announced[cell_id] > 1:
                self._announced[cell_id] -= 1
            elif cell_id is not None:
                del self._announced[cell_id]

    def wait_for(self, cell_id: str) -> None:
        """Waits until the running cell's message is in, at most 0.5 s, and not again after a wait in vain."""
        with self._changed:
            if self._missed:
                return
            arrived = self._changed.wait_for(lambda: not self._notebooks or self._announced[cell_id] > 0, WAIT_S)
            self._missed = not arrived

    def replace_locks(self) -> None:
        """Makes new locks, in a child process whose parent's other threads may have held the old ones."""
        self._changed = threading.Condition()
