# ruff: noqa: T201 - it prints a table
"""Bytes of the front end: of the widget, which travels packed, of its parts, and of the labextension.

    python tests/bench/bundle_size.py

The second column is what it would be with gzip; websockets and Jupyter's server do not compress. What the first paint
needs is the widget and the labextension; parts come when they are wanted.
"""

from __future__ import annotations

import gzip
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "src" / "trackside"
STATIC = PACKAGE / "widgets" / "static"


def main() -> None:
    """Print a line for each bundle, and one for the widget with all of its parts."""
    widget, parts = STATIC / "widget.js", sorted((STATIC / "parts").glob("*.js"))
    told = [show(path.name, [path]) for path in (widget, *parts)]
    print(f"{'widget and parts':20}{sum(told) / 1000:20.1f} kB gzip")
    show("labextension", sorted((PACKAGE / "labextension" / "static").glob("*.js")))


def show(name: str, paths: list[Path]) -> int:
    """Print one line; returns the bytes with gzip."""
    contents = [path.read_bytes() for path in paths]
    compressed = sum(len(gzip.compress(content, 9)) for content in contents)
    print(f"{name:20}{sum(map(len, contents)) / 1000:8.1f} kB{compressed / 1000:9.1f} kB gzip")
    return compressed


if __name__ == "__main__":
    main()
