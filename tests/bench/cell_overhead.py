# ruff: noqa: T201 - it prints its figures
"""What Trackside adds to executing an empty cell: medians with and without it, in turns, in one run.

    python tests/bench/cell_overhead.py

Prints the median for IPython's own shell with the notebook session, and for a kernel with the whole extension: inside
the kernel, and as a front end sees it, from the request to the reply.
An empty cell is one that does nothing, ``pass``: IPython itself skips cells without any text.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

CELL = "pass"
ROUNDS = 40
CELLS_A_ROUND = 50
GOAL_MS = 1.0

INSIDE = f"""import json, time
def measured():
    start = time.perf_counter()
    get_ipython().run_cell({CELL!r}, store_history=True)
    return time.perf_counter() - start
print(json.dumps([measured() for _ in range({CELLS_A_ROUND})]))"""

Switch = Callable[[bool], None]
Run = Callable[[], None]


def compare(run: Run, switch: Switch, cells: int) -> tuple[list[float], list[float]]:
    """Times in seconds without and with Trackside, in rounds that take turns."""
    times: dict[bool, list[float]] = {False: [], True: []}
    for number in range(2 * ROUNDS):
        with_trackside = number % 2 == 1
        switch(with_trackside)
        run()
        for _ in range(cells):
            start = time.perf_counter()
            run()
            times[with_trackside].append(time.perf_counter() - start)
    return times[False], times[True]


def measure_shell() -> tuple[list[float], list[float]]:
    """`InteractiveShell.run_cell` with the notebook session's hooks."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    from trackside.notebook import session

    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell(config=config)

    def switch(on: bool) -> None:
        current = session.current()
        if on:
            session.start(shell)
        elif current is not None:
            current.stop()

    return compare(lambda: shell.run_cell(CELL, store_history=True), switch, CELLS_A_ROUND)


class Kernel:
    """A kernel in which the whole extension, magics and comm included, can be loaded and unloaded."""

    def __init__(self, directory: str) -> None:
        from jupyter_client.manager import start_new_kernel

        environment = {**os.environ, "TRACKSIDE_DISABLED": "1"}
        self._manager, self._client = start_new_kernel(kernel_name="python3", cwd=directory, env=environment)
        self._printed: list[str] = []

    def execute(self, source: str, **options: Any) -> str:
        """Executes a cell and returns what it printed."""
        self._printed.clear()
        reply = self._client.execute_interactive(source, timeout=60, output_hook=self._take, **options)
        assert reply["content"]["status"] == "ok", reply["content"]
        return "".join(self._printed)

    def switch(self, on: bool) -> None:
        """Loads or unloads Trackside."""
        action = "load" if on else "unload"
        self.execute(f"from trackside import extension; extension.{action}(get_ipython())", silent=True)

    def measure_inside(self) -> tuple[list[float], list[float]]:
        """The kernel's own time for a cell, without messages: the kernel takes it."""
        times: dict[bool, list[float]] = {False: [], True: []}
        for number in range(ROUNDS):
            with_trackside = number % 2 == 1
            self.switch(with_trackside)
            times[with_trackside] += json.loads(self.execute(INSIDE))
        return times[False], times[True]

    def measure_round_trip(self) -> tuple[list[float], list[float]]:
        """From the request to the reply, as a front end sees it; on a busy machine mostly noise."""
        return compare(lambda: self.execute(CELL), self.switch, CELLS_A_ROUND // 5)

    def stop(self) -> None:
        """Ends the kernel."""
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def _take(self, message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream" and message["content"]["name"] == "stdout":
            self._printed.append(message["content"]["text"])


def report(name: str, without: list[float], with_trackside: list[float]) -> float:
    """Prints both medians in milliseconds and returns their difference."""
    before, after = (statistics.median(times) * 1000 for times in (without, with_trackside))
    print(f"{name:34} {before:8.3f} {after:8.3f} {after - before:+9.3f}   {len(without)} cells each")
    return after - before


def main() -> int:
    """Prints the table; fails where the goal is missed."""
    print(f"{'median of an empty cell, ms':34} {'without':>8} {'with':>8} {'added':>9}")
    with TemporaryDirectory() as directory:
        os.environ["IPYTHONDIR"] = directory
        added = [report("IPython shell", *measure_shell())]
        kernel = Kernel(directory)
        try:
            added.append(report("ipykernel, inside", *kernel.measure_inside()))
            report("ipykernel, round trip", *kernel.measure_round_trip())
        finally:
            kernel.stop()
    print(f"goal: less than {GOAL_MS} ms added inside")
    return int(max(added) >= GOAL_MS)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2] / "src"))
    sys.exit(main())
