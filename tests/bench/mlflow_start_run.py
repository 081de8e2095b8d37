# ruff: noqa: T201 - it prints its figures
"""What Trackside adds to MLflow's own ``start_run`` in a notebook, with Trackside installed against without.

    python tests/bench/mlflow_start_run.py

Two kernels with a database each take turns at a cell that starts and ends runs. In one of them Trackside is installed
and loads by itself; for the other it is not there. All that MLflow's call waits for is in the times: the notebook's
experiment, the tags, and what the thread in the background takes from the interpreter meanwhile. Runs are started
close together (each ends at once, the worst case for the thread), some time apart, and each in a cell of its own,
when nothing that was looked up for the run before it is used again. The cells of a pair run one right after the
other; what is added is the median of the differences within pairs.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.interop.mlflow_kernels import MlflowKernel, start_mlflow_kernel

GOAL_PERCENT = 5.0
PREPARE = """
import json, os, time, mlflow
def measure(runs, pause):
    found = {"start": [], "own": [], "both": []}
    processor = time.process_time()
    for _ in range(runs):
        time.sleep(pause)
        begun, worked = time.perf_counter(), time.thread_time()
        mlflow.start_run()
        found["start"].append(time.perf_counter() - begun)
        found["own"].append(time.thread_time() - worked)
        mlflow.end_run()
        found["both"].append(time.perf_counter() - begun)
    return {**found, "all": [(time.process_time() - processor) / runs]}
measure(3, 0)
"""
"""The first runs make the database and the experiment."""


ROWS = {
    "start": "start_run",
    "both": "start_run and end_run",
    "own": "start_run, processor time",
    "all": "processor time of all threads",
}
Series = dict[str, list[float]]


class Added(NamedTuple):
    """What Trackside adds, in milliseconds and in percent; ``low`` and ``high`` are 19 times of 20 around it."""

    without: float
    added: float
    low: float
    high: float

    @property
    def percent(self) -> tuple[float, float, float]:
        return tuple(100 * value / self.without for value in (self.added, self.low, self.high))  # type: ignore[return-value]


def measure(kernels: dict[bool, MlflowKernel], rounds: int, runs: int, pause: float) -> dict[bool, Series]:
    """Both kernels in turns, a cell each; which one is first changes from round to round. A median for each cell."""
    series: dict[bool, Series] = {installed: {key: [] for key in ROWS} for installed in kernels}
    for number in range(rounds):
        for installed in (False, True) if number % 2 else (True, False):
            answer = kernels[installed].run(f"print(json.dumps(measure({runs}, {pause})))")
            for key, times in json.loads(answer.stdout).items():
                series[installed][key].append(statistics.median(times))
    return series


def report(title: str, series: dict[bool, Series]) -> Added:
    """Print one measurement; what is added to ``start_run``."""
    print(f"\n{title}: milliseconds per run, medians of {len(series[True]['start'])} pairs of cells")
    print(f"{'':30} {'without':>9} {'added':>9} {'added':>8}   19 times of 20 between")
    for key, name in ROWS.items():
        found = compare(key, series)
        added, low, high = found.percent
        print(f"{name:30} {found.without:9.2f} {found.added:+9.2f} {added:+7.1f}%   {low:+.1f}% and {high:+.1f}%")
    return compare("start", series)


def compare(key: str, series: dict[bool, Series]) -> Added:
    """The median of the differences between cells that ran one after the other, so that slow spells cancel out."""
    pairs = zip(series[False][key], series[True][key], strict=True)
    differences = sorted(1000 * (found - without) for without, found in pairs)
    count, middle = len(differences), len(differences) // 2
    reach = min(middle, math.ceil(0.98 * math.sqrt(count)))
    low, high = differences[middle - reach], differences[min(count - 1, middle + reach)]
    return Added(1000 * statistics.median(series[False][key]), statistics.median(differences), low, high)


def make_repository(home: Path) -> None:
    """A folder in a git repository with a commit, as notebooks lie in one."""
    home.mkdir()
    identity = ("-c", "user.name=me", "-c", "user.email=me@example.org")
    for arguments in (("init", "--quiet"), (*identity, "commit", "--quiet", "--allow-empty", "--message", "first")):
        subprocess.run(["git", *arguments], cwd=home, check=True)


def main() -> int:
    """Measure and print; the exit code says whether the goal was met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=100, help="pairs of cells")
    options = parser.parse_args()
    with TemporaryDirectory() as folder, ExitStack() as stack:
        kernels = {}
        for installed in (False, True):
            home = Path(folder, "with" if installed else "without")
            make_repository(home)
            kernels[installed] = stack.enter_context(start_mlflow_kernel(home, dict(os.environ), installed=installed))
            answer = kernels[installed].run(PREPARE)
            if answer.status != "ok":
                print(answer.error)
                return 2
        close = report("runs close together, 5 a cell", measure(kernels, options.rounds, 5, 0))
        apart = report("runs 0.6 s apart, 3 a cell", measure(kernels, options.rounds // 2, 3, 0.6))
        first = report("runs 0.6 s apart, each in a cell of its own", measure(kernels, options.rounds, 1, 0.6))
    met = max(found.percent[0] for found in (close, apart, first)) < GOAL_PERCENT
    print(f"\ngoal: less than {GOAL_PERCENT:.0f} % added to start_run: {'met' if met else 'not met'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
