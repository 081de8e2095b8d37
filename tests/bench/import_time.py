# ruff: noqa: T201 - it prints a table
"""What ``import trackside`` costs beside ``import mlflow``: time and memory, each in fresh processes, taking turns.

python tests/bench/import_time.py [rounds]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from dataclasses import dataclass

PROGRAM = """
import time
start, cpu = time.perf_counter(), time.process_time()
{statement}
wall, cpu = time.perf_counter() - start, time.process_time() - cpu
import psutil, sys
print(wall * 1000, cpu * 1000, psutil.Process().memory_info().rss / 2**20)
"""
STATEMENTS = {
    "python alone": "pass",
    "import trackside": "import trackside",
    "and its first run is started": "import trackside; trackside.start_run",
    "import mlflow": "import mlflow",
}


@dataclass(frozen=True)
class Cost:
    """Milliseconds of the clock, milliseconds of the processor, MB of memory."""

    wall: float
    cpu: float
    memory: float


def measure(statement: str) -> Cost:
    """One fresh process."""
    program = PROGRAM.format(statement=statement)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    return Cost(*map(float, done.stdout.split()[-3:]))


def main(rounds: int) -> None:
    """Print a table of medians, and how many times faster Trackside is."""
    costs: dict[str, list[Cost]] = {name: [] for name in STATEMENTS}
    for number in range(rounds + 1):
        for name, statement in STATEMENTS.items():
            cost = measure(statement)
            if number:  # the first round compiles, and warms the disk's cache
                costs[name].append(cost)
    print(f"| {'':28} | wall ms | cpu ms | memory MB |\n|---|---|---|---|")
    for name, found in costs.items():
        wall, cpu, memory = (
            statistics.median(getattr(cost, key) for cost in found) for key in ("wall", "cpu", "memory")
        )
        print(f"| {name:28} | {wall:7.1f} | {cpu:6.1f} | {memory:9.1f} |")
    ours, theirs = (statistics.median(cost.cpu for cost in costs[f"import {name}"]) for name in ("trackside", "mlflow"))
    print(f"\nimport trackside takes 1/{theirs / ours:.0f} of the processor time of import mlflow")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
