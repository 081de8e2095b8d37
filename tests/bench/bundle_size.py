# ruff: noqa: T201 - it prints a table
"""Bytes of the front end: of the widget and its parts, which travel packed, and of the labextension.

    python tests/bench/bundle_size.py

The second column is what it is with gzip, as parts travel; websockets and Jupyter's server do not compress. What the
first paint needs is the widget and the labextension; parts come when they are wanted. The comparison is what a saved
notebook needs to draw one: charts, table, styles and Preact in one script, as other chart libraries are counted.
"""

from __future__ import annotations

import gzip
import subprocess
import tempfile
from pathlib import Path

JS = Path(__file__).parents[2] / "js"
PACKAGE = Path(__file__).parents[2] / "src" / "trackside"
STATIC = PACKAGE / "widgets" / "static"


def main() -> None:
    """Print a line for each bundle, and one for the widget with all of its parts."""
    widget, parts = STATIC / "widget.js", sorted((STATIC / "parts").glob("*.js.gz"))
    told = [show(path.name, [path]) for path in (widget, *parts)]
    print(f"{'widget and parts':20}{sum(told) / 1000:20.1f} kB gzip")
    show("labextension", sorted((PACKAGE / "labextension" / "static").glob("*.js")))
    with tempfile.TemporaryDirectory() as folder:
        show("comparison", build_comparison(Path(folder)))


WHEN_WANTED = ("*/panels/diff/part", "*/panels/layers", "*/strings/french")


def build_comparison(folder: Path) -> list[Path]:
    """Build the script and the style sheet that draw a comparison, without what comes when it is wanted."""
    entry = JS / "src" / "lab" / "comparison-drawing.ts"
    options = ["--bundle", "--minify", "--format=esm", "--jsx=automatic", "--jsx-import-source=preact"]
    left_out = [f"--external:{path}" for path in WHEN_WANTED]
    esbuild = JS / "node_modules" / ".bin" / "esbuild"
    subprocess.run([esbuild, entry, *options, *left_out, f"--outdir={folder}", "--log-level=error"], check=True, cwd=JS)
    return sorted(folder.iterdir())


def show(name: str, paths: list[Path]) -> int:
    """Print one line; returns the bytes with gzip."""
    contents = [gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes() for path in paths]
    compressed = sum(len(gzip.compress(content, 9)) for content in contents)
    print(f"{name:20}{sum(map(len, contents)) / 1000:8.1f} kB{compressed / 1000:9.1f} kB gzip")
    return compressed


if __name__ == "__main__":
    main()
