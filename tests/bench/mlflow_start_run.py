# ruff: noqa: T201 - it prints its figures
"""What Trackside adds to MLflow's own ``start_run`` in a notebook, with Trackside installed against without.

    python tests/bench/mlflow_start_run.py

Two kernels with a database each take turns at a cell that starts and ends runs. In one of them Trackside is installed
and loads by itself; for the other it is not there. All that MLflow's call waits for is in the times: the notebook's
experiment, the tags, and what the thread in the background takes from the interpreter meanwhile. Runs are started
close together (each ends at once, the worst case for the thread), and one each half second, when nothing that was
looked up for the run before it is used again. Prints medians, and the time that nine of ten runs take longer than,
which a busy machine disturbs less.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

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


HEADING = f"{'without':>8} {'with':>8} {'added':>8}"
ROWS = {
    "start": "start_run",
    "both": "start_run and end_run",
    "own": "start_run, processor time",
    "all": "processor time of all threads",
}
Series = dict[str, list[float]]


def measure(kernels: dict[bool, MlflowKernel], rounds: int, runs: int, pause: float) -> dict[bool, Series]:
    """Both kernels in turns; which one is first changes from round to round."""
    series: dict[bool, Series] = {installed: {key: [] for key in ROWS} for installed in kernels}
    for number in range(rounds):
        for installed in (False, True) if number % 2 else (True, False):
            answer = kernels[installed].run(f"print(json.dumps(measure({runs}, {pause})))")
            for key, times in json.loads(answer.stdout).items():
                series[installed][key] += times
    return series


def report(title: str, series: dict[bool, Series]) -> float:
    """Print one measurement; the added time of ``start_run`` in percent."""
    print(f"\n{title}: milliseconds per run")
    print(f"{'':30} {'median':>25} {'quickest tenth':>25}")
    print(f"{'':30} {2 * HEADING}")
    for key, name in ROWS.items():
        figures = [compare(key, series, part) for part in (5, 1)]
        shown = (f"{without:8.2f} {found:8.2f} {added:+7.1f}%" for without, found, added in figures)
        print(f"{name:30} {''.join(shown)}")
    return compare("start", series, 5)[2]


def compare(key: str, series: dict[bool, Series], part: int) -> tuple[float, float, float]:
    """The time that a number of tenths of the runs stay below, without and with Trackside, and what is added."""
    without, found = (1000 * statistics.quantiles(series[which][key], n=10)[part - 1] for which in (False, True))
    return without, found, 100 * (found / without - 1)


def main() -> int:
    """Measure and print; the exit code says whether the goal was met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--runs", type=int, default=5, help="in each round of runs that are close together")
    options = parser.parse_args()
    with TemporaryDirectory() as folder, ExitStack() as stack:
        kernels = {}
        for installed in (False, True):
            home = Path(folder, "with" if installed else "without")
            home.mkdir()
            kernels[installed] = stack.enter_context(start_mlflow_kernel(home, dict(os.environ), installed=installed))
            answer = kernels[installed].run(PREPARE)
            if answer.status != "ok":
                print(answer.error)
                return 2
        close = report("runs close together", measure(kernels, options.rounds, options.runs, 0))
        apart = report("runs half a second apart", measure(kernels, options.rounds // 4, 2, 0.6))
    met = max(close, apart) < GOAL_PERCENT
    print(f"\ngoal: less than {GOAL_PERCENT:.0f} % added to start_run: {'met' if met else 'not met'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
