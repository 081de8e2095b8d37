"""Cells that stand still where a test wants them to, until the test lets them go on."""

from __future__ import annotations

from pathlib import Path

WAIT = """
def _wait_for(name):
    import pathlib, time
    while not pathlib.Path(name).exists():
        time.sleep(0.02)
"""


class Gate:
    """A file that a running cell waits for: write ``wait("name")`` in the cell, call ``open("name")`` in the test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @staticmethod
    def wait(name: str = "go") -> str:
        """The line that waits, for a cell in which `WAIT` was run or that begins with it."""
        return f"_wait_for({name!r})"

    def open(self, name: str = "go") -> None:
        """Let the cell go on."""
        (self._folder / name).touch()
