# ruff: noqa: T201 - it prints a table
"""Bytes of the widget's bundle, as they are on disk and as they travel when compressed.

    python tests/bench/bundle_size.py

Fails where the bundle has outgrown its goal.
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

STATIC = Path(__file__).parents[2] / "src" / "trackside" / "widgets" / "static"
GOAL_KB = 40


def main() -> int:
    total = 0
    for name in ("widget.js", "widget.css"):
        content = (STATIC / name).read_bytes()
        compressed = len(gzip.compress(content, 9))
        total += compressed
        print(f"{name:12}{len(content) / 1000:8.1f} kB{compressed / 1000:8.1f} kB gzip")
    print(f"{'together':23}{total / 1000:8.1f} kB gzip (goal: under {GOAL_KB} kB)")
    return int(total >= GOAL_KB * 1000)


if __name__ == "__main__":
    sys.exit(main())
