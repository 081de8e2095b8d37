# ruff: noqa: T201 - it prints its figures
"""How long it takes to list what is installed, against the usual ways, in one run on this environment.

    python tests/bench/environment_capture.py

Each way runs in turns. ``importlib.metadata`` and Trackside run in this process with a warm disk cache; ``pip freeze``
is a program of its own, as it has to be.
"""

from __future__ import annotations

import importlib.metadata
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path


def trackside_list() -> int:
    """Names, versions and origins as Trackside reads them."""
    from trackside.notebook import distributions

    return len(distributions.scan(distributions.find_sites()))


def trackside_capture() -> int:
    """The whole first capture: what is installed, the machine, both texts and the hash."""
    from trackside.notebook import environment, hardware

    hardware.describe.cache_clear()
    environment._start_anew()
    return len(environment.capture().record["distributions"])


def trackside_again() -> int:
    """A capture when nothing was installed since."""
    from trackside.notebook import environment

    return len(environment.capture().record["distributions"])


def importlib_list() -> int:
    """Names and versions with the standard library."""
    return len({found.metadata["Name"]: found.version for found in importlib.metadata.distributions()})


def pip_freeze() -> int:
    """The usual program, with all packages."""
    done = subprocess.run([sys.executable, "-m", "pip", "freeze", "--all"], capture_output=True, check=True)
    return len(done.stdout.splitlines())


WAYS: tuple[tuple[str, Callable[[], int], int], ...] = (
    ("trackside, list", trackside_list, 30),
    ("trackside, whole first capture", trackside_capture, 30),
    ("trackside, next capture", trackside_again, 30),
    ("importlib.metadata, list", importlib_list, 10),
    ("pip freeze --all", pip_freeze, 3),
)


def milliseconds(way: Callable[[], int]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    way()
    return (time.perf_counter() - start) * 1000


def main() -> None:
    """Prints the table of medians."""
    print(f"{'median, ms':34} {'time':>9} {'found':>6}")
    for name, way, times in WAYS:
        found = way()
        median = statistics.median(milliseconds(way) for _ in range(times))
        print(f"{name:34} {median:9.2f} {found:6}")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2] / "src"))
    main()
