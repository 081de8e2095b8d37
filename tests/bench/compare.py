# ruff: noqa: T201 - it prints a table
"""How long a comparison of many runs takes in Python, how much memory, and how large it is in the notebook.

    python tests/bench/compare.py --runs 1000 10000 100000

Databases of runs with 20 params, 20 metrics and 10 tags each, as ``search.py`` makes them; each is compared in a
process of its own. *made* is from the call until it returns, *shown* until the notebook has all forms of it that it
keeps, *sent* is what a front end that asks for all runs gets. Memory is what the process has more at its highest than
before the call.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.search import fill

import trackside
from trackside.stores.creation import make_database
from trackside.widgets.bridge import answer
from trackside.widgets.compare_requests import CompareRequests
from trackside.widgets.compare_saved import MIME

COLUMNS = ("runs", "made s", "shown s", "sent s", "sent MB", "memory MB", "in the notebook kB", "picture kB")


def main() -> None:
    """Measure each size, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--database", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.database is not None:
        print(json.dumps(measure(arguments.database)))
        return
    print("  ".join(COLUMNS))
    with tempfile.TemporaryDirectory() as folder:
        for count in arguments.runs:
            database = Path(folder) / f"{count}.db"
            make_database(database)
            fill(database, count)
            command = [sys.executable, __file__, "--database", str(database)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            figures = zip(COLUMNS, json.loads(done.stdout), strict=True)
            print("  ".join(f"{figure:>{len(name)},.4g}" for name, figure in figures))


def measure(database: Path) -> list[float]:
    """The figures of one database, in the order of ``COLUMNS``."""
    trackside.set_tracking_uri(f"sqlite:///{database}")
    before, began = memory(), time.perf_counter()
    comparison = trackside.compare(experiments="Default")
    made = time.perf_counter() - began
    bundle = comparison._repr_mimebundle_()
    shown = time.perf_counter() - began
    began = time.perf_counter()
    message = answer({"id": "p:1", "kind": "compare.read", "data": {}}, CompareRequests(comparison).handlers)
    sent = time.perf_counter() - began
    size = len(json.dumps(message.content)) + sum(map(len, message.buffers))
    kept, picture = len(json.dumps(bundle[MIME])), len(bundle["image/svg+xml"])
    return [len(comparison), made, shown, sent, size / 1e6, memory() - before, kept / 1e3, picture / 1e3]


def memory() -> float:
    """The most that this process has had so far, in MB; Linux says it."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
