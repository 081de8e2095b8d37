"""The magics ``%track`` and ``%%track``."""

from __future__ import annotations

from typing import Any

from trackside.magics import cell
from trackside.magics.track import TrackMagics

IPython = Any

NAME = "track"


def register(ipython: IPython) -> None:
    """Add the magics to a shell."""
    ipython.register_magics(TrackMagics)
    ipython.input_transformers_cleanup.append(cell.transform)
    ipython.events.register("post_run_cell", cell.end_cell)


def unregister(ipython: IPython) -> None:
    """Remove the magics from a shell."""
    for kind in ("line", "cell"):
        ipython.magics_manager.magics[kind].pop(NAME, None)
    if cell.transform in ipython.input_transformers_cleanup:
        ipython.input_transformers_cleanup.remove(cell.transform)
    if cell.end_cell in ipython.events.callbacks["post_run_cell"]:
        ipython.events.unregister("post_run_cell", cell.end_cell)
