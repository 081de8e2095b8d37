# ruff: noqa: T201 - it prints a table
"""How long ``start_run`` and ``end_run`` hold up the user's thread, with the capture of notebook and environment on.

    python tests/bench/start_run.py [runs]

Each run is made in a kernel of a real notebook of 50 cells, in a git repository, that has imported 100 modules of its
own which the commit does not have; it logs one metric.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from jupyter_client.manager import start_new_kernel

CELL = """
import time, statistics, trackside, study
from trackside.tracking import session

def make_run():
    marks = [time.perf_counter()]
    trackside.start_run()
    marks.append(time.perf_counter())
    trackside.log_metric("loss", 0.5)
    marks.append(time.perf_counter())
    trackside.end_run()
    marks.append(time.perf_counter())
    return [(after - before) * 1000 for before, after in zip(marks, marks[1:])]

first, *others = [make_run() for _ in range({runs} + 1)]
for name, index in (("start_run", 0), ("log_metric", 1), ("end_run", 2)):
    times = sorted(run[index] for run in others)
    median, slow = statistics.median(times), times[int(len(times) * 0.95)]
    print(f"| {{name:10}} | {{first[index]:8.1f}} | {{times[0]:6.2f}} | {{median:9.2f}} | {{slow:10.2f}} |")
"""


def main(runs: int) -> None:
    """Print a table of milliseconds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        notebook = make_notebook(folder)
        environment = {**os.environ, "TRACKSIDE_NOTEBOOK": str(notebook), "IPYTHONDIR": str(folder / "ipython")}
        manager, client = start_new_kernel(cwd=name, env=environment)
        print("| ms         | first    | best   | median    | 95th       |\n|---|---|---|---|---|")
        client.execute_interactive("%load_ext trackside", timeout=60)
        client.execute_interactive(CELL.format(runs=runs), timeout=600)
        client.stop_channels()
        manager.shutdown_kernel()


def make_notebook(folder: Path) -> Path:
    """A notebook of 50 cells in a git repository, beside a package of 100 modules."""
    package = folder / "study"
    package.mkdir()
    for n in range(100):
        (package / f"part{n}.py").write_text(f"def part{n}(x):\n    return x + {n}\n" * 20)
    (package / "__init__.py").write_text("".join(f"from . import part{n}\n" for n in range(100)))
    cells = [
        {
            "cell_type": "code",
            "id": f"c{n}",
            "metadata": {},
            "source": f"x{n} = {n}\n" * 10,
            "outputs": [],
            "execution_count": None,
        }
        for n in range(50)
    ]
    notebook = folder / "train.ipynb"
    notebook.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}))
    for command in (
        ["init", "-q"],
        ["add", "train.ipynb"],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a"],
    ):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return notebook


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
